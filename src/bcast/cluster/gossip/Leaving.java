package bcast.cluster.gossip;

import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.overlay.Overlay;
import bcast.cluster.gossip.repair.Repair;
import bcast.storage.StoreView;

/**
 * How a node stops: it hands what only it holds to a peer, and then ends its links. It stops
 * without that if no peer has confirmed within {@link Gossip#HAND_OVER_MS} that it has all records.
 */
final class Leaving {

    private final StoreView store;
    private final Overlay overlay;
    private final Repair repair;
    private final Outbox out;
    private boolean begun;
    private boolean left;
    private boolean linkedAtLast;
    private long untilMs;

    Leaving(StoreView store, Overlay overlay, Repair repair, Outbox out) {
        this.store = store;
        this.overlay = overlay;
        this.repair = repair;
        this.out = out;
    }

    void begin(Now now) {
        begun = true;
        linkedAtLast = !overlay.neighbours().peers().isEmpty();
        untilMs = now.steadyMs() + Gossip.HAND_OVER_MS;
        repair.handOver(now);
    }

    boolean begun() {
        return begun;
    }

    /** Whether all links were ended. */
    boolean left() {
        return left;
    }

    /** Ends all links once a peer has every record, or the time is over. */
    void goOn(Now now) {
        if (!begun || left) {
            return;
        }
        // A node that holds nothing can lose nothing.
        boolean empty = store.isEmpty();
        if (empty || repair.mayLeave() || now.steadyMs() >= untilMs) {
            if (linkedAtLast && !empty && !repair.handedOver()) {
                out.warn("left before a peer confirmed that it has everything");
            }
            left = true;
            overlay.leave(new LinkMessage.Bye("stopped", false));
        }
    }
}
