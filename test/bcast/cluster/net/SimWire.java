package bcast.cluster.net;

import bcast.cluster.gossip.link.Message;
import bcast.cluster.net.secret.ProtocolException;
import bcast.data.Data;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What the simulator must know of real frames. */
public final class SimWire {

    /** Most bytes of records that wait on a link. */
    public static final int MAX_DATA_BYTES = Outgoing.MAX_DATA_BYTES;

    /** What a backlog that is dropped is known by. */
    public static Optional<Data> firstNews(Collection<Message> backlog) {
        return Outgoing.firstUnrequested(backlog);
    }

    /** With so little waiting there is room for more. */
    public static final int DRAINED_BYTES = Outgoing.DRAINED_BYTES;

    /** One for all links, since each message arrives whole before the next. */
    private final Incoming incoming = new Incoming();
    private final ByteBuffer piece =
            ByteBuffer.allocate(Wire.MAX_FRAME_BYTES + Wire.HEADER_BYTES);

    public SimWire() {
        incoming.buffer().flip();
        incoming.greeted();
        incoming.buffer().clear();
    }

    public static boolean control(Message message) {
        return Wire.control(message);
    }

    public static int size(Message message) {
        return Wire.size(message);
    }

    /** Bytes of a message if it is sent to compare stores and is no record, else 0. */
    public static int syncBytes(Message message) {
        return Wire.syncBytes(message);
    }

    /** A message as it travels. */
    public static byte[] bytes(Message message) {
        Outgoing outgoing = new Outgoing(RawLink.NOWHERE, 0);
        outgoing.add(message, 0);
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        ByteBuffer piece = ByteBuffer.allocate(Wire.MAX_FRAME_BYTES + Wire.HEADER_BYTES);
        while (!outgoing.isEmpty()) {
            outgoing.fill(piece.clear());
            frames.write(piece.array(), 0, piece.position());
        }
        return frames.toByteArray();
    }

    /** Bytes that a message takes on a real wire. */
    public int encoded(Message message) {
        Outgoing outgoing = new Outgoing(RawLink.NOWHERE, 0);
        outgoing.add(message, 0);
        int bytes = 0;
        while (!outgoing.isEmpty()) {
            outgoing.fill(piece.clear());
            bytes += piece.position();
        }
        return bytes;
    }

    /** The message as it comes out of the other end of a real wire. */
    public Message travel(Message message) {
        Outgoing outgoing = new Outgoing(RawLink.NOWHERE, 0);
        outgoing.add(message, 0);
        while (true) {
            outgoing.fill(piece.clear());
            incoming.buffer().put(piece.flip());
            try {
                List<Message> messages = incoming.drain();
                if (!messages.isEmpty()) {
                    return messages.get(0);
                }
            } catch (ProtocolException e) {
                throw new AssertionError("a frame of ours is broken: " + message.getClass(), e);
            }
        }
    }
}
