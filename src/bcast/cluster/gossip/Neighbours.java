package bcast.cluster.gossip;

import bcast.base.Once;
import bcast.base.Units;
import bcast.storage.StoreView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The links of this node: greets, keeps one link a neighbour, and drops who falls silent. Who
 * dialled greets first and says what it wants to be; the other answers what it may be. A link is
 * up once both greetings were accepted.
 */
final class Neighbours {

    /** Decides who becomes a neighbour, and is told when links come and go. */
    interface Listener {
        /** What this node wants to be to one it dialled. */
        LinkRole wish(Address dialled);

        /** What a node that dialled may be to this one. */
        LinkRole answer(LinkRole wish);

        /** A neighbour is about to be added: if there are as many as can be, one has to go. */
        void makeRoom(Now now);

        /** This node turned a peer down; it may be told of others. */
        void turnedDown(Link link, Now now);

        /** This node is about to end a link: what waits for it is to be sent. */
        void parting(Link link);

        /** A link is up, between neighbours or for a visit. */
        void up(Link link, Now now);

        /** A link is gone, whether it had been up or not. */
        void down(Link link, Now now);
    }

    /** Faults of a peer before it is shut out. */
    static final int MAX_FAULTS = 16;

    /** In place of the time when a neighbour was doubted. */
    private static final long NOT_DOUBTED = Long.MAX_VALUE;

    /** Whether a peer is believed to be there, and how often it was at fault. */
    private static final class Standing {
        /** When another node took the peer's address; until the peer shows a sign of life. */
        private long doubtedMs = NOT_DOUBTED;
        private int faults;

        boolean doubted() {
            return doubtedMs != NOT_DOUBTED;
        }
    }

    private static final Address NOWHERE = new Address("", 0);

    private final Gossip.Settings settings;
    private final StoreView store;
    private final AddressBook book;
    private final Outbox out;
    private final Twins twins;
    private final Listener listener;
    private final PerLink<Standing> standings = new PerLink<>(Standing::new);
    private final Map<Integer, Link> links = new TreeMap<>();
    private final Map<Integer, Link> retired = new TreeMap<>();
    private final Map<NodeId, Link> peers = new TreeMap<>();
    private final Map<NodeId, Long> shutOutUntilMs = new LinkedHashMap<>();
    private final Once warned = new Once();
    private long meshHash;
    private boolean reachable;

    Neighbours(Gossip.Settings settings, StoreView store, AddressBook book, Twins twins,
            Outbox out, Listener listener) {
        this.settings = settings;
        this.store = store;
        this.book = book;
        this.out = out;
        this.twins = twins;
        this.listener = listener;
        this.meshHash = computeMeshHash();
    }

    /** All neighbours, in the order of their ids. */
    Collection<Link> peers() {
        return peers.values();
    }

    boolean linked(NodeId node) {
        return peers.containsKey(node);
    }

    /** A link by its number, up or not. */
    Optional<Link> link(int number) {
        return Optional.ofNullable(links.get(number));
    }

    /** All links, those that still greet and visits included. */
    Collection<Link> all() {
        return links.values();
    }

    /** Whether somebody dialled this node with success. */
    boolean reachable() {
        return reachable;
    }

    /** Equal for all nodes of a full mesh, and else different but for a chance of 2^-64. */
    long meshHash() {
        return meshHash;
    }

    /** Whether all neighbours are neighbours of each other, and have no others. */
    boolean fullMesh() {
        for (Link link : peers.values()) {
            if (link.heartbeat().meshHash() != meshHash) {
                return false;
            }
        }
        return true;
    }

