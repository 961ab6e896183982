package bcast.cluster.gossip.spread;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.spread.SpreadMessage.Beacon;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Builds the tree on which records are pushed. The node with the smallest id is the root and
 * floods a beacon every two seconds; each node's parent is the neighbour that is the fewest hops
 * from it. Distances of different beacons are never mixed, so that parents form no circle.
 */
final class Tree {

    static final long BEACON_MS = 2_000;

    /** A root that is silent for this long is given up. */
    static final long ROOT_MS = 5 * BEACON_MS;

    /** Beacons of a root that was given up do not travel for longer. */
    private static final long DEAD_MS = 3 * ROOT_MS;

    /** A beacon this soon after the last is ignored, lest a peer that lies keep all nodes busy. */
    static final long TOO_SOON_MS = BEACON_MS / 4;

    /** Most changes of the root believed within {@link #ROOT_MS}; a cluster that starts has few. */
    static final int MAX_CHANGES = 32;

    /** This long after a beacon it has arrived on each of its ways, and the tree settles. */
    static final long SETTLE_MS = 1_000;

    /** Two trees that met grow together for this time: some visits of each node. */
    static final long JOINING_MS = 3 * Neighbours.VISIT_MS;

    private final NodeId self;
    private final Neighbours neighbours;
    /** A full node passes nothing on: it is a leaf, never the root. */
    private final BooleanSupplier storeFull;
    private final Outbox out;
    /** The beacon that this node sends on, with its own distance; null without a root. */
    private Beacon beacon;
    private long heardMs;
    /** The last beacon of a root that was given up: it may still travel. Null if none was. */
    private Beacon dead;
    private long deadUntilMs = Long.MIN_VALUE;
    /** Beacons of this node as the root; a node that starts draws a new id, and begins anew. */
    private long ownSeq;
    private long changesFromMs;
    private int changes;
    private long joiningUntilMs = Long.MIN_VALUE;
    private long settleMs = Long.MAX_VALUE;
    private Link parent;
    /** The parent before, until the tree settles again, so that nothing is lost between the two. */
    private Link former;
    /** The last beacon that came on each link. */
    private final Map<Link, Beacon> heard = new HashMap<>();
    /** Links on which records may be missed: they count as the tree's until it settles again. */
    private final Set<Link> grafted = new HashSet<>();
    /** Whether a link of the tree broke: all count as the tree's until it settles again. */
    private boolean shaken;

    Tree(NodeId self, Neighbours neighbours, BooleanSupplier storeFull, Outbox out) {
        this.self = self;
        this.neighbours = neighbours;
        this.storeFull = storeFull;
        this.out = out;
    }

    // ---- where this node is

    /** Whether records are pushed on a link; on the others they are only announced. */
    boolean eager(Link link) {
        boolean cutOff = shaken || !placed() || parent != null && parent.heartbeat().full();
        return has(link) || link == former || grafted.contains(link)
                || cutOff || !link.heartbeat().placed();
    }

    /** A record was missed on a link: records are pushed there until the tree settles again. */
    void graft(Link link) {
        grafted.add(link);
    }

    /** Whether a link leads to the parent, or to a child: its heartbeat names this node so. */
    boolean has(Link link) {
        return link == parent || link.heartbeat().parent();
    }

    /** Whether heartbeats to a peer name it as the parent, so that it pushes records here. */
    boolean namesAsParent(Link link) {
        return link == parent || link == former;
    }

    Optional<NodeId> root() {
        return Optional.ofNullable(beacon).map(Beacon::root);
    }

    Optional<NodeId> parent() {
        return Optional.ofNullable(parent).map(Link::node);
    }

    private boolean isRoot() {
        return beacon != null && beacon.root().equals(self);
    }

    /** Whether this node has a place in the tree; without one its records go everywhere. */
    boolean placed() {
        return parent != null || isRoot();
    }

    // ---- beacons

    void tick(long ms) {
        if (ms >= settleMs) {
            settleMs = Long.MAX_VALUE;
            settle();
        }
        if (beacon != null && (isRoot() ? storeFull.getAsBoolean() : ms - heardMs > ROOT_MS)) {
            if (!isRoot()) {
                dead = beacon;
                deadUntilMs = ms + DEAD_MS;
            }
            // The parent stays until there is another root.
            beacon = null;
            former = null;
        }
        if (beacon == null ? smallest() : isRoot() && ms - heardMs >= BEACON_MS) {
            proclaim(ms);
        }
    }

    /** Whether this node is to be the root, as far as it knows. */
    private boolean smallest() {
        Collection<Link> peers = neighbours.peers();
        return !storeFull.getAsBoolean() && !peers.isEmpty() && peers.stream().allMatch(link ->
                link.heartbeat().full() || self.compareTo(link.node()) < 0);
    }

