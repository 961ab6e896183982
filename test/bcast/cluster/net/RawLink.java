package bcast.cluster.net;

import bcast.cluster.gossip.link.Message;
import bcast.cluster.net.secret.ProtocolException;
import bcast.cluster.net.secret.Transport;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** The codec of one end of a link, for bytes that no node of ours would send. */
public final class RawLink {

    /** Length field and type of a frame. */
    public static final int HEADER_BYTES = Wire.HEADER_BYTES;

    /** For frames that a test takes from the queue itself. */
    static final Transport NOWHERE = new Transport() {
        @Override
        public boolean read(ByteBuffer to) {
            return false;
        }

        @Override
        public boolean write(ByteBuffer from) {
            return false;
        }
    };

    private final Incoming incoming = new Incoming();

    /**
     * Takes bytes as a socket would bring them, in pieces of a size.
     *
     * @param to gets each message, or null after a piece that brought none
     */
    public void take(byte[] bytes, int size, Consumer<Message> to) throws ProtocolException {
        for (int at = 0; at < bytes.length; ) {
            int room = incoming.buffer().remaining();
            if (room == 0) {
                throw new AssertionError("the codec is stuck: it has no room to read on");
            }
            int length = Math.min(Math.min(size, bytes.length - at), room);
            incoming.buffer().put(bytes, at, length);
            at += length;
            var messages = incoming.drain();
            if (messages.isEmpty()) {
                to.accept(null);
            }
            messages.forEach(to);
        }
    }

    /** Memory taken by a record that has not come whole. */
    public int unfinishedBytes() {
        return incoming.unfinishedBytes();
    }

    /** Writes messages as nodes do. Belongs to one thread. */
    public static final class Writer {
        private final ByteBuffer piece =
                ByteBuffer.allocate(Wire.MAX_FRAME_BYTES + Wire.HEADER_BYTES);

        /** A message as it travels. */
        public byte[] bytes(Message message) {
            Outgoing outgoing = new Outgoing(NOWHERE, 0);
            outgoing.add(message, 0);
            ByteArrayOutputStream frames = new ByteArrayOutputStream(256);
            while (!outgoing.isEmpty()) {
                outgoing.fill(piece.clear());
                if (piece.position() == 0) {
                    throw new AssertionError("does not fit a frame: " + message.getClass());
                }
                frames.write(piece.array(), 0, piece.position());
            }
            return frames.toByteArray();
        }
    }
}
