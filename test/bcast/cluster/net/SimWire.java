package bcast.cluster.net;

import bcast.cluster.gossip.Message;
import java.nio.ByteBuffer;
import java.util.List;

/** What the simulator must know of real frames. */
public final class SimWire {

    /** Most bytes of records that wait on a link. */
    public static final int MAX_DATA_BYTES = Outgoing.MAX_DATA_BYTES;

    /** One for all, since each message arrives whole before the next; one simulation a process. */
    private static final Incoming INCOMING = new Incoming();
    private static final ByteBuffer PIECE =
            ByteBuffer.allocate(Wire.MAX_FRAME_BYTES + Wire.HEADER_BYTES);

    static {
        INCOMING.buffer().flip();
        INCOMING.greeted();
        INCOMING.buffer().clear();
    }

    private SimWire() {}

    public static boolean control(Message message) {
        return Wire.control(message);
    }

    public static int size(Message message) {
        return Wire.size(message);
    }

    /** Bytes that a message takes on a real wire. */
    public static int encoded(Message message) {
        Outgoing outgoing = new Outgoing();
        outgoing.add(message);
        int bytes = 0;
        while (!outgoing.isEmpty()) {
            outgoing.fill(PIECE.clear());
            bytes += PIECE.position();
        }
        return bytes;
    }

    /** The message as it comes out of the other end of a real wire. */
    public static Message travel(Message message) {
        Outgoing outgoing = new Outgoing();
        outgoing.add(message);
        while (true) {
            outgoing.fill(PIECE.clear());
            INCOMING.buffer().put(PIECE.flip());
            try {
                List<Message> messages = INCOMING.drain();
                if (!messages.isEmpty()) {
                    return messages.get(0);
                }
            } catch (ProtocolException e) {
                throw new AssertionError("a frame of ours is broken: " + message.getClass(), e);
            }
        }
    }
}
