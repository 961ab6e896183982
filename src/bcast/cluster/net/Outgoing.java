package bcast.cluster.net;

import bcast.cluster.gossip.Message;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What waits to be sent on one link: control before records, both bounded. Records wait as
 * objects that the store holds anyway and become bytes when the socket has room.
 */
final class Outgoing {

    /** Most bytes of records that wait; beyond it all of them are dropped, for repair to bring. */
    static final int MAX_DATA_BYTES = 8 * 1024 * 1024;

    /** Most bytes of control that wait; only a peer that does not read lets it come to this. */
    static final int MAX_CONTROL_BYTES = 1024 * 1024;

    private final Deque<Message> control = new ArrayDeque<>();
    private final Deque<Message> data = new ArrayDeque<>();
    private int controlBytes;
    private int dataBytes;
    /** Of {@link #dataBytes}, what are no records. */
    private int answerBytes;
    private Message.Push unfinished;
    private int unfinishedSent;

    /** What adding a message led to. */
    enum Added { QUEUED, OVERFLOWED, STUCK }

    Added add(Message message) {
        int size = Wire.size(message);
        if (Wire.control(message)) {
            control.add(message);
            controlBytes += size;
            return controlBytes > MAX_CONTROL_BYTES ? Added.STUCK : Added.QUEUED;
        }
        data.add(message);
        dataBytes += size;
        answerBytes += message instanceof Message.Push ? 0 : size;
        if (dataBytes <= MAX_DATA_BYTES) {
            return Added.QUEUED;
        }
        data.clear();
        dataBytes = 0;
        answerBytes = 0;
        return Added.OVERFLOWED;
    }

    boolean isEmpty() {
        return control.isEmpty() && data.isEmpty() && unfinished == null;
    }

    int bytes() {
        return controlBytes + dataBytes;
    }

    /** Bytes of all but records, which the store holds anyway. */
    int ownBytes() {
        return controlBytes + answerBytes;
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
        data.poll();
        dataBytes -= Wire.size(next);
        answerBytes -= next instanceof Message.Push ? 0 : Wire.size(next);
        if (next instanceof Message.Push push) {
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
