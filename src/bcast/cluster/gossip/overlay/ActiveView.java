package bcast.cluster.gossip.overlay;

import bcast.base.Log;
import bcast.base.LoggedTexts;
import bcast.base.Metric;
import bcast.cluster.gossip.link.Fault;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.link.PerLink;
import bcast.cluster.gossip.link.Refusals;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All links of this node, and those among them that lead to neighbours: the active view of
 * HyParView. There is one link a neighbour.
 */
final class ActiveView implements Neighbours {

    /** Faults of a peer before it is shut out. */
    static final int MAX_FAULTS = 16;

    /** How long its links are then refused. */
    static final long SHUT_OUT_MS = 60_000;

    /** Most nodes remembered that are shut out. */
    static final int MAX_SHUT_OUT = 1_024;

    /** Counts peers shut out for their faults, see {@link Fault}. */
    static final Metric SHUT_OUT = Link.CLOSED.with("reason", "faults");

    private static final class Faults {
        private int count;
    }

    private final NodeId self;
    private final AddressBook book;
    private final Refusals<NodeId> shutOuts;
    private final Outbox out;
    private final LinkEvents listener;
    private final Map<Integer, Link> links = new TreeMap<>();
    private final Map<Integer, Link> retired = new TreeMap<>();
    private final Map<NodeId, Link> peers = new TreeMap<>();
    private final PerLink<Faults> faults = new PerLink<>(Faults::new);
    private final LoggedTexts warned = new LoggedTexts();
    private long meshHash;

    ActiveView(NodeId self, AddressBook book, Refusals<NodeId> shutOuts, Outbox out,
            LinkEvents listener) {
        this.self = self;
        this.book = book;
        this.shutOuts = shutOuts;
        this.out = out;
        this.listener = listener;
        this.meshHash = computeMeshHash();
    }

    // ---- what there is

    @Override
    public Collection<Link> peers() {
        return peers.values();
    }

    @Override
    public Optional<Link> link(int number) {
        return Optional.ofNullable(links.get(number));
    }

    /** All links, those that still greet and visits included. */
    Collection<Link> all() {
        return links.values();
    }

    /** A link that this node closed but still takes records from. */
    Optional<Link> retired(int number) {
        return Optional.ofNullable(retired.get(number));
    }

    boolean linked(NodeId node) {
        return peers.containsKey(node);
    }

    /** The link to a neighbour. */
    Optional<Link> peer(NodeId node) {
        return Optional.ofNullable(peers.get(node));
    }

    /** Other neighbours that report the address of a peer as their own. */
    List<Link> atAddressOf(Link link) {
        return peers.values().stream().filter(other -> !other.node().equals(link.node())
                && other.peerAddress().equals(link.peerAddress())).toList();
    }

    @Override
    public long meshHash() {
        return meshHash;
    }

    @Override
    public boolean fullMesh() {
        for (Link link : peers.values()) {
            if (link.heartbeat().meshHash() != meshHash) {
                return false;
            }
        }
        return true;
    }

    private long computeMeshHash() {
        long sum = mix(self);
        for (NodeId node : peers.keySet()) {
            sum += mix(node);
        }
        // 0 stands for no mesh at all.
        return sum == 0 ? 1 : sum;
    }

