package bcast.cluster.gossip.spread;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.PerLink;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.StoreView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Sends new records on. In a full mesh the node that accepts a record from a client pushes it to
 * every neighbour; else each node pushes it along the {@link Tree} and announces it on its other
 * links.
 */
final class Pushing {

    /** Records that wait for the flush window to end, in bytes; with more it ends at once. */
    static final int MAX_HELD_BYTES = 256 * 1024;

    /** Records that wait for the flush window to end. */
    private static final class Held {
        private final List<SpreadMessage.Push> pushes = new ArrayList<>();
        private int bytes;
    }

    private final Neighbours neighbours;
    private final BooleanSupplier mesh;
    private final Tree tree;
    private final Grafts grafts;
    private final Acks acks;
    private final Outbox out;
    private final long windowMs;
    private final PerLink<Held> held = new PerLink<>(Held::new);
    /** Links of peers that get no new records at present. */
    private final Set<Link> paused = new HashSet<>();
    private long flushedMs;
    private long flushDueMs = Long.MAX_VALUE;

    Pushing(Neighbours neighbours, BooleanSupplier mesh, Tree tree, Grafts grafts, Acks acks,
            Outbox out, long windowMs) {
        this.neighbours = neighbours;
        this.mesh = mesh;
        this.tree = tree;
        this.grafts = grafts;
        this.acks = acks;
        this.out = out;
        this.windowMs = windowMs;
        this.flushedMs = -windowMs;
    }

    // ---- which links a record takes

    /**
     * Spreads a client's record: to all neighbours at once in a mesh, unless messages are to be
     * few. A neighbour with other neighbours than this node, since one comes or goes just now,
     * passes it on.
     */
    void publish(Data data, Now now) {
        if (windowMs > 0 || !mesh.getAsBoolean()) {
            passOn(data, -1, now);
            return;
        }
        SpreadMessage.Push push =
                new SpreadMessage.Push(data, neighbours.meshHash(), false);
        for (Link link : neighbours.peers()) {
            push(link, push, now);
        }
    }

    /** Passes a peer's record on, unless its origin pushed it to all neighbours of this node. */
    void passOn(Data data, int from, long originMesh, Now now) {
        if (originMesh != neighbours.meshHash()) {
            passOn(data, from, now);
        }
    }

    private void passOn(Data data, int except, Now now) {
        SpreadMessage.Push push = new SpreadMessage.Push(data, 0, false);
        boolean first = now.steadyMs() >= flushedMs + windowMs;
        Map<StoreView, Hash128> hashes = new HashMap<>();
        for (Link link : neighbours.peers()) {
            if (link.number() == except || link.heartbeat().full() || paused(link)) {
                continue;
            }
            if (tree.eager(link)) {
                push(link, push, now);
            } else {
                grafts.announce(link, hashes.computeIfAbsent(link.store(),
                        each -> each.hash(data)));
            }
        }
        if (first) {
            flushedMs = now.steadyMs();
        }
    }

    private void push(Link link, SpreadMessage.Push push, Now now) {
        if (link.heartbeat().full() || paused(link)) {
            return;
        }
        out.count(SpreadCounts.PUSHED);
        SpreadMessage.Push asking = acks.ask(push.data(), link, now)
                ? new SpreadMessage.Push(push.data(), push.meshHash(), push.asked(), true) : push;
        if (now.steadyMs() >= flushedMs + windowMs) {
            out.send(link.number(), asking);
            return;
        }
        Held waiting = held.of(link);
        waiting.pushes.add(asking);
        waiting.bytes += push.data().wireLength();
        flushDueMs = flushedMs + windowMs;
        if (waiting.bytes > MAX_HELD_BYTES) {
            flush(link);
        }
    }

    // ---- links that are served otherwise

    void resend(Link link, Data data, long meshHash) {
        out.count(SpreadCounts.PUSHED);
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

    // ---- the flush window

    /** When records that wait are due. */
    long flushDueMs() {
        return flushDueMs;
    }

    /** Sends what waited long enough, on all links at the same time. */
    void flush(Now now) {
        if (now.steadyMs() >= flushDueMs) {
            flushedMs = now.steadyMs();
            flushAll();
        }
    }

    /** Sends what waits for a link. */
    void flush(Link link) {
        Held waiting = held.of(link);
        waiting.pushes.forEach(push -> out.send(link.number(), push));
        waiting.pushes.clear();
        waiting.bytes = 0;
    }

    /** Sends all that waits. */
    void flushAll() {
        flushDueMs = Long.MAX_VALUE;
        neighbours.peers().forEach(this::flush);
    }
}
