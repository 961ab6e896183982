package bcast.cluster.net;

import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.data.Data;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Optional;

/**
 * What waits to be sent on one link: control before records, both bounded. Records wait as
 * objects that the store holds anyway and become bytes when the socket has room.
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

    /**
     * A backlog that was dropped.
     *
     * @param records whether there were records in it
     * @param firstUnrequested the first record in it that the peer had not requested
     */
    record Dropped(boolean records, Optional<Data> firstUnrequested) {}

    private final Deque<Message> control = new ArrayDeque<>();
    private final Deque<Message> data = new ArrayDeque<>();
    private int controlBytes;
    private int dataBytes;
    /** Memory of {@link #data}, without the records themselves. */
    private int ownDataBytes;
    private SpreadMessage.Push unfinished;
    private int unfinishedSent;

    /** Queues a message. Returns what had to be dropped, if anything had. */
    Optional<Dropped> add(Message message) {
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

    /** Whether more control waits than a peer may leave unread. */
    boolean stuck() {
        return controlBytes > MAX_CONTROL_BYTES;
    }

    boolean isEmpty() {
        return control.isEmpty() && data.isEmpty() && unfinished == null;
    }

    int bytes() {
        return controlBytes + dataBytes;
    }

    /** Memory of all that waits but the records themselves. */
    int ownBytes() {
        return controlBytes + ownDataBytes;
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
        int size = Math.min(Wire.size(next), Wire.MAX_FRAME_BYTES + Wire.HEADER_BYTES - 1);
        if (to.remaining() < size) {
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
        if (to.remaining() < Math.min(left + Wire.HEADER_BYTES,
                Wire.MAX_FRAME_BYTES + Wire.HEADER_BYTES - 1)) {
            return false;
        }
        unfinishedSent += Wire.encodeMore(unfinished.data(), unfinishedSent, to);
        if (unfinishedSent == unfinished.data().wireLength()) {
            unfinished = null;
        }
        return true;
    }
}