    private long computeMeshHash() {
        long sum = mix(settings.node());
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

    void opened(Input.Opened opened, Now now) {
        Link link = new Link(opened, store, now);
        links.put(link.number(), link);
        if (link.dialled().isPresent()) {
            greet(link, listener.wish(link.dialled().get()), now);
        } else if (links.size() > Gossip.MAX_LINKS) {
            turnDown(link, "as many links as there can be", now);
        }
    }

    private void greet(Link link, LinkRole role, Now now) {
        out.send(link.number(), new LinkMessage.Hello(Gossip.MIN_VERSION, Gossip.MAX_VERSION,
                settings.cluster(), settings.node(), settings.address(), settings.httpPort(),
                link.dialled().orElse(NOWHERE), now.wallMs(), settings.retentionMs(),
                settings.validator(), role));
    }

    /** Greets, names some others and hangs up. */
    private void turnDown(Link link, String why, Now now) {
        greet(link, LinkRole.NONE, now);
        listener.turnedDown(link, now);
        hangUp(link, why, now);
    }

    void closed(Input.Closed closed, Now now) {
        retired.remove(closed.link());
        Link link = links.get(closed.link());
        if (link == null) {
            return;
        }
        String said = "link to " + link + " closed: " + closed.reason();
        if (link.neighbour()) {
            out.info(said);
        } else {
            out.debug(said);
        }
        drop(link, now);
    }

    /** Handles a message of a link that is not up. */
    void greeted(Link link, Message message, Now now) {
        if (message instanceof LinkMessage.Hello hello) {
            onHello(link, hello, now);
        } else {
            hangUp(link, "no greeting first", now);
        }
    }

    void refusedBy(Link link, LinkMessage.Refuse refusal, Now now) {
        warnOnce("refused by " + link + ": " + refusal.reason());
        hangUp(link, "refused by the peer", now);
        link.dialled().ifPresent(address -> book.refused(address, now.steadyMs()));
    }

    private void onHello(Link link, LinkMessage.Hello hello, Now now) {
        link.greeted(hello);
        if (hello.node().equals(settings.node())) {
            // The side that was dialled tells the other one which of the two it met.
            if (link.dialled().isEmpty()) {
                tellTwin(link, hello, "it has this node's id", now);
            }
            return;
        }
        Optional<Mismatch> mismatch = mismatch(hello, now);
        if (mismatch.isPresent()) {
            Address theirs = new Address(link.remoteHost(), hello.address().port());
            refuse(link, theirs.toString(), mismatch.get(), now);
            return;
        }
        Link other = peers.get(hello.node());
        if (other != null && link.dialled().isEmpty()
                && twins.two(hello, listens(link, hello), other, now)) {
            warnOnce("two nodes have the id " + other.node() + ", one at " + other.peerAddress()
                    + " and one at " + listens(link, hello) + "; the latter has to take "
                    + "a new id; was a virtual machine started twice from one snapshot?");
            tellTwin(link, hello, "another node of its id is linked", now);
            return;
        }
        if (link.dialled().isPresent()) {
            answered(link, hello, now);
        } else {
            reachable |= hello.dialled().dialable();
            dialledBy(link, hello, now);
        }
    }

    private void tellTwin(Link link, LinkMessage.Hello hello, String why, Now now) {
        OptionalLong number = twins.number(listens(link, hello), now);
        if (number.isPresent()) {
            greet(link, LinkRole.NONE, now);
            out.send(link.number(), new LinkMessage.Twin(number.getAsLong()));
        }
        hangUp(link, why, now);
    }

    /**
     * The other side reports that another node has this node's id.
     *
     * @return whether that is so; else this node dialled itself, or it dialled another address of
     *     a peer, which would have ended the link to this node for one to a twin
     */
    boolean twin(Link link, LinkMessage.Twin twin, Now now) {
        if (links.containsKey(link.number())) {
            hangUp(link, "it has this node's id", now);
        }
        link.dialled().ifPresent(address -> book.refused(address, now.steadyMs()));
        return !twins.drew(twin.number())
                && peers.values().stream().noneMatch(
                        peer -> peer.peerName().equals(link.peerName()));
    }

    /** Goes on refusing the peers that another one shut out. */
    void follow(Neighbours other) {
        shutOutUntilMs.putAll(other.shutOutUntilMs);
    }

    private static Address listens(Link link, LinkMessage.Hello hello) {
        return hello.address().seenAt(link.remoteHost());
    }

    /** The node that dialled says what it wants. */
    private void dialledBy(Link link, LinkMessage.Hello hello, Now now) {
        if (hello.role() == LinkRole.VISIT && visitors() >= Gossip.MAX_VISITORS) {
            turnDown(link, "as many visitors as there can be", now);
            return;
        }
        if (hello.role() == LinkRole.VISIT) {
            greet(link, LinkRole.VISIT, now);
            up(link, hello, false, now);
            return;
        }
        Link other = peers.get(hello.node());
        if (other != null && !better(link, hello.node(), other)) {
            turnDown(link, "a second link", now);
        } else if (other != null) {
            greet(link, LinkRole.NEIGHBOUR, now);
            retire(other, "replaced by a better link", now);
            up(link, hello, true, now);
        } else if (listener.answer(hello.role()) == LinkRole.NEIGHBOUR) {
            greet(link, LinkRole.NEIGHBOUR, now);
            up(link, hello, true, now);
        } else {
            turnDown(link, "neighbours enough", now);
        }
    }

    private long visitors() {
        return links.values().stream().filter(link -> link.up() && !link.neighbour()
                && link.dialled().isEmpty()).count();
    }

    /** The node that was dialled says what we may be. */
    private void answered(Link link, LinkMessage.Hello hello, Now now) {
        Address address = link.dialled().get();
        Link other = peers.get(hello.node());
        if (other != null) {
            book.ledTo(address, hello.node(), now.steadyMs());
        }
        if (hello.role() == LinkRole.NONE) {
            retire(link, "it has neighbours enough", now);
            book.declined(address, hello.node(), now.steadyMs());
        } else if (other != null && (hello.role() == LinkRole.VISIT
                || !better(link, hello.node(), other))) {
            // The one that stays is the same from both sides.
            retire(link, "a second link", now);
            book.linked(address, hello.node(), true, now.steadyMs());
        } else {
            if (other != null) {
                retire(other, "replaced by a better link", now);
            }
            up(link, hello, hello.role() == LinkRole.NEIGHBOUR, now);
        }
    }

    /** Why two nodes do not fit, as each of them sees it. */
    private record Mismatch(String toUs, String toThem) {

        static Optional<Mismatch> of(String what, Object ours, Object theirs) {
            return Optional.of(new Mismatch(
                    what + " differs: ours " + ours + ", theirs " + theirs,
                    what + " differs: ours " + theirs + ", theirs " + ours));
        }
    }

    private Optional<Mismatch> mismatch(LinkMessage.Hello hello, Now now) {
        if (Math.min(Gossip.MAX_VERSION, hello.maxVersion())
                < Math.max(Gossip.MIN_VERSION, hello.minVersion())) {
            return Mismatch.of("protocol version", Gossip.MIN_VERSION + ".." + Gossip.MAX_VERSION,
                    hello.minVersion() + ".." + hello.maxVersion());
        }
        if (!hello.cluster().equals(settings.cluster())) {
            return Mismatch.of("cluster name", settings.cluster(), hello.cluster());
        }
        if (hello.retentionMs() != settings.retentionMs()) {
            return Mismatch.of("retention", Units.duration(settings.retentionMs()),
                    Units.duration(hello.retentionMs()));
        }
        if (!hello.validator().equals(settings.validator())) {
            return Mismatch.of("validator", settings.validator(), hello.validator());
        }
        Long until = shutOutUntilMs.get(hello.node());
        if (until != null && now.steadyMs() < until) {
            String why = "shut out for its faults";
            return Optional.of(new Mismatch(why, why));
        }
        return Optional.empty();
    }

    /** Of two links the one dialled by the smaller id stays; of two dialled by one, the newer. */
    private boolean better(Link link, NodeId node, Link other) {
        if (link.dialled().isPresent() == other.dialled().isPresent()) {
            return true;
        }
        boolean weAreSmaller = settings.node().compareTo(node) < 0;
        return link.dialled().isPresent() == weAreSmaller;
    }

    private void up(Link link, LinkMessage.Hello hello, boolean neighbour, Now now) {
        link.up(hello, now);
        atAddressOf(link).forEach(other -> doubt(other, now));
        enter(link, now);
        if (neighbour) {
            join(link, now);
        }
        listener.up(link, now);
    }

    /** Neighbours that say they listen where another node does. */
    private List<Link> atAddressOf(Link link) {
        return peers.values().stream().filter(
                other -> other.peerAddress().equals(link.peerAddress())
                        && !other.node().equals(link.node())).toList();
    }

    private void enter(Link link, Now now) {
        book.linked(link.dialled().orElse(link.peerAddress()), link.node(),
                link.dialled().isPresent(), now.steadyMs());
    }

    /**
     * Another node is linked with a neighbour's address. That alone does not tell whether the
     * neighbour was restarted or both are behind one address (NAT, a proxy, {@code -advertise}), so
     * the neighbour has to show that it lives. A host that was restarted answers the heartbeat
     * with a reset.
     */
    private void doubt(Link link, Now now) {
        Standing standing = standings.of(link);
        if (!standing.doubted()) {
            standing.doubtedMs = now.steadyMs();
            link.wantHeartbeat();
        }
    }

    /** Believes a neighbour that has shown a sign of life since it was doubted. */
    private void endDoubt(Link link) {
        Standing standing = standings.of(link);
        if (standing.doubted() && link.heardMs() > standing.doubtedMs) {
            standing.doubtedMs = NOT_DOUBTED;
            List<Link> others = atAddressOf(link);
            if (!others.isEmpty() && warned.first("shared address " + link.peerAddress())) {
                out.warn("peers " + link + " and " + others.get(0) + " share the address "
                        + link.peerAddress() + ", where only one of them can be dialled; "
                        + "to reach both, give each its own -clusterport or -advertise");
            }
        }
    }

    /** Makes a link, which may have been a visit, one between neighbours. */
    void join(Link link, Now now) {
        listener.makeRoom(now);
        link.becomeNeighbour();
        peers.put(link.node(), link);
        meshChanged();
        out.info("linked to " + link + (link.dialled().isPresent() ? "" : ", which dialled"));
    }

    /** A small cluster spreads on its mesh only as long as all know each other's links. */
    private void meshChanged() {
        meshHash = computeMeshHash();
        peers.values().forEach(Link::wantHeartbeat);
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

    /** Ends the link to a neighbour that lives on. */
    void part(Link link, String reason, Now now) {
        NodeId node = link.node();
        listener.parting(link);
        out.send(link.number(), new LinkMessage.Bye(reason, true));
        retire(link, reason, now);
        book.parted(node, now.steadyMs());
    }

    /** Closes a link from our side. */
    void hangUp(Link link, String reason, Now now) {
        out.debug("closing link to " + link + ": " + reason);
        out.add(new Output.Close(link.number()));
        drop(link, now);
    }

    /** Closes a link from our side, but still takes the records that are on their way on it. */
    private void retire(Link link, String reason, Now now) {
        hangUp(link, reason, now);
        retired.put(link.number(), link);
    }

    /** A link that this node closed but still takes records from. */
    Optional<Link> retired(int number) {
        return Optional.ofNullable(retired.get(number));
    }

    private void refuse(Link link, String who, Mismatch why, Now now) {
        out.send(link.number(), new LinkMessage.Refuse(why.toThem()));
        warnOnce("refused " + who + ": " + why.toUs());
        out.add(new Output.Close(link.number()));
        drop(link, now);
        link.dialled().ifPresent(address -> book.refused(address, now.steadyMs()));
    }

    /** Refusals repeat for as long as both run; a log need not. */
    private void warnOnce(String text) {
        if (warned.first(text)) {
            out.warn(text);
        } else {
            out.debug(text);
        }
    }

    /** What only a faulty peer does. */
    enum Fault {
        /** It sent a record that fails the validator. */
        INVALID("peer_faults_invalid", "sent invalid records"),
        /** It answered what makes no sense. */
        NONSENSE("peer_faults_nonsense", "answered nonsense"),
        /** It asked more within a second than is answered. */
        QUESTIONS("peer_faults_questions", "asked too much");

        private final String count;
        private final String did;

        Fault(String count, String did) {
            this.count = count;
            this.did = did;
        }
    }

    /** Counts a peer's fault; after {@link #MAX_FAULTS} it is shut out. */
    void fault(Link link, Fault fault, Now now) {
        out.count(fault.count);
        if (link.up() && ++standings.of(link).faults >= MAX_FAULTS) {
            out.count(Gossip.SHUT_OUT);
            shutOut(link, fault.did + " (" + MAX_FAULTS + " faults in all)", now);
        }
    }

    /** Refuses a peer for some time. */
    private void shutOut(Link link, String reason, Now now) {
        shutOutUntilMs.put(link.node(), now.steadyMs() + Gossip.SHUT_OUT_MS);
        if (shutOutUntilMs.size() > Gossip.MAX_SHUT_OUT) {
            shutOutUntilMs.remove(shutOutUntilMs.keySet().iterator().next());
        }
        String why = reason + ", shut out for " + Gossip.SHUT_OUT_MS / 1_000 + " s";
        refuse(link, link.toString(), new Mismatch(why, why), now);
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

    /** After a pause of our own nobody's silence means anything. */
    void forgiveSilence(Now now) {
        for (Link link : links.values()) {
            link.heard(now);
            Standing standing = standings.of(link);
            standing.doubtedMs = standing.doubted() ? now.steadyMs() : NOT_DOUBTED;
        }
    }

    /** Drops who did not greet in time or fell silent. */
    void checkAlive(Now now) {
        List<Link> late = new ArrayList<>();
        for (Link link : links.values()) {
            endDoubt(link);
            long sinceMs = now.steadyMs() - (link.up() ? link.heardMs() : link.openedMs());
            boolean endless = link.up() && !link.neighbour()
                    && now.steadyMs() - link.openedMs() > Gossip.MAX_VISIT_MS;
            Standing standing = standings.of(link);
            boolean replaced = standing.doubted()
                    && now.steadyMs() - standing.doubtedMs > Gossip.DOUBT_MS;
            if (endless || replaced
                    || sinceMs > (link.up() ? Gossip.DEAD_MS : Gossip.GREETING_MS)) {
                late.add(link);
            }
        }
        for (Link link : late) {
            if (!link.up() && link.dialled().filter(book::named).isPresent()) {
                warnOnce(link + " does not greet as a node does; -peers wants the TCP port that "
                        + "the other node prints, or its -clusterport");
            }
            if (link.neighbour()) {
                out.count(Gossip.SILENT);
                out.info("peer " + link + " fell silent"
                        + (standings.of(link).doubted()
                        ? " and another node is linked from its address" : ""));
            }
            hangUp(link, link.neighbour() ? "silent" : link.up() ? "a visit too long"
                    : "no greeting", now);
        }
    }

    /** Says good-bye to all. */
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
}
