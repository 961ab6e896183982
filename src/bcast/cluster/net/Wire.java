package bcast.cluster.net;

import bcast.cluster.gossip.link.Codec;
import bcast.cluster.gossip.link.LinkCodec;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.overlay.OverlayCodec;
import bcast.cluster.gossip.repair.RepairCodec;
import bcast.cluster.gossip.repair.RepairMessage;
import bcast.cluster.gossip.spread.PushHead;
import bcast.cluster.gossip.spread.SpreadCodec;
import bcast.cluster.gossip.spread.SpreadMessage.Push;
import bcast.cluster.net.secret.ProtocolException;
import bcast.cluster.net.secret.Transport;
import bcast.data.Data;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Messages as frames: {@code u32 length | u8 type | body}, big-endian, the length counting type
 * and body. What a body holds is known to the {@link Codec} of its type. Records that do not fit
 * one frame go on in frames of type {@link #MORE}.
 */
final class Wire {

    /** Longest frame less its length field: type and body. */
    static final int MAX_FRAME_BYTES = 64 * 1024;

    /** Length field and type. */
    static final int HEADER_BYTES = 5;

    /** The next part of a record, after the first frame with its {@link PushHead}. */
    static final byte MORE = 7;

    private static final Codec<?>[] BY_TYPE = new Codec<?>[Byte.MAX_VALUE + 1];
    private static final Map<Class<?>, Codec<?>> BY_MESSAGE = new HashMap<>();

    static {
        for (List<? extends Codec<?>> family : List.of(LinkCodec.ROWS, OverlayCodec.ROWS,
                SpreadCodec.ROWS, RepairCodec.ROWS)) {
            for (Codec<?> row : family) {
                if (BY_TYPE[row.type()] != null || row.type() == PushHead.TYPE
                        || row.type() == MORE || row.type() == Transport.HANDSHAKE) {
                    throw new IllegalStateException("two messages have type " + row.type());
                }
                BY_TYPE[row.type()] = row;
                BY_MESSAGE.put(row.message(), row);
            }
        }
    }

    private Wire() {}

    @SuppressWarnings("unchecked")
    private static <M extends Message> Codec<M> codec(M message) {
        return (Codec<M>) BY_MESSAGE.get(message.getClass());
    }

    /** Whether a message may overtake records waiting on the same link. */
    static boolean control(Message message) {
        return !(message instanceof Push) && codec(message).overtakes();
    }

    /** Bytes of a message if it is sent to compare stores and is no record, else 0. */
    static int syncBytes(Message message) {
        return message instanceof RepairMessage ? size(message) : 0;
    }

    /** Most bytes that a message takes on the wire; further frames of a large record add a few. */
    static int size(Message message) {
        return HEADER_BYTES + (message instanceof Push push
                ? PushHead.BYTES + push.data().wireLength()
                : codec(message).size().applyAsInt(message));
    }

    /** Writes a message other than a record into a buffer that has room for its {@link #size}. */
    static void encode(Message message, ByteBuffer frame) {
        int start = frame.position();
        Codec<Message> codec = codec(message);
        frame.position(start + Integer.BYTES).put(codec.type());
        codec.write().accept(frame, message);
        frame.putInt(start, frame.position() - start - Integer.BYTES);
    }

    static ByteBuffer frame(Message message) {
        ByteBuffer frame = ByteBuffer.allocate(size(message));
        encode(message, frame);
        return frame.flip();
    }

    /** Writes the first frame of a record. Returns the record's bytes written. */
    static int encodeFirst(Push push, ByteBuffer to) {
        int part = Math.min(push.data().wireLength(), MAX_FRAME_BYTES - 1 - PushHead.BYTES);
        to.putInt(1 + PushHead.BYTES + part).put(PushHead.TYPE);
        PushHead.of(push).write(to);
        part(push.data(), 0, part, to);
        return part;
    }

    /** Writes the next frame of a record. Returns the record's bytes written. */
    static int encodeMore(Data data, int from, ByteBuffer to) {
        int part = Math.min(data.wireLength() - from, MAX_FRAME_BYTES - 1);
        to.putInt(1 + part).put(MORE);
        part(data, from, part, to);
        return part;
    }

    private static void part(Data data, int from, int length, ByteBuffer to) {
        int limit = to.limit();
        to.limit(to.position() + length);
        data.toWire(from, to);
        to.limit(limit);
    }

    /** Reads a message other than a record; empty for types of newer versions. */
    static Optional<Message> decode(byte type, ByteBuffer body) throws ProtocolException {
        Codec<?> codec = type < 0 ? null : BY_TYPE[type];
        if (codec == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(codec.read().apply(body));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new ProtocolException("broken frame of type " + type + ": " + e.getMessage());
        }
    }

    static PushHead decodeHead(ByteBuffer body) throws ProtocolException {
        if (body.remaining() < PushHead.BYTES + Long.BYTES) {
            throw new ProtocolException("broken frame of type " + PushHead.TYPE);
        }
        try {
            return PushHead.read(body);
        } catch (IllegalArgumentException e) {
            throw new ProtocolException(e.getMessage());
        }
    }
}