    /** Finalizer of SplitMix64 (Steele, Lea, Flood, 2014). */
    private static long mix(NodeId node) {
        long z = node.hi() ^ Long.rotateLeft(node.lo(), 32);
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    // ---- links that come

    void add(Link link) {
        links.put(link.number(), link);
    }

    /** The book notes that the peer of a link is alive. */
    void enter(Link link, Now now) {
        book.linked(link.dialled().orElse(link.peerAddress()), link.node(),
                link.dialled().isPresent(), now.steadyMs());
    }

    /** Makes a link, which may have been a visit, one between neighbours. */
    void join(Link link) {
        link.becomeNeighbour();
        peers.put(link.node(), link);
        meshChanged();
        out.info("linked to " + link + (link.dialled().isPresent() ? "" : ", which dialled"));
    }

    /** Records spread on a mesh only while all of its nodes report the same links. */
    private void meshChanged() {
        meshHash = computeMeshHash();
        peers.values().forEach(Link::wantHeartbeat);
    }

    // ---- links that go

    /** The sockets of a link are closed. */
    void closed(Input.Closed closed, Now now) {
        retired.remove(closed.link());
        link(closed.link()).ifPresent(link -> {
            out.log(link.neighbour() ? Log.Level.INFO : Log.Level.DEBUG,
                    "link to " + link + " closed: " + closed.reason());
            drop(link, now);
        });
    }

    /** A peer ends the link. */
    void left(Link link, LinkMessage.Bye bye, Now now) {
        NodeId node = link.node();
        if (bye.stays()) {
            hangUp(link, "the peer ended it: " + bye.reason(), now);
            book.parted(node, now.steadyMs());
        } else {
            out.info("peer " + link + " left: " + bye.reason());
            hangUp(link, "the peer left", now);
            book.left(node);
            // The book has one node an address.
            atAddressOf(link).forEach(other -> enter(other, now));
        }
    }

    /** Ends the link to a neighbour that goes on running. */
    void part(Link link, String reason, Now now) {
        NodeId node = link.node();
        listener.parting(link);
        out.send(link.number(), new LinkMessage.Bye(reason, true));
        retire(link, reason, now);
        book.parted(node, now.steadyMs());
    }

    /** Closes a link from this side, but still accepts records that are on their way on it. */
    void retire(Link link, String reason, Now now) {
        hangUp(link, reason, now);
        retired.put(link.number(), link);
    }

    /** Closes a link from this side. */
    void hangUp(Link link, String reason, Now now) {
        out.debug("closing link to " + link + ": " + reason);
        out.add(new Output.Close(link.number()));
        drop(link, now);
    }

    /** Refuses a link, with a reason for the log of each side. */
    void refuse(Link link, String name, String ours, String theirs, Now now) {
        out.send(link.number(), new LinkMessage.Refuse(theirs));
        warnOnce("refused " + name + ": " + ours);
        out.add(new Output.Close(link.number()));
        drop(link, now);
        link.dialled().ifPresent(address -> book.refused(address, now.steadyMs()));
    }

    private void drop(Link link, Now now) {
        links.remove(link.number());
        if (!link.up()) {
            link.dialled().ifPresent(address -> book.failed(address, now.steadyMs()));
        } else if (peers.remove(link.node(), link)) {
            book.lost(link.node(), now.steadyMs());
            meshChanged();
        }
        listener.down(link, now);
    }

    /** Ends all links. */
    void leave(LinkMessage.Bye bye) {
        for (Link link : links.values()) {
            if (link.up()) {
                out.send(link.number(), bye);
            }
            out.add(new Output.Close(link.number()));
        }
        links.clear();
        peers.clear();
    }

    // ---- faults

    @Override
    public void fault(Link link, Fault fault, Now now) {
        out.count(fault.counter());
        if (link.up() && ++faults.of(link).count >= MAX_FAULTS) {
            out.count(SHUT_OUT);
            shutOuts.add(link.node(), now.steadyMs() + SHUT_OUT_MS);
            String why = fault.did() + " (" + MAX_FAULTS + " faults in all), shut out for "
                    + SHUT_OUT_MS / 1_000 + " s";
            refuse(link, link.toString(), why, why, now);
        }
    }

    /** Whether it is the first time that something is to be warned of. */
    boolean first(String kind) {
        return warned.add(kind);
    }

    /** Warns of what repeats for as long as both nodes run; only the first is a warning. */
    void warnOnce(String text) {
        out.log(first(text) ? Log.Level.WARN : Log.Level.DEBUG, text);
    }
}
