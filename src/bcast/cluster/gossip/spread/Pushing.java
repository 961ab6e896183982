package bcast.cluster.gossip.spread;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.StoreView;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Sends new records on. In a small cluster, a full mesh, the node that accepts a record from a
 * client pushes it to all others; else each node pushes it along the {@link Tree} and announces it
 * on its other links.
 */
final class Pushing {

    private static final int NO_LINK = -1;

    private final Neighbours neighbours;
    private final BooleanSupplier small;
    private final Tree tree;
    private final Grafts grafts;
    private final Acks acks;
    private final Outbox out;
    /** Links of peers that get no new records at present. */
    private final Set<Link> paused = new HashSet<>();

    Pushing(Neighbours neighbours, BooleanSupplier small, Tree tree, Grafts grafts, Acks acks,
            Outbox out) {
        this.neighbours = neighbours;
        this.small = small;
        this.tree = tree;
        this.grafts = grafts;
        this.acks = acks;
        this.out = out;
    }

    // ---- which links a record takes

    /**
     * Spreads a client's record, in a small cluster to all neighbours. One with other neighbours
     * than this node, since a node comes or goes just now, passes it on.
     */
    void publish(Data data, Now now) {
        if (!small.getAsBoolean()) {
            sendAlongTree(data, NO_LINK, now);
            return;
        }
        SpreadMessage.Push push = new SpreadMessage.Push(data, neighbours.meshHash(), false);
        for (Link link : neighbours.peers()) {
            if (takes(link)) {
                push(link, push, now);
            }
        }
    }

    /** Passes a peer's record on, unless its origin pushed it to all neighbours of this node. */
    void passOn(Data data, int from, long originMesh, Now now) {
        if (originMesh != neighbours.meshHash()) {
            sendAlongTree(data, from, now);
        }
    }

    private void sendAlongTree(Data data, int except, Now now) {
        SpreadMessage.Push push = new SpreadMessage.Push(data, 0, false);
        Map<StoreView, Hash128> hashes = new HashMap<>();
        for (Link link : neighbours.peers()) {
            if (link.number() == except || !takes(link)) {
                continue;
            }
            if (tree.eager(link)) {
                push(link, push, now);
            } else {
                grafts.announceLater(link, hashes.computeIfAbsent(link.store(),
                        each -> each.hash(data)));
            }
        }
    }

    private void push(Link link, SpreadMessage.Push push, Now now) {
        boolean confirm = acks.askOn(link, push.data(), now);
        out.send(link.number(), confirm
                ? new SpreadMessage.Push(push.data(), push.meshHash(), false, true) : push);
    }

    /** Whether a peer gets new records at present. */
    private boolean takes(Link link) {
        return !link.heartbeat().full() && !paused(link);
    }

    // ---- links that are served otherwise

    void resend(Link link, Data data, long meshHash) {
        out.send(link.number(), new SpreadMessage.Push(data, meshHash, false));
    }

    void pause(Link link) {
        paused.add(link);
    }

    void resume(Link link) {
        paused.remove(link);
    }

    boolean paused(Link link) {
        return paused.contains(link);
    }
}
