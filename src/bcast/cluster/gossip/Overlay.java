package bcast.cluster.gossip;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Who is whose neighbour. A small cluster is a full mesh. A larger one is HyParView (Leitão,
 * Pereira, Rodrigues, DSN 2007): few neighbours, made by random walks of those that join, and
 * many addresses, exchanged by shuffles, to replace neighbours that are lost.
 *
 * <p>Beyond the paper, neighbours are sought on a timer and not only when one is lost; a walk that
 * cannot go on ends where it is; only nodes that somebody dialled are told of; and every node
 * visits strangers now and then, so that parts of a cluster that lost sight of each other meet.
 */
final class Overlay {

    /** Up to so many nodes know and link each other, all to all. */
    static final int MESH = 25;

    /** Most neighbours: those of a mesh, and one that makes it too large. */
    static final int MAX_NEIGHBOURS = MESH;

    /** Neighbours of a node in a larger cluster; with fewer it seeks more. */
    static final int ACTIVE = 8;

    /** With fewer neighbours a node takes any that asks; with more it sheds some. */
    static final int ROOMY = 10;

    /** Length of the walk of a node that joins. */
    static final int JOIN_HOPS = 6;

    /** So far from its end the walk leaves the address behind. */
    static final int PASSIVE_HOPS = 3;

    /** Neighbours and other nodes in a shuffle, besides the node itself. */
    static final int SHUFFLE_ACTIVE = 3;
    static final int SHUFFLE_PASSIVE = 4;

    /** Time between looks for more neighbours, when there are few. */
    static final long REFILL_MS = 500;

    /** The same when there are enough to be safe. */
    static final long REFILL_SLOWLY_MS = 2_000;

    /** Time between links shed. */
    static final long SHED_MS = 5_000;

    /** Time between visits to nodes that are not neighbours. */
    static final long VISIT_MS = 5_000;

    /** Time between shuffles is by chance between the two. */
    static final long MIN_SHUFFLE_MS = 10_000;
    static final long MAX_SHUFFLE_MS = 30_000;

    /** Time between counts of who is alive. */
    private static final long COUNT_MS = 1_000;

    /** Time between notes in the book that neighbours are alive. */
    private static final long REFRESH_MS = AddressBook.FRESH_MS / 2;

    /** Walks of others whose way back is remembered, for their answers. */
    static final int MAX_WALKS = 256;

    /** Counts neighbours shed because there were too many. */
    static final String SHED = "links_shed";
    /** Counts visits to nodes that are not neighbours. */
    static final String VISITS = "visits";

    private final NodeId self;
    private final Neighbours neighbours;
    private final AddressBook book;
    private final Predicate<Link> inTree;
    private final Outbox out;
    private final Random random;
    private final Map<Long, Integer> walks = new LinkedHashMap<>();
    private final long ownWalks;
    private long walksBegun;
    private boolean mesh = true;
    private long countDueMs;
    private long refreshDueMs;
    private long refillDueMs;
    private long shedDueMs;
    private long visitDueMs;
    private long shuffleDueMs;

    Overlay(NodeId self, Neighbours neighbours, AddressBook book, Predicate<Link> inTree,
            Outbox out, Random random, Now now) {
        this.self = self;
        this.neighbours = neighbours;
        this.book = book;
        this.inTree = inTree;
        this.out = out;
        this.random = random;
        this.ownWalks = random.nextLong() << 16;
        this.countDueMs = now.steadyMs();
        this.refillDueMs = now.steadyMs();
        this.shedDueMs = now.steadyMs() + SHED_MS;
        this.visitDueMs = now.steadyMs() + VISIT_MS;
        this.shuffleDueMs = now.steadyMs() + MIN_SHUFFLE_MS;
    }

    /** Whether the cluster is small enough for a full mesh, as far as this node knows. */
    boolean mesh() {
        return mesh;
    }

    void tick(Now now) {
        long ms = now.steadyMs();
        if (ms >= countDueMs) {
            countDueMs = ms + COUNT_MS;
            count(ms);
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
            if (neighbours.peers().size() > ROOMY) {
                shed(now);
            }
        }
        if (ms >= visitDueMs) {
            visitDueMs = ms + VISIT_MS / 2 + random.nextInt((int) VISIT_MS);
            visit(ms);
        }
        if (ms >= shuffleDueMs) {
            shuffleDueMs = ms + MIN_SHUFFLE_MS
                    + random.nextInt((int) (MAX_SHUFFLE_MS - MIN_SHUFFLE_MS));
            shuffle(ms);
        }
    }

    private void count(long ms) {
        if (ms >= refreshDueMs) {
            refreshDueMs = ms + REFRESH_MS;
            neighbours.peers().forEach(link -> book.alive(link.node(), ms));
        }
        boolean before = mesh;
        int others = MESH - 1 - neighbours.peers().size();
        mesh = others >= 0 && !book.moreFresh(others, neighbours::linked, ms);
        if (before != mesh) {
            out.debug(mesh ? "a full mesh again" : "too many nodes for a mesh");
        }
    }

