package bcast.cluster.gossip;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.PerLink;
import bcast.cluster.gossip.overlay.Overlay;
import bcast.cluster.gossip.spread.Spread;
import bcast.storage.StoreView;

/**
 * Reports this node's state to its neighbours. A heartbeat that is due is sent together with other
 * messages, so that only quiet links carry heartbeats alone.
 */
final class Heartbeats {

    /** When something was last sent on a link. */
    private static final class Sent {
        private long anythingMs;
        private long heartbeatMs;
        private boolean parent;
        private boolean placed;
    }

    private final StoreView store;
    private final Overlay overlay;
    private final Neighbours neighbours;
    private final Spread spread;
    private final Outbox out;
    private final PerLink<Sent> sent = new PerLink<>(Sent::new);

    Heartbeats(StoreView store, Overlay overlay, Spread spread, Outbox out) {
        this.store = store;
        this.overlay = overlay;
        this.neighbours = overlay.neighbours();
        this.spread = spread;
        this.out = out;
    }

    /** Sends a heartbeat on a link that is quiet, and on any link whose peer is to get one soon. */
    void tick(Now now) {
        for (Link link : neighbours.peers()) {
            Sent last = sent.of(link);
            boolean quiet = now.steadyMs() - last.anythingMs >= Link.HEARTBEAT_MS;
            boolean firstEcho = link.roundTripMs() < 0 && link.clockKnown()
                    && last.heartbeatMs < link.heartbeatAtMs();
            boolean moved = last.parent != spread.namesAsParent(link)
                    || last.placed != spread.placed();
            if (link.heartbeatWanted() || firstEcho || moved
                    || due(last, now) && (quiet || spread.hasToAnnounce(link))) {
                send(link, now);
            }
        }
    }

    private static boolean due(Sent last, Now now) {
        return now.steadyMs() - last.heartbeatMs >= Link.HEARTBEAT_MS;
    }

    /** Something was sent on a link. */
    void sent(Link link, Now now) {
        Sent last = sent.of(link);
        last.anythingMs = now.steadyMs();
        if (link.up() && due(last, now)) {
            send(link, now);
        }
    }

    void send(Link link, Now now) {
        Sent last = sent.of(link);
        last.heartbeatMs = now.steadyMs();
        last.parent = spread.namesAsParent(link);
        last.placed = spread.placed();
        link.heartbeatSent();
        long heldMs = link.clockKnown() ? now.steadyMs() - link.heartbeatAtMs() : 0;
        out.send(link.number(), new LinkMessage.Heartbeat(now.steadyMs(),
                link.heartbeat().sentMs(), heldMs, now.wallMs(), neighbours.meshHash(),
                store.full(), last.parent, last.placed, overlay.reachable(),
                neighbours.peers().size(), store.size()));
        spread.announce(link);
    }
}
