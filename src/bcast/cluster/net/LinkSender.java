package bcast.cluster.net;

import bcast.base.Clock;
import bcast.base.Counters;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Message;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Queues messages on links and sends them, and limits the memory of all queues together. Owned by
 * the cluster's thread.
 */
final class LinkSender {

    private final LinkTable table;
    private final LinkMemory memory;
    private final Clock clock;
    private final Counters counters;
    private final LinkListener listener;
    private final Set<LinkChannel> unsent = new HashSet<>();

    LinkSender(LinkTable table, LinkMemory memory, Clock clock, Counters counters,
            LinkListener listener) {
        this.table = table;
        this.memory = memory;
        this.clock = clock;
        this.counters = counters;
        this.listener = listener;
    }

    /** Includes a link in the next {@link #flush()}: it may have something to send. */
    void ready(LinkChannel link) {
        unsent.add(link);
    }

    /** Bytes of a message if it is sent to compare stores and is no record, else 0. */
    static int syncBytes(Message message) {
        return Wire.sync(message) ? Wire.size(message) : 0;
    }

    /**
     * Queues a message. If all queues together are full, a link whose queue takes more than its
     * share loses its backlog; if that has no records, the link is closed.
     */
    void send(LinkChannel link, Message message) {
        try {
            unsent.add(link);
            counters.add(Links.SYNC_BYTES, syncBytes(message));
            Optional<Outgoing.Dropped> dropped = queue(link, message);
            if (memory.overShare(link, table.size())) {
                Optional<Outgoing.Dropped> more = drop(link);
                dropped = dropped.or(() -> more);
                if (dropped.filter(Outgoing.Dropped::records).isEmpty()) {
                    counters.count(Links.TOO_MUCH_WAITS);
                    throw new IOException("too many bytes wait to be sent to it");
                }
            }
            dropped.ifPresent(each -> listener.later(() ->
                    listener.handle(new Input.Overflowed(link.number(), each.firstUnrequested()))));
        } catch (IOException e) {
            // Not at once: the state machine is in the middle of its outputs.
            listener.later(() -> table.closed(link, e.getMessage()));
        }
    }

    private Optional<Outgoing.Dropped> queue(LinkChannel link, Message message)
            throws IOException {
        int before = link.output().queuedBytes();
        try {
            return link.output().add(message, clock.steadyMs());
        } finally {
            memory.addQueued(link.output().queuedBytes() - before);
        }
    }

    private Optional<Outgoing.Dropped> drop(LinkChannel link) {
        int before = link.output().queuedBytes();
        Optional<Outgoing.Dropped> dropped = link.output().drop();
        memory.addQueued(link.output().queuedBytes() - before);
        return dropped;
    }

    /** Sends what is queued, as far as the sockets take it. */
    void flush() {
        if (unsent.isEmpty()) {
            return;
        }
        List<LinkChannel> links = List.copyOf(unsent);
        unsent.clear();
        for (LinkChannel link : links) {
            if (link.isOpen()) {
                try {
                    flush(link);
                } catch (IOException e) {
                    table.closed(link, e.getMessage());
                }
            }
        }
    }

    private void flush(LinkChannel link) throws IOException {
        int before = link.output().queuedBytes();
        try {
            link.flush(clock.steadyMs());
        } finally {
            memory.addQueued(link.output().queuedBytes() - before);
        }
        if (link.output().takeDrained()) {
            listener.later(() -> listener.handle(new Input.Drained(link.number())));
        }
    }
}