    // ---- neighbours

    /** Dials as many as are wanted. */
    void dial(long ms) {
        int wanted = mesh ? AddressBook.MAX_DIALLING
                : ACTIVE - neighbours.peers().size() - book.dialling(ms);
        LinkRole role = neighbours.peers().isEmpty() ? LinkRole.JOIN
                : LinkRole.NEIGHBOUR;
        for (int i = 0; i < wanted && neighbours.all().size() < Gossip.MAX_LINKS; i++) {
            Optional<Address> address = book.dial(mesh ? AddressBook.Which.ANY
                    : AddressBook.Which.FRESH, role, neighbours::linked, ms);
            if (address.isEmpty() && !mesh && few()) {
                address = book.dial(AddressBook.Which.STALE, role, neighbours::linked, ms);
            }
            if (address.isEmpty()) {
                return;
            }
            out.add(new Output.Connect(address.get()));
        }
    }

    private boolean few() {
        return neighbours.peers().size() < ACTIVE / 2;
    }

    /** What a node that dialled may be to this one. */
    LinkRole answer(LinkRole wish) {
        boolean room = neighbours.peers().size() < (mesh ? MAX_NEIGHBOURS : ROOMY);
        boolean welcome = wish == LinkRole.JOIN || wish == LinkRole.NEIGHBOUR && room;
        return welcome ? LinkRole.NEIGHBOUR : LinkRole.NONE;
    }

    /** A neighbour is about to be added. */
    void makeRoom(Now now) {
        if (neighbours.peers().size() >= MAX_NEIGHBOURS) {
            shed(now);
        }
    }

    /** Ends a link that the tree does not need, with a peer that has many others. */
    private void shed(Now now) {
        Link victim = null;
        for (Link link : neighbours.peers()) {
            if (victim == null || dispensable(link, victim)) {
                victim = link;
            }
        }
        if (victim != null) {
            out.count(SHED);
            neighbours.part(victim, "neighbours enough", now);
        }
    }

    private boolean dispensable(Link link, Link other) {
        boolean inTreeLink = inTree.test(link);
        boolean inTreeOther = inTree.test(other);
        return inTreeLink == inTreeOther ? link.heartbeat().links() > other.heartbeat().links()
                : inTreeOther;
    }

    /**
     * Parts of the cluster had lost sight of each other: they are joined here.
     *
     * @return whether the link was a visit and is one between neighbours now
     */
    boolean adopt(Link link, Now now) {
        if (link.neighbour() || neighbours.linked(link.node())) {
            return false;
        }
        neighbours.join(link, now);
        return true;
    }

    // ---- walks

    /** A node joined here: walks tell others, who dial it. */
    void joined(Link newcomer) {
        if (!newcomer.peerAddress().dialable()) {
            return;
        }
        OverlayMessage.Peer peer = new OverlayMessage.Peer(newcomer.node(),
                newcomer.peerAddress(), 0);
        List<Link> others = new ArrayList<>(neighbours.peers());
        others.removeIf(link -> link == newcomer || !mayHear(link, peer.address()));
        Collections.shuffle(others, random);
        for (Link link : others.subList(0, Math.min(ACTIVE, others.size()))) {
            out.send(link.number(), new OverlayMessage.ForwardJoin(peer, JOIN_HOPS));
        }
    }

    void onForwardJoin(Link from, OverlayMessage.ForwardJoin join, long ms) {
        OverlayMessage.Peer peer = join.peer();
        if (peer.node().equals(self) || !mayTell(from, peer.address())) {
            return;
        }
        boolean linked = neighbours.linked(peer.node());
        if (!linked && join.hops() <= PASSIVE_HOPS) {
            book.heard(peer.address(), peer.node(), ms, false, 0, ms);
        }
        Optional<Link> next = join.hops() <= 0 ? Optional.empty() : next(from, peer.address());
        if (next.isPresent()) {
            int hops = Math.min(join.hops(), JOIN_HOPS) - 1;
            out.send(next.get().number(), new OverlayMessage.ForwardJoin(peer, hops));
        } else if (!linked) {
            book.heard(peer.address(), peer.node(), ms, false, 0, ms);
            if (book.dial(peer.address(), LinkRole.NEIGHBOUR, ms)) {
                out.add(new Output.Connect(peer.address()));
            }
        }
    }

    private Optional<Link> next(Link from, Address about) {
        List<Link> others = new ArrayList<>(neighbours.peers());
        others.removeIf(link -> link == from || about != null && !mayHear(link, about));
        return others.isEmpty() ? Optional.empty()
                : Optional.of(others.get(random.nextInt(others.size())));
    }

