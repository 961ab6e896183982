package bcast.cluster.gossip.overlay;

import bcast.base.BoundedMap;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.overlay.OverlayMessage.Peer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * What nodes report of other nodes: a node is introduced to a new neighbour, and the random walks
 * of HyParView make a node that joins known to others and exchange samples of the addresses that
 * nodes have heard of. A walk that cannot go on ends where it is.
 */
final class Hearsay {

    /** The node with the larger id waits this long for the other one to dial. */
    static final long DIAL_DELAY_MS = 300;

    /** Length of a walk. */
    static final int JOIN_HOPS = 6;

    /** This far from its end the walk of a node that joins leaves the address behind. */
    static final int PASSIVE_HOPS = 3;

    /** Neighbours in a shuffle. */
    static final int SHUFFLE_ACTIVE = 3;

    /** Other nodes in a shuffle. */
    static final int SHUFFLE_PASSIVE = 4;

    /** Least and longest time between shuffles; it is random between the two. */
    static final long MIN_SHUFFLE_MS = 10_000;
    static final long MAX_SHUFFLE_MS = 30_000;

    /** Walks of others whose way back is remembered, for their answers. */
    static final int MAX_WALKS = 256;

    private final NodeId self;
    private final ActiveView view;
    private final Membership membership;
    private final AddressBook book;
    private final Outbox out;
    private final Random random;
    private final Map<Long, Integer> walks = new BoundedMap<>(MAX_WALKS);
    private final long ownWalks;
    private long walksBegun;
    private long shuffleDueMs;

    Hearsay(NodeId self, ActiveView view, Membership membership, AddressBook book, Outbox out,
            Random random, long nowMs) {
        this.self = self;
        this.view = view;
        this.membership = membership;
        this.book = book;
        this.out = out;
        this.random = random;
        this.ownWalks = random.nextLong() << 16;
        this.shuffleDueMs = nowMs + MIN_SHUFFLE_MS;
    }

    /** A loopback or link-local address means something else on another host. */
    private static boolean mayHear(Link to, Address address) {
        return !address.linkLocal() && (!address.loopback() || to.loopback());
    }

    private static boolean mayTell(Link from, Address address) {
        return address.dialable() && mayHear(from, address);
    }

    private static Peer peer(Link link) {
        return new Peer(link.node(), link.peerAddress(), 0);
    }

    // ---- introductions

    /** Names other nodes to a peer. */
    void introduce(Link to, long ms) {
        List<Peer> known = new ArrayList<>();
        for (Link link : view.peers()) {
            if (link != to && mayTell(to, link.peerAddress())) {
                known.add(peer(link));
            }
        }
        known.addAll(strangers(to, Membership.ACTIVE, ms));
        if (!known.isEmpty()) {
            out.send(to.number(), new OverlayMessage.Peers(List.copyOf(known)));
        }
    }

    /** Some nodes that are not neighbours, of those that a peer may hear of. */
    private List<Peer> strangers(Link to, int count, long ms) {
        return book.sample(count,
                peer -> !view.linked(peer.node()) && mayHear(to, peer.address()), ms);
    }

    /** A peer named other nodes. */
    void learn(Link from, List<Peer> peers, boolean dialable, long ms) {
        for (Peer peer : peers) {
            if (mayTell(from, peer.address()) && !peer.node().equals(self)
                    && !view.linked(peer.node())) {
                heard(peer.node(), peer.address(), ms - 1_000L * peer.ageS(), dialable, ms);
            }
        }
        if (membership.mesh()) {
            membership.dial(ms);
        }
    }

    /**
     * A node is known to be alive. Of two nodes that hear of each other the one with the smaller id
     * dials at once; only a link-local address is given time for a better one.
     */
    void heard(NodeId node, Address address, long aliveMs, boolean dialable, long ms) {
        long delay = self.compareTo(node) < 0 ? 0
                : DIAL_DELAY_MS + random.nextInt((int) DIAL_DELAY_MS);
        delay += address.linkLocal() ? DIAL_DELAY_MS : 0;
        book.heard(address, node, aliveMs, dialable, delay, ms);
    }

    // ---- walks of nodes that join

    /** A node joined here: walks carry its address to other nodes, which dial it. */
    void joined(Link newcomer) {
        if (newcomer.peerAddress().dialable()) {
            List<Link> others = others(newcomer, newcomer.peerAddress());
            Collections.shuffle(others, random);
            others.stream().limit(Membership.ACTIVE).forEach(link -> out.send(link.number(),
                    new OverlayMessage.ForwardJoin(peer(newcomer), JOIN_HOPS)));
        }
    }

    void onForwardJoin(Link from, OverlayMessage.ForwardJoin join, long ms) {
        Peer peer = join.peer();
        if (peer.node().equals(self) || !mayTell(from, peer.address())) {
            return;
        }
        Optional<Link> next = next(from, peer.address(), join.hops());
        next.ifPresent(link -> out.send(link.number(),
                new OverlayMessage.ForwardJoin(peer, Math.min(join.hops(), JOIN_HOPS) - 1)));
        if (view.linked(peer.node()) || next.isPresent() && join.hops() > PASSIVE_HOPS) {
            return;
        }
        book.heard(peer.address(), peer.node(), ms, false, 0, ms);
        if (next.isEmpty() && book.dial(peer.address(), ms)) {
            out.add(new Output.Connect(peer.address()));
        }
    }

    /** Neighbours that may hear of an address, if there is one, all but one. */
    private List<Link> others(Link but, Address about) {
        List<Link> others = new ArrayList<>(view.peers());
        others.removeIf(link -> link == but || about != null && !mayHear(link, about));
        return others;
    }

    /** The next node of a walk; empty where the walk ends. */
    private Optional<Link> next(Link from, Address about, int hops) {
        List<Link> others = others(from, about);
        return hops <= 0 || others.isEmpty() ? Optional.empty()
                : Optional.of(others.get(random.nextInt(others.size())));
    }

    // ---- shuffles

    void tick(long ms) {
        if (ms >= shuffleDueMs) {
            shuffleDueMs = ms + MIN_SHUFFLE_MS
                    + random.nextInt((int) (MAX_SHUFFLE_MS - MIN_SHUFFLE_MS));
            next(null, null, JOIN_HOPS).ifPresent(first -> out.send(first.number(),
                    new OverlayMessage.Shuffle(ownWalks | walksBegun++ & 0xffff, JOIN_HOPS,
                            sample(first, ms))));
        }
    }

    void onShuffle(Link from, OverlayMessage.Shuffle shuffle, long ms) {
        Optional<Link> next = walks.containsKey(shuffle.walk()) ? Optional.empty()
                : next(from, null, shuffle.hops());
        if (next.isPresent()) {
            walks.put(shuffle.walk(), from.number());
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

    /** Some neighbours and some other nodes, of those that a peer may hear of. */
    private List<Peer> sample(Link to, long ms) {
        List<Link> links = new ArrayList<>(view.peers());
        links.removeIf(link -> link == to || !link.dialable() || !mayHear(to, link.peerAddress()));
        Collections.shuffle(links, random);
        List<Peer> sample = new ArrayList<>();
        links.stream().limit(SHUFFLE_ACTIVE).forEach(link -> sample.add(peer(link)));
        sample.addAll(strangers(to, SHUFFLE_PASSIVE, ms));
        return List.copyOf(sample);
    }
}
