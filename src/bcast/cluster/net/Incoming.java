package bcast.cluster.net;

import bcast.cluster.gossip.link.LinkCodec;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.spread.PushHead;
import bcast.cluster.net.secret.ProtocolException;
import bcast.cluster.net.secret.Transport;
import bcast.data.Data;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Turns the bytes of one link into messages. Every length is checked before anything is made. */
final class Incoming {

    /** Longest frame before the greeting: all that an unknown node can make this node hold. */
    static final int MAX_GREETING_BYTES = 2 * 1024;

    /** First allocation for a larger record; it grows as the record arrives. */
    private static final int FIRST_RECORD_BYTES = 64 * 1024;

    private ByteBuffer buffer = ByteBuffer.allocate(MAX_GREETING_BYTES + Wire.HEADER_BYTES);
    private PushHead head;
    private long timestamp;
    private byte[] record;
    private int recordLength;
    private boolean greeted;

    /** Where the socket writes what it reads; call {@link #drain} afterwards. */
    ByteBuffer buffer() {
        return buffer;
    }

    /** The other side greeted: its frames may be of any type and length. */
    void greeted() {
        if (!greeted) {
            greeted = true;
            buffer = ByteBuffer.allocate(Wire.MAX_FRAME_BYTES + Wire.HEADER_BYTES)
                    .put(buffer).flip();
        }
    }

    boolean hasGreeted() {
        return greeted;
    }

    /** Memory for a record that has not come whole. */
    int unfinishedBytes() {
        return record == null ? 0 : record.length;
    }

    /** Takes all whole messages out of the buffer. */
    List<Message> drain() throws ProtocolException {
        List<Message> messages = new ArrayList<>();
        buffer.flip();
        while (buffer.remaining() >= Wire.HEADER_BYTES) {
            int length = buffer.getInt(buffer.position());
            if (length < 1 || length > (greeted ? Wire.MAX_FRAME_BYTES : MAX_GREETING_BYTES)) {
                throw new ProtocolException("frame of " + Integer.toUnsignedString(length)
                        + " bytes" + (greeted ? "" : ", so it is probably not a node"));
            }
            if (buffer.remaining() < 4 + length) {
                break;
            }
            Optional<Message> message = frame(length);
            message.ifPresent(messages::add);
            if (message.isPresent() && message.get() instanceof LinkMessage.Hello) {
                greeted();
            }
        }
        buffer.compact();
        return messages;
    }

    private Optional<Message> frame(int length) throws ProtocolException {
        byte type = buffer.get(buffer.position() + 4);
        ByteBuffer body = buffer.slice(buffer.position() + Wire.HEADER_BYTES, length - 1);
        buffer.position(buffer.position() + 4 + length);
        if (!greeted && type == Transport.HANDSHAKE) {
            throw new ProtocolException("its links need a secret, and this node has none;"
                    + " see -secretfile");
        }
        if (!greeted && type != LinkCodec.HELLO && type != LinkCodec.REFUSE) {
            throw new ProtocolException("frame of type " + type + " before the greeting");
        }
        if (type == PushHead.TYPE) {
            if (head != null) {
                throw new ProtocolException("record inside a record");
            }
            head = Wire.decodeHead(body);
            timestamp = body.getLong();
            record = new byte[Math.min(bodyBytes(), FIRST_RECORD_BYTES)];
            recordLength = 0;
            return more(body);
        }
        if (type == Wire.MORE) {
            if (head == null) {
                throw new ProtocolException("part of no record");
            }
            return more(body);
        }
        return Wire.decode(type, body);
    }

    /** Bytes of the record that is arriving, its timestamp left out. */
    private int bodyBytes() {
        return head.length() - Long.BYTES;
    }

    private Optional<Message> more(ByteBuffer body) throws ProtocolException {
        int part = body.remaining();
        if (part > bodyBytes() - recordLength) {
            throw new ProtocolException("record longer than announced");
        }
        if (recordLength + part > record.length) {
            int doubled = Math.max(2 * record.length, recordLength + part);
            record = Arrays.copyOf(record, Math.min(bodyBytes(), doubled));
        }
        body.get(record, recordLength, part);
        recordLength += part;
        if (recordLength < bodyBytes()) {
            return Optional.empty();
        }
        try {
            Message push = head.with(Data.fromWire(timestamp, record));
            head = null;
            record = null;
            return Optional.of(push);
        } catch (IllegalArgumentException e) {
            throw new ProtocolException(e.getMessage());
        }
    }
}
