package bcast.cluster.gossip.spread;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.PerLink;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Builds the tree on which records are pushed. The node with the smallest id is the root and
 * floods a beacon every two seconds; each node's parent is the neighbour that is the fewest hops
 * from it. Distances of different beacons are never mixed, so that parents form no circle, as in
 * DSDV (Perkins, Bhagwat, SIGCOMM 1994).
 *
 * <p>Plumtree (Leitão, Pereira, Rodrigues, SRDS 2007) lets the tree follow from duplicates
 * instead, which does not settle when several nodes post at once.
 */
final class Tree {

    /** Time between beacons. */
    static final long BEACON_MS = 2_000;

    /** A root that is silent for this long is given up: five beacons. */
    static final long ROOT_MS = 10_000;

    /** Beacons of a root that fell silent do not travel for longer. */
    static final long DEAD_MS = 3 * ROOT_MS;

    /** Two beacons of one root are never so close, wherever they come. */
    static final long TOO_SOON_MS = BEACON_MS / 4;

    /** Most changes of the root believed within {@link #ROOT_MS}; a cluster that starts has few. */
    static final int MAX_CHANGES = 32;

    /** This long after a beacon it has arrived on each of its ways, and the tree settles. */
    static final long SETTLE_MS = 1_000;

    /** Two trees that met grow together for this time: some visits of each node. */
    static final long JOINING_MS = 3 * Neighbours.VISIT_MS;

    /** About the time that a record takes from one end of a large cluster to the other. */
    static final long FORMER_MS = 1_000;

    /** The last beacon that came on a link. */
    private static final class Heard {
        private Optional<SpreadMessage.Beacon> last = Optional.empty();
    }

    private final NodeId self;
    private final Neighbours neighbours;
    /** A full node passes nothing on: it is a leaf, never the root. */
    private final BooleanSupplier full;
    private final Outbox out;
    private Optional<NodeId> root = Optional.empty();
    /** The last root that fell silent; its beacons may still travel. */
    private Optional<NodeId> deadRoot = Optional.empty();
    private long deadSeq;
    private long deadUntilMs;
    private long ownSeq;
    private long changesFromMs;
    private int changes;
    private long seq;
    private int hops;
    private long heardMs;
    private long beaconDueMs;
    private long joiningUntilMs = Long.MIN_VALUE;
    private long settleMs = Long.MAX_VALUE;
    private Link parent;
    /** The parent before: kept for a moment, so that nothing is lost between the two. */
    private Link former;
    private long formerUntilMs;
    private final PerLink<Heard> beacons = new PerLink<>(Heard::new);
    /** Links on which a record was missed: they count as the tree's until it settles again. */
    private final Set<Link> grafted = new HashSet<>();
    private final Set<Integer> toTell = new LinkedHashSet<>();
    private boolean toldPlaced;
    /** A link of the tree broke: the nodes behind it may be anywhere, until it settles again. */
    private boolean shaken;

    Tree(NodeId self, Neighbours neighbours, BooleanSupplier full, Outbox out) {
        this.self = self;
        this.neighbours = neighbours;
        this.full = full;
        this.out = out;
    }

    /** Numbers of the links whose peers must learn at once what this node's place is now. */
    List<Integer> takeToTell() {
        if (placed() != toldPlaced) {
            toldPlaced = placed();
            // All neighbours push to a node without a place in the tree.
            neighbours.peers().forEach(link -> toTell.add(link.number()));
        }
        if (toTell.isEmpty()) {
            return List.of();
        }
        List<Integer> taken = List.copyOf(toTell);
        toTell.clear();
        return taken;
    }

    /** Whether records are pushed on a link; on the others they are only announced. */
    boolean eager(Link link) {
        return link == parent || link == former || child(link) || !link.heartbeat().placed()
                || !placed() || shaken || parent != null && parent.heartbeat().full()
                || grafted.contains(link);
    }

    /** A record was missed on a link: records are pushed there until the tree settles again. */
    void graft(Link link) {
        grafted.add(link);
    }

    /** Whether a link is one of the tree's own. */
    boolean has(Link link) {
        return link == parent || child(link);
    }

    /** Whether a peer is below this node in the tree. */
    private static boolean child(Link link) {
        return link.heartbeat().parent();
    }

    /** Whether a peer is to take this node as one below it. */
    boolean isParent(Link link) {
        return link == parent || link == former;
    }

    /** The root, if there is one. */
    Optional<NodeId> root() {
        return root;
    }

    /** This node's parent, if it has one. */
    Optional<NodeId> parent() {
        return Optional.ofNullable(parent).map(Link::node);
    }

    private boolean isRoot() {
        return root.isPresent() && root.get().equals(self);
    }

    /** Whether this node has a place in the tree. Without one its records go everywhere. */
    boolean placed() {
        return parent != null || isRoot();
    }

    void tick(long ms) {
        if (ms >= settleMs) {
            settleMs = Long.MAX_VALUE;
            settle(ms);
        }
        if (former != null && ms >= formerUntilMs) {
            former.wantHeartbeat();
            former = null;
        }
        if (root.isPresent() && !isRoot() && ms - heardMs > ROOT_MS) {
            deadRoot = root;
            deadSeq = seq;
            deadUntilMs = ms + DEAD_MS;
            root = Optional.empty();
        }
        if (deadRoot.isPresent() && ms >= deadUntilMs) {
            deadRoot = Optional.empty();
        }
        if (isRoot() && full.getAsBoolean()) {
            root = Optional.empty();
        }
        if (root.isEmpty() && smallest()) {
            proclaim(ms);
        }
        if (isRoot() && ms >= beaconDueMs) {
            beaconDueMs = ms + BEACON_MS;
            settleMs = ms + SETTLE_MS;
            seq = ++ownSeq;
            flood(null);
        }
    }

