package bcast.cluster.net;

import bcast.cluster.gossip.link.Message;
import bcast.cluster.net.secret.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What waits to be sent on one link, and whether the peer takes it. Messages become bytes in a
 * buffer of one frame when the socket has room for them. Owned by the link.
 */
final class LinkOutput {

    /** A peer that takes nothing for this long is stalled; what waits may have expired by then. */
    static final long STALLED_MS = 30_000;

    /** A link is drained when no more than this waits: another batch of records fits. */
    static final int DRAINED_BYTES = 256 * 1024;

    private static final int FIRST_BUFFER_BYTES = 2 * 1024;
    private static final int BUFFER_BYTES = Wire.MAX_FRAME_BYTES + Wire.HEADER_BYTES;

    private final Transport transport;
    private final Outgoing queue = new Outgoing();
    /** Small until there is more to send than a greeting. */
    private ByteBuffer buffer = ByteBuffer.allocate(FIRST_BUFFER_BYTES).flip();
    private boolean notifyWhenDrained;
    /** When the peer last took something, or something began to wait. */
    private long progressMs;

    LinkOutput(Transport transport) {
        this.transport = transport;
    }

    /**
     * Queues a message.
     *
     * @return what was dropped, if the queue of records was full
     * @throws IOException if the queue of control messages is full
     */
    Optional<Outgoing.Dropped> add(Message message, long nowMs) throws IOException {
        if (isEmpty()) {
            progressMs = nowMs;
        }
        Optional<Outgoing.Dropped> dropped = queue.add(message);
        if (queue.stuck()) {
            throw new IOException("the peer does not read");
        }
        return dropped;
    }

    /** Drops what is queued, except control messages. Returns what it was, if anything. */
    Optional<Outgoing.Dropped> drop() {
        return queue.drop();
    }

    /** Sends what is queued, as far as the socket takes it. */
    void flush(long nowMs) throws IOException {
        boolean room = true;
        while (room) {
            if (!buffer.hasRemaining()) {
                fillBuffer();
            }
            if (!buffer.hasRemaining() && !transport.waiting()) {
                return;
            }
            int before = buffer.remaining();
            room = transport.write(buffer);
            if (buffer.remaining() < before) {
                progressMs = nowMs;
            }
        }
    }

    private void fillBuffer() {
        if (queue.bytes() > buffer.capacity() && buffer.capacity() < BUFFER_BYTES) {
            buffer = ByteBuffer.allocate(BUFFER_BYTES);
        }
        buffer.clear();
        queue.fill(buffer);
        buffer.flip();
    }

    boolean isEmpty() {
        return !buffer.hasRemaining() && queue.isEmpty() && !transport.waiting();
    }

    boolean stalled(long nowMs) {
        return !isEmpty() && nowMs - progressMs >= STALLED_MS;
    }

    /** Lets {@link #takeDrained} return true once. */
    void notifyWhenDrained() {
        notifyWhenDrained = true;
    }

    /** Whether the link is drained and that was asked for; true once for each time. */
    boolean takeDrained() {
        boolean drained = notifyWhenDrained && waitingBytes() <= DRAINED_BYTES;
        notifyWhenDrained &= !drained;
        return drained;
    }

    /** Memory of what is queued, without the records themselves, which the store holds. */
    int queuedBytes() {
        return queue.ownBytes();
    }

    /** Bytes that wait to be sent. */
    int waitingBytes() {
        return queue.bytes() + buffer.remaining();
    }
}