    /** Floods a beacon of this node as the root. */
    private void proclaim(long ms) {
        if (!isRoot()) {
            replace(null);
        }
        beacon = new Beacon(self, ++ownSeq, 0);
        heardMs = ms;
        settleMs = ms + SETTLE_MS;
        flood(null);
    }

    private void flood(Link except) {
        // In a full mesh all heard it from the root itself.
        if (storeFull.getAsBoolean() || beacon.hops() == 1 && neighbours.fullMesh()) {
            return;
        }
        for (Link link : neighbours.peers()) {
            if (link != except) {
                out.send(link.number(), beacon);
            }
        }
    }

    /**
     * Whether a visitor had better become a neighbour: it is in another tree, so that hardly a link
     * joins the two parts of the cluster; or two trees just became one, and one link is too few to
     * hold them together. A full node could not join the two.
     */
    boolean joinedBy(Beacon visitors, long ms) {
        boolean alone = neighbours.peers().isEmpty();
        boolean other = heardLately(ms) && !visitors.root().equals(beacon.root());
        return !storeFull.getAsBoolean() && (alone || other || ms < joiningUntilMs);
    }

    /** Whether there is a root whose last beacon is recent. */
    private boolean heardLately(long ms) {
        return beacon != null && ms - heardMs <= 2 * BEACON_MS;
    }

    /** A new peer gets a beacon at once. */
    void up(Link link, long ms) {
        if (heardLately(ms) && !storeFull.getAsBoolean()) {
            out.send(link.number(), beacon);
        }
    }

    void onBeacon(Link link, Beacon from, long ms) {
        heard.put(link, from);
        int order = beacon == null ? -1 : from.root().compareTo(beacon.root());
        boolean ofDeadRoot = ms < deadUntilMs && dead.root().equals(from.root())
                && from.seq() <= dead.seq();
        if (from.root().equals(self) || order > 0 || ofDeadRoot
                || from.hops() >= SpreadMessage.MAX_HOPS) {
            return;
        }
        if (self.compareTo(from.root()) < 0 && !storeFull.getAsBoolean()) {
            if (smallest()) {
                proclaim(ms);
            }
            return;
        }
        boolean betterRoot = order < 0;
        boolean newer = betterRoot ? countRootChange(ms) <= MAX_CHANGES
                : from.seq() > beacon.seq() && ms - heardMs >= TOO_SOON_MS;
        boolean shorter = !betterRoot && from.seq() == beacon.seq()
                && from.hops() + 1 < beacon.hops();
        if (newer) {
            if (betterRoot && beacon != null) {
                joiningUntilMs = ms + JOINING_MS;
            }
            heardMs = ms;
            settleMs = ms + SETTLE_MS;
        }
        if (newer || shorter) {
            beacon = new Beacon(from.root(), from.seq(), from.hops() + 1);
            if (parent == null) {
                adopt(link);
            }
            flood(link);
        }
    }

    /** Counts the changes of the root: a peer that lies must not keep all nodes busy. */
    private int countRootChange(long ms) {
        if (ms - changesFromMs >= ROOT_MS) {
            changesFromMs = ms;
            changes = 0;
        }
        return ++changes;
    }

    // ---- the parent

    /** All distances of a beacon are known: the tree takes its shape until the next one. */
    private void settle() {
        grafted.clear();
        shaken = false;
        former = null;
        Link best = nearest();
        if (best != null && best != parent) {
            replace(best);
        }
    }

    /** The neighbour with the fewest hops; of equal ones the parent, or the shortest round trip. */
    private Link nearest() {
        return neighbours.peers().stream().filter(this::nearer).min(Comparator
                .comparingInt((Link link) -> heard.get(link).hops())
                .thenComparing(link -> link != parent)
                .thenComparingLong(Link::roundTripMs)).orElse(null);
    }

    /** Whether a neighbour is nearer to the root than this node, as the last beacon shows. */
    private boolean nearer(Link link) {
        Beacon last = heard.get(link);
        return last != null && beacon != null && last.root().equals(beacon.root())
                && last.seq() == beacon.seq() && last.hops() < beacon.hops();
    }

    /** Takes another parent while the one there was still counts. */
    private void replace(Link next) {
        former = parent;
        adopt(next);
    }

    private void adopt(Link next) {
        parent = next;
        if (next != null) {
            out.count(SpreadCounts.PARENT_CHANGES);
        }
    }

    /** A link is gone. A nearer neighbour replaces a parent, else the sender of a beacon. */
    void down(Link link) {
        // The nodes behind it may be anywhere.
        shaken |= has(link);
        heard.remove(link);
        grafted.remove(link);
        former = link == former ? null : former;
        if (link == parent) {
            adopt(nearest());
        }
    }
}
