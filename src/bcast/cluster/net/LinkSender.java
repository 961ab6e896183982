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
    private final long maxQueuedBytes;
    private final Clock clock;
    private final Counters counters;
    private final LinkListener listener;
    private final Set<LinkChannel> unsent = new HashSet<>();

    /**
     * Nothing waits.
     *
     * @param maxQueuedBytes memory of all queues together
     */
    LinkSender(LinkTable table, long maxQueuedBytes, Clock clock, Counters counters,
            LinkListener listener) {
        this.table = table;
        this.maxQueuedBytes = maxQueuedBytes;
        this.clock = clock;
        this.counters = counters;
        counters.declare(List.of(LinkCounts.SYNC_BYTES, LinkCounts.TOO_MUCH_WAITS));
        this.listener = listener;
    }

    /** Includes a link in the next {@link #flush()}: it may have something to send. */
    void ready(LinkChannel link) {
        unsent.add(link);
    }

    /**
     * Queues a message. If all queues together are full, a link whose queue takes more than its
     * share loses its backlog; if that has no records, the link is closed.
     */
    void send(LinkChannel link, Message message) {
        try {
            unsent.add(link);
            counters.add(LinkCounts.SYNC_BYTES, Wire.syncBytes(message));
            Optional<Outgoing.Dropped> dropped =
                    link.output().add(message, clock.steadyMs());
            if (overShare(link)) {
                Optional<Outgoing.Dropped> more = link.output().drop();
                dropped = dropped.or(() -> more);
                if (dropped.filter(Outgoing.Dropped::records).isEmpty()) {
                    counters.count(LinkCounts.TOO_MUCH_WAITS);
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

    /** Whether all queues together are full, and that of this link takes more than its share. */
    private boolean overShare(LinkChannel link) {
        return link.output().queuedBytes() >= maxQueuedBytes / table.size()
                && table.sum(each -> each.output().queuedBytes()) > maxQueuedBytes;
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
                    link.flush(clock.steadyMs());
                    if (link.output().takeDrained()) {
                        listener.later(() -> listener.handle(new Input.Drained(link.number())));
                    }
                } catch (IOException e) {
                    table.closed(link, e.getMessage());
                }
            }
        }
    }
}
