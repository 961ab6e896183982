package bcast.cluster.gossip;

import bcast.storage.StoreView;

/**
 * Tells neighbours how this node is, and learns how they are. What is sent anyway takes a heartbeat
 * along that is due, so that only quiet links carry them alone.
 */
final class Heartbeats {

    /** Time between heartbeats. */
    static final long HEARTBEAT_MS = 3_000;

    private final StoreView store;
    private final Neighbours neighbours;
    private final Tree tree;
    private final Grafts grafts;
    private final Repair repair;
    private final Outbox out;

    Heartbeats(StoreView store, Neighbours neighbours, Tree tree, Grafts grafts, Repair repair,
            Outbox out) {
        this.store = store;
        this.neighbours = neighbours;
        this.tree = tree;
        this.grafts = grafts;
        this.repair = repair;
        this.out = out;
    }

    /** A link that is quiet gets a heartbeat; and any link when there is something to tell. */
    void tick(Now now) {
        for (Link link : neighbours.peers()) {
            boolean quiet = now.steadyMs() - link.sentMs >= HEARTBEAT_MS;
            boolean firstEcho = link.roundTripMs < 0 && link.lastEchoMs >= 0
                    && link.heartbeatMs < link.lastEchoAtMs;
            if (link.heartbeatWanted || firstEcho
                    || due(link, now) && (quiet || !link.announced.isEmpty())) {
                send(link, now);
            }
        }
    }

    private static boolean due(Link link, Now now) {
        return now.steadyMs() - link.heartbeatMs >= HEARTBEAT_MS;
    }

    /** Something was sent on a link. */
    void sent(Link link, Now now) {
        link.sentMs = now.steadyMs();
        if (link.up() && due(link, now)) {
            send(link, now);
        }
    }

    void send(Link link, Now now) {
        link.heartbeatMs = now.steadyMs();
        link.heartbeatWanted = false;
        long held = link.lastEchoMs < 0 ? 0 : now.steadyMs() - link.lastEchoAtMs;
        out.send(link.number, new LinkMessage.Heartbeat(now.steadyMs(), link.lastEchoMs, held,
                now.wallMs(), neighbours.meshHash(), store.full(), tree.parent(link),
                tree.placed(), neighbours.reachable(), neighbours.peers().size(), store.size()));
        grafts.flush(link);
    }

    void on(Link link, LinkMessage.Heartbeat heartbeat, Now now) {
        link.lastEchoMs = heartbeat.sentMs();
        link.lastEchoAtMs = now.steadyMs();
        if (heartbeat.echoMs() >= 0) {
            long roundTrip = now.steadyMs() - heartbeat.echoMs() - heartbeat.heldMs();
            link.roundTripMs = Math.max(0, roundTrip);
        }
        long travel = Math.max(0, link.roundTripMs) / 2;
        link.peerWall(heartbeat.wallMs() + travel, now);
        link.clockKnown = true;
        link.peerMeshHash = heartbeat.meshHash();
        if (link.peerFull && !heartbeat.full()) {
            repair.want(link.number);
        }
        link.peerFull = heartbeat.full();
        link.child = heartbeat.parent();
        link.peerPlaced = heartbeat.placed();
        link.peerReachable = heartbeat.reachable();
        link.peerLinks = heartbeat.links();
        link.peerRecords = heartbeat.records();
    }
}