    /** Whether this node is to be the root, as far as it knows. */
    private boolean smallest() {
        for (Link link : neighbours.peers()) {
            if (!link.heartbeat().full() && link.node().compareTo(self) < 0) {
                return false;
            }
        }
        return !neighbours.peers().isEmpty() && !full.getAsBoolean();
    }

    private void proclaim(long ms) {
        root = Optional.of(self);
        hops = 0;
        replace(null, ms);
        beaconDueMs = 0;
    }

    private SpreadMessage.Beacon beacon() {
        return new SpreadMessage.Beacon(root.orElseThrow(), seq, hops);
    }

    private void flood(Link except) {
        // In a full mesh all heard it from the root itself.
        if (full.getAsBoolean() || !isRoot() && hops == 1 && neighbours.fullMesh()) {
            return;
        }
        for (Link link : neighbours.peers()) {
            if (link != except) {
                out.send(link.number(), beacon());
            }
        }
    }

    /**
     * Whether the peer of a visit is better kept as a neighbour: it is in another tree, and then
     * hardly a link leads from one part of the cluster to the other, for a root is known all over
     * its part; or two trees just became one, and more links than the first should hold them
     * together. A node that is full could not join the two.
     */
    boolean joinedBy(SpreadMessage.Beacon heard, long ms) {
        boolean alone = neighbours.peers().isEmpty();
        boolean other = settled(ms) && !heard.root().equals(root.get());
        return !full.getAsBoolean() && (alone || other || ms < joiningUntilMs);
    }

    private boolean settled(long ms) {
        return isRoot() || root.isPresent() && ms - heardMs <= 2 * BEACON_MS;
    }

    /** A new peer gets a beacon at once. */
    void up(Link link, long ms) {
        if (settled(ms) && !full.getAsBoolean()) {
            out.send(link.number(), beacon());
        }
    }

    void onBeacon(Link link, SpreadMessage.Beacon heard, long ms) {
        beacons.of(link).last = Optional.of(heard);
        int order = root.isEmpty() ? -1 : heard.root().compareTo(root.get());
        boolean dead = deadRoot.isPresent() && deadRoot.get().equals(heard.root())
                && heard.seq() <= deadSeq;
        if (heard.root().equals(self) || order > 0 || dead
                || heard.hops() >= SpreadMessage.MAX_HOPS) {
            return;
        }
        if (self.compareTo(heard.root()) < 0 && !full.getAsBoolean()) {
            if (smallest() && !isRoot()) {
                proclaim(ms);
                tick(ms);
            }
            return;
        }
        boolean newer = order < 0 ? believable(ms)
                : heard.seq() > seq && ms - heardMs >= TOO_SOON_MS;
        if (newer) {
            boolean first = parent == null;
            if (order < 0 && root.isPresent()) {
                joiningUntilMs = ms + JOINING_MS;
            }
            root = Optional.of(heard.root());
            seq = heard.seq();
            hops = heard.hops() + 1;
            heardMs = ms;
            settleMs = ms + SETTLE_MS;
            if (first) {
                adopt(link);
            }
            flood(link);
        } else if (order == 0 && heard.seq() == seq && heard.hops() + 1 < hops) {
            hops = heard.hops() + 1;
            flood(link);
        }
    }

    /** Whether another root may be taken: a peer that lies must not keep all nodes busy. */
    private boolean believable(long ms) {
        if (ms - changesFromMs >= ROOT_MS) {
            changesFromMs = ms;
            changes = 0;
        }
        return ++changes <= MAX_CHANGES;
    }

    /** All distances of a beacon are known: the tree takes its shape until the next one. */
    private void settle(long ms) {
        shaken = false;
        grafted.clear();
        Link best = null;
        for (Link link : neighbours.peers()) {
            if (current(link) && (best == null || nearer(link, best))) {
                best = link;
            }
        }
        if (best != null && best != parent && !isRoot()) {
            replace(best, ms);
        }
    }

    private boolean current(Link link) {
        return beacons.of(link).last.filter(beacon -> beacon.seq() == seq
                && beacon.root().equals(root.orElse(null))).isPresent();
    }

    private int hopsOf(Link link) {
        return beacons.of(link).last.orElseThrow().hops();
    }

    /** Fewer hops; then the parent as it is; then the shorter round trip. */
    private boolean nearer(Link link, Link other) {
        int difference = hopsOf(link) - hopsOf(other);
        if (difference != 0 || other == parent) {
            return difference < 0;
        }
        return link == parent || link.roundTripMs() < other.roundTripMs();
    }

    /** Takes another parent while the one there was still counts. */
    private void replace(Link next, long ms) {
        if (former != null) {
            former.wantHeartbeat();
        }
        former = parent;
        formerUntilMs = ms + FORMER_MS;
        adopt(next);
    }

    private void adopt(Link next) {
        if (parent != null) {
            toTell.add(parent.number());
        }
        parent = next;
        if (next != null) {
            out.count(SpreadCounts.PARENT_CHANGES);
            toTell.add(next.number());
        }
    }

    /**
     * A link is gone; if it led to the parent, another way is taken until the tree settles again,
     * and if there is none the node is without a place until then.
     */
    void down(Link link) {
        grafted.remove(link);
        if (link == former) {
            former = null;
        }
        shaken |= has(link);
        if (link != parent) {
            return;
        }
        Link best = null;
        for (Link other : neighbours.peers()) {
            // A node nearer to the root than this one is not below it.
            boolean usable = current(other) && hopsOf(other) < hops;
            if (usable && (best == null || nearer(other, best))) {
                best = other;
            }
        }
        adopt(best);
    }
}