    private void shuffle(long ms) {
        Optional<Link> first = next(null, null);
        if (first.isPresent()) {
            List<OverlayMessage.Peer> sample = sample(first.get(), ms);
            out.send(first.get().number(),
                    new OverlayMessage.Shuffle(ownWalks | walksBegun++ & 0xffff,
                    JOIN_HOPS, sample));
        }
    }

    /** Some neighbours and some others, as a peer may be told of them. */
    private List<OverlayMessage.Peer> sample(Link to, long ms) {
        List<Link> links = new ArrayList<>(neighbours.peers());
        links.removeIf(link -> link == to || !link.dialable()
                || !mayHear(to, link.peerAddress()));
        List<OverlayMessage.Peer> sample = new ArrayList<>();
        while (sample.size() < SHUFFLE_ACTIVE && !links.isEmpty()) {
            Link link = links.remove(random.nextInt(links.size()));
            sample.add(new OverlayMessage.Peer(link.node(), link.peerAddress(), 0));
        }
        sample.addAll(book.sample(SHUFFLE_PASSIVE, peer -> !neighbours.linked(peer.node())
                && mayHear(to, peer.address()), ms));
        return List.copyOf(sample);
    }

    void onShuffle(Link from, OverlayMessage.Shuffle shuffle, long ms) {
        Optional<Link> next = shuffle.hops() <= 0 || walks.containsKey(shuffle.walk())
                ? Optional.empty() : next(from, null);
        if (next.isPresent()) {
            walks.put(shuffle.walk(), from.number());
            if (walks.size() > MAX_WALKS) {
                walks.remove(walks.keySet().iterator().next());
            }
            int hops = Math.min(shuffle.hops(), JOIN_HOPS) - 1;
            out.send(next.get().number(), new OverlayMessage.Shuffle(shuffle.walk(), hops,
                    shuffle.peers()));
        } else {
            out.send(from.number(), new OverlayMessage.Shuffled(shuffle.walk(), sample(from, ms)));
            learn(from, shuffle.peers(), true, ms);
        }
    }

    void onShuffled(Link from, OverlayMessage.Shuffled shuffled, long ms) {
        Integer back = walks.remove(shuffled.walk());
        if (back != null) {
            out.send(back, shuffled);
        } else if ((shuffled.walk() & ~0xffffL) == ownWalks) {
            learn(from, shuffled.peers(), true, ms);
        }
    }

    // ---- addresses

    /** A loopback or link-local address means something else on another host. */
    private static boolean mayHear(Link to, Address address) {
        return !address.linkLocal() && (!address.loopback() || to.loopback());
    }

    private static boolean mayTell(Link from, Address address) {
        return address.dialable() && mayHear(from, address);
    }

    /** Tells a peer of some others. */
    void introduce(Link to, long ms) {
        List<OverlayMessage.Peer> known = new ArrayList<>();
        for (Link link : neighbours.peers()) {
            if (link != to && mayTell(to, link.peerAddress())) {
                known.add(new OverlayMessage.Peer(link.node(), link.peerAddress(), 0));
            }
        }
        known.addAll(book.sample(ACTIVE,
                peer -> !neighbours.linked(peer.node()) && mayHear(to, peer.address()), ms));
        if (!known.isEmpty()) {
            out.send(to.number(), new OverlayMessage.Peers(List.copyOf(known)));
        }
    }

    /** A peer tells of others. */
    void learn(Link from, List<OverlayMessage.Peer> peers, boolean dialable, long ms) {
        for (OverlayMessage.Peer peer : peers) {
            if (mayTell(from, peer.address()) && !peer.node().equals(self)
                    && !neighbours.linked(peer.node())) {
                heard(peer.node(), peer.address(), ms - 1_000L * peer.ageS(), dialable, ms);
            }
        }
        if (mesh) {
            dial(ms);
        }
    }

    /**
     * A node is known to live. Of two that hear of each other the smaller id dials at once, but
     * waits for an address other than a link-local one.
     */
    void heard(NodeId node, Address address, long aliveMs, boolean dialable, long ms) {
        long delay = self.compareTo(node) < 0 ? 0
                : Discovery.DIAL_DELAY_MS + random.nextInt((int) Discovery.DIAL_DELAY_MS);
        delay += address.linkLocal() ? Discovery.DIAL_DELAY_MS : 0;
        book.heard(address, node, aliveMs, dialable, delay, ms);
    }

    private void visit(long ms) {
        AddressBook.Which first = random.nextBoolean() ? AddressBook.Which.FRESH
                : AddressBook.Which.STALE;
        AddressBook.Which second = first == AddressBook.Which.FRESH ? AddressBook.Which.STALE
                : AddressBook.Which.FRESH;
        Optional<Address> address = book.dial(first, LinkRole.VISIT, neighbours::linked, ms);
        if (address.isEmpty()) {
            address = book.dial(second, LinkRole.VISIT, neighbours::linked, ms);
        }
        address.ifPresent(each -> {
            out.count(VISITS);
            out.add(new Output.Connect(each));
        });
    }
}
