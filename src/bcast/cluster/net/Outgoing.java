package bcast.cluster.net;

import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.cluster.net.secret.Transport;
import bcast.data.Data;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Optional;

/**
 * What waits to be sent on one link, and whether the peer takes it: control before records, both
 * bounded. Messages wait as objects and become bytes in a buffer of one frame when the socket has
 * room for them.
 */
final class Outgoing {

    /**
     * Most bytes of records that wait; beyond it all of them are dropped, and read from the store
     * when the peer has taken what is on its way.
     */
    static final int MAX_DATA_BYTES = 8 * 1024 * 1024;

    /** Memory of a record that waits, in addition to its bytes, which the store holds anyway. */
    static final int WAITING_BYTES = 96;

    /** Most bytes of control that wait; only a peer that does not read lets it come to this. */
    static final int MAX_CONTROL_BYTES = 1024 * 1024;

    /** A peer that takes nothing for this long is stalled; what waits may have expired by then. */
    static final long STALLED_MS = 30_000;

    /** A link is drained when no more than this waits: another batch of records fits. */
    static final int DRAINED_BYTES = 256 * 1024;

    /** Enough for a greeting; a link that gets no further takes no more. */
    private static final int FIRST_BUFFER_BYTES = 2 * 1024;
    private static final int BUFFER_BYTES = Wire.MAX_FRAME_BYTES + Wire.HEADER_BYTES;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    /**
     * A backlog that was dropped.
     *
     * @param records whether there were records in it
     * @param firstUnrequested the first record in it that the peer had not requested
     */
    record Dropped(boolean records, Optional<Data> firstUnrequested) {}

    private final Transport transport;
    private final Deque<Message> control = new ArrayDeque<>();
    private final Deque<Message> data = new ArrayDeque<>();
    private int controlBytes;
    private int dataBytes;
    /** Memory of {@link #data}, without the records themselves. */
    private int ownDataBytes;
    private SpreadMessage.Push unfinished;
    private int unfinishedSent;
    private ByteBuffer buffer = NONE;
    private boolean notifyWhenDrained;
    /** When the peer last took something, or something began to wait. */
    private long progressMs;

    /** A transport may have something to send from the beginning. */
    Outgoing(Transport transport, long nowMs) {
        this.transport = transport;
        this.progressMs = nowMs;
    }

    /** Queues a message. Returns what had to be dropped, if the queue of records was full. */
    Optional<Dropped> add(Message message, long nowMs) {
        if (isEmpty()) {
            progressMs = nowMs;
        }
        if (Wire.control(message)) {
            control.add(message);
            controlBytes += Wire.size(message);
            return Optional.empty();
        }
        data.add(message);
        count(message, 1);
        return dataBytes <= MAX_DATA_BYTES ? Optional.empty() : drop();
    }

    private void count(Message message, int sign) {
        int size = Wire.size(message);
        dataBytes += sign * size;
        ownDataBytes += sign * (message instanceof SpreadMessage.Push ? WAITING_BYTES : size);
    }

    /** Drops all but control. Returns what it was, if anything. */
    Optional<Dropped> drop() {
        Optional<Dropped> dropped = data.isEmpty() ? Optional.empty()
                : Optional.of(new Dropped(data.stream().anyMatch(
                        SpreadMessage.Push.class::isInstance), firstUnrequested(data)));
        data.clear();
        dataBytes = 0;
        ownDataBytes = 0;
        return dropped;
    }

    /** The first record that the peer had not requested: only these are in order of arrival. */
    static Optional<Data> firstUnrequested(Collection<Message> messages) {
        return messages.stream().filter(each -> each instanceof SpreadMessage.Push push
                && !push.inRound())
                .map(each -> ((SpreadMessage.Push) each).data()).findFirst();
    }

    // ---- what waits

    /** Whether more control waits than a peer may leave unread. */
    boolean stuck() {
        return controlBytes > MAX_CONTROL_BYTES;
    }

    boolean isEmpty() {
        return !buffer.hasRemaining() && control.isEmpty() && data.isEmpty() && unfinished == null
                && !transport.waiting();
    }

    /** Bytes that wait to be sent. */
    int waitingBytes() {
        return controlBytes + dataBytes + buffer.remaining();
    }

    /** Memory of what is queued, without the records themselves. */
    int ownBytes() {
        return controlBytes + ownDataBytes;
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

    // ---- sending

    /** Sends what is queued, as far as the socket takes it. */
    void flush(long nowMs) throws IOException {
        boolean room = true;
        while (room) {
            if (!buffer.hasRemaining()) {
                int queued = controlBytes + dataBytes;
                if (queued > buffer.capacity() && buffer.capacity() < BUFFER_BYTES) {
                    buffer = ByteBuffer.allocate(
                            queued > FIRST_BUFFER_BYTES ? BUFFER_BYTES : FIRST_BUFFER_BYTES);
                }
                fill(buffer.clear());
                buffer.flip();
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

    /** Writes as many frames as fit. */
    void fill(ByteBuffer to) {
        while (to.remaining() >= Wire.HEADER_BYTES) {
            if (!control.isEmpty()) {
                if (to.remaining() < Wire.size(control.peek())) {
                    return;
                }
                controlBytes -= Wire.size(control.peek());
                Wire.encode(control.poll(), to);
            } else if (unfinished != null) {
                if (!fillMore(to)) {
                    return;
                }
            } else if (data.isEmpty() || !fillData(to)) {
                return;
            }
        }
    }

    private boolean fillData(ByteBuffer to) {
        Message next = data.peek();
        if (to.remaining() < Math.min(Wire.size(next), BUFFER_BYTES - 1)) {
            return false;
        }
        count(data.poll(), -1);
        if (next instanceof SpreadMessage.Push push) {
            unfinishedSent = Wire.encodeFirst(push, to);
            unfinished = unfinishedSent < push.data().wireLength() ? push : null;
        } else {
            Wire.encode(next, to);
        }
        return true;
    }

    private boolean fillMore(ByteBuffer to) {
        int left = unfinished.data().wireLength() - unfinishedSent;
        if (to.remaining() < Math.min(left + Wire.HEADER_BYTES, BUFFER_BYTES - 1)) {
            return false;
        }
        unfinishedSent += Wire.encodeMore(unfinished.data(), unfinishedSent, to);
        if (unfinishedSent == unfinished.data().wireLength()) {
            unfinished = null;
        }
        return true;
    }
}
