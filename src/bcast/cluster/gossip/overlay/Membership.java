package bcast.cluster.gossip.overlay;

import bcast.base.Metric;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.overlay.AddressBook.Which;
import java.util.Comparator;
import java.util.Optional;
import java.util.Random;

/**
 * Decides how many neighbours this node has, and which. A small cluster is a full mesh; in a larger
 * one each node keeps a few neighbours, and visits strangers now and then, so that parts of a
 * cluster that lost sight of each other meet.
 */
final class Membership {

    /** Up to this many nodes are all linked to each other. */
    static final int MESH = 25;

    /** Most neighbours: those of a mesh, and one that makes it too large. */
    static final int MAX_NEIGHBOURS = MESH;

    /** Neighbours of a node in a larger cluster; with fewer it seeks more. */
    static final int ACTIVE = 8;

    /** With fewer neighbours a node accepts any that asks; with more it sheds some. */
    static final int ROOMY = 10;

    /** Time between looks for more neighbours, when there are few. */
    static final long REFILL_MS = 500;

    /** The same when there are enough to be safe. */
    static final long REFILL_SLOWLY_MS = 2_000;

    /** Time between links shed. */
    static final long SHED_MS = 5_000;

    /** Time between counts of the nodes that are alive. */
    private static final long COUNT_MS = 1_000;

    /** Time between notes in the book that neighbours are alive. */
    private static final long REFRESH_MS = AddressBook.FRESH_MS / 2;

    static final Metric SHED = Link.CLOSED.with("reason", "neighbours_enough");

    static final Metric VISITS = Metric.counter("bcast_visits_total",
            "Links made to nodes that are not neighbours, to compare stores.");

    private final ActiveView view;
    private final AddressBook book;
    private final Outbox out;
    private final Random random;
    private final LinkEvents listener;
    private boolean mesh = true;
    private long countDueMs;
    private long refreshDueMs;
    private long refillDueMs;
    private long shedDueMs;
    private long visitDueMs;

    Membership(ActiveView view, AddressBook book, Outbox out, Random random,
            LinkEvents listener, long nowMs) {
        this.view = view;
        this.book = book;
        this.out = out;
        this.random = random;
        this.listener = listener;
        this.countDueMs = nowMs;
        this.refillDueMs = nowMs;
        this.shedDueMs = nowMs + SHED_MS;
        this.visitDueMs = nowMs + Neighbours.VISIT_MS;
    }

    /** Whether the cluster is small enough for a full mesh, as far as this node has heard. */
    boolean mesh() {
        return mesh;
    }

    void tick(Now now) {
        long ms = now.steadyMs();
        if (ms >= countDueMs) {
            countDueMs = ms + COUNT_MS;
            count(now);
        }
        if (mesh || ms >= refillDueMs) {
            refillDueMs = ms + (few() ? REFILL_MS : REFILL_SLOWLY_MS);
            dial(ms);
        }
        if (mesh) {
            return;
        }
        if (ms >= shedDueMs) {
            shedDueMs = ms + SHED_MS / 2 + random.nextInt((int) SHED_MS);
            if (view.peers().size() > ROOMY) {
                shed(now);
            }
        }
        if (ms >= visitDueMs) {
            visitDueMs = ms + Neighbours.VISIT_MS / 2 + random.nextInt((int) Neighbours.VISIT_MS);
            visit(ms);
        }
    }

    private void count(Now now) {
        long ms = now.steadyMs();
        if (ms >= refreshDueMs) {
            refreshDueMs = ms + REFRESH_MS;
            view.peers().forEach(link -> book.alive(link.node(), ms));
        }
        boolean before = mesh;
        long strangers = book.fresh(ms).stream().filter(peer -> !view.linked(peer.node())).count();
        mesh = 1 + view.peers().size() + strangers <= MESH;
        if (before != mesh) {
            out.debug(mesh ? "a full mesh again" : "too many nodes for a mesh");
        }
    }

    // ---- neighbours

    /** Dials as many nodes as are needed. */
    void dial(long ms) {
        int wanted = mesh ? AddressBook.MAX_DIALLING
                : ACTIVE - view.peers().size() - book.dialling(ms);
        LinkRole role = view.peers().isEmpty() ? LinkRole.JOIN : LinkRole.NEIGHBOUR;
        for (int i = 0; i < wanted && view.all().size() < Neighbours.MAX_LINKS; i++) {
            Optional<Address> address = book.dial(mesh ? Which.ANY : Which.FRESH, role,
                    view::linked, ms);
            if (address.isEmpty() && !mesh && few()) {
                address = book.dial(Which.STALE, role, view::linked, ms);
            }
            if (address.isEmpty()) {
                return;
            }
            out.add(new Output.Connect(address.get()));
        }
    }

    private boolean few() {
        return view.peers().size() < ACTIVE / 2;
    }

    /** Whether a node that dialled and asks for a role becomes a neighbour. */
    boolean accepts(LinkRole wish) {
        return wish == LinkRole.JOIN || wish == LinkRole.NEIGHBOUR
                && view.peers().size() < (mesh ? MAX_NEIGHBOURS : ROOMY);
    }

    /** Makes a link, which may have been a visit, one between neighbours. */
    void join(Link link, Now now) {
        if (view.peers().size() >= MAX_NEIGHBOURS) {
            shed(now);
        }
        view.join(link);
    }

    /** Ends a link that the tree does not need, with a peer that has many others. */
    private void shed(Now now) {
        view.peers().stream().min(Comparator.comparing(listener::inTree)
                .thenComparing(link -> -link.heartbeat().links())).ifPresent(victim -> {
                    out.count(SHED);
                    view.part(victim, "neighbours enough", now);
                });
    }

    /**
     * Makes a visit a link between neighbours: two parts of the cluster had lost sight of each
     * other, and are joined here. The first of the two nodes to do so tells the other.
     */
    void adopt(Link link, boolean first, Now now) {
        if (link.neighbour() || view.linked(link.node())) {
            return;
        }
        join(link, now);
        if (first) {
            out.send(link.number(), new OverlayMessage.Adopt());
        }
        listener.up(link, now);
    }

    // ---- visits

    private void visit(long ms) {
        Optional<Address> address = book.dial(random.nextBoolean() ? Which.FRESH : Which.STALE,
                LinkRole.VISIT, view::linked, ms);
        if (address.isEmpty()) {
            address = book.dial(Which.ANY, LinkRole.VISIT, view::linked, ms);
        }
        address.ifPresent(each -> {
            out.count(VISITS);
            out.add(new Output.Connect(each));
        });
    }
}
