package bcast.cluster.gossip.overlay;

import bcast.base.BoundedMap;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.Output;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * The random walks of HyParView: a node that joins is made known to others, and nodes exchange
 * samples of the addresses that they have heard of. A walk that cannot go on ends where it is.
 */
final class Walks {

    /** Length of the walk of a node that joins. */
    static final int JOIN_HOPS = 6;

    /** This far from its end the walk leaves the address behind. */
    static final int PASSIVE_HOPS = 3;

    /** Neighbours in a shuffle. */
    static final int SHUFFLE_ACTIVE = 3;

    /** Other nodes in a shuffle. */
    static final int SHUFFLE_PASSIVE = 4;

    /** Least time between shuffles; the time is random between the two. */
    static final long MIN_SHUFFLE_MS = 10_000;

    /** Longest time between shuffles. */
    static final long MAX_SHUFFLE_MS = 30_000;

    /** Walks of others whose way back is remembered, for their answers. */
    static final int MAX_WALKS = 256;

    private final NodeId self;
    private final ActiveView view;
    private final Hearsay hearsay;
    private final AddressBook book;
    private final Outbox out;
    private final Random random;
    private final Map<Long, Integer> walks = new BoundedMap<>(MAX_WALKS);
    private final long ownWalks;
    private long walksBegun;
    private long shuffleDueMs;

    Walks(NodeId self, ActiveView view, Hearsay hearsay, AddressBook book, Outbox out,
            Random random, Now now) {
        this.self = self;
        this.view = view;
        this.hearsay = hearsay;
        this.book = book;
        this.out = out;
        this.random = random;
        this.ownWalks = random.nextLong() << 16;
        this.shuffleDueMs = now.steadyMs() + MIN_SHUFFLE_MS;
    }

    void tick(long ms) {
        if (ms >= shuffleDueMs) {
            shuffleDueMs = ms + MIN_SHUFFLE_MS
                    + random.nextInt((int) (MAX_SHUFFLE_MS - MIN_SHUFFLE_MS));
            shuffle(ms);
        }
    }

    // ---- joining

    /** A node joined here: walks carry its address to other nodes, which dial it. */
    void joined(Link newcomer) {
        if (!newcomer.peerAddress().dialable()) {
            return;
        }
        OverlayMessage.Peer peer = new OverlayMessage.Peer(newcomer.node(),
                newcomer.peerAddress(), 0);
        List<Link> others = new ArrayList<>(view.peers());
        others.removeIf(link -> link == newcomer || !Hearsay.mayHear(link, peer.address()));
        Collections.shuffle(others, random);
        for (Link link : others.subList(0, Math.min(Membership.ACTIVE, others.size()))) {
            out.send(link.number(), new OverlayMessage.ForwardJoin(peer, JOIN_HOPS));
        }
    }

    void onForwardJoin(Link from, OverlayMessage.ForwardJoin join, long ms) {
        OverlayMessage.Peer peer = join.peer();
        if (peer.node().equals(self) || !Hearsay.mayTell(from, peer.address())) {
            return;
        }
        boolean linked = view.linked(peer.node());
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
        List<Link> others = new ArrayList<>(view.peers());
        others.removeIf(link -> link == from || about != null && !Hearsay.mayHear(link, about));
        return others.isEmpty() ? Optional.empty()
                : Optional.of(others.get(random.nextInt(others.size())));
    }

    // ---- shuffles

    private void shuffle(long ms) {
        Optional<Link> first = next(null, null);
        if (first.isPresent()) {
            List<OverlayMessage.Peer> sample = sample(first.get(), ms);
            out.send(first.get().number(),
                    new OverlayMessage.Shuffle(ownWalks | walksBegun++ & 0xffff,
                    JOIN_HOPS, sample));
        }
    }

    void onShuffle(Link from, OverlayMessage.Shuffle shuffle, long ms) {
        Optional<Link> next = shuffle.hops() <= 0 || walks.containsKey(shuffle.walk())
                ? Optional.empty() : next(from, null);
        if (next.isPresent()) {
            walks.put(shuffle.walk(), from.number());
            int hops = Math.min(shuffle.hops(), JOIN_HOPS) - 1;
            out.send(next.get().number(), new OverlayMessage.Shuffle(shuffle.walk(), hops,
                    shuffle.peers()));
        } else {
            out.send(from.number(), new OverlayMessage.Shuffled(shuffle.walk(), sample(from, ms)));
            hearsay.learn(from, shuffle.peers(), true, ms);
        }
    }

    void onShuffled(Link from, OverlayMessage.Shuffled shuffled, long ms) {
        Integer back = walks.remove(shuffled.walk());
        if (back != null) {
            out.send(back, shuffled);
        } else if ((shuffled.walk() & ~0xffffL) == ownWalks) {
            hearsay.learn(from, shuffled.peers(), true, ms);
        }
    }

    /** Some neighbours and some other nodes, of those that a peer may hear of. */
    private List<OverlayMessage.Peer> sample(Link to, long ms) {
        List<Link> links = new ArrayList<>(view.peers());
        links.removeIf(link -> link == to || !link.dialable()
                || !Hearsay.mayHear(to, link.peerAddress()));
        List<OverlayMessage.Peer> sample = new ArrayList<>();
        while (sample.size() < SHUFFLE_ACTIVE && !links.isEmpty()) {
            Link link = links.remove(random.nextInt(links.size()));
            sample.add(new OverlayMessage.Peer(link.node(), link.peerAddress(), 0));
        }
        sample.addAll(book.sample(SHUFFLE_PASSIVE, peer -> !view.linked(peer.node())
                && Hearsay.mayHear(to, peer.address()), ms));
        return List.copyOf(sample);
    }
}
