package bcast.cluster.gossip;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The links of this node: greets, keeps one link a peer, and drops who falls silent. A link is up
 * once both greetings were accepted.
 */
final class Neighbours {

    /** Told when peers come and go. */
    interface Listener {
        /** A peer is linked. */
        void up(Link link, Now now);

        /** A link is gone, whether it had been up or not. */
        void down(Link link, Now now);
    }

    /** Most different refusals that are remembered as said. */
    private static final int MAX_WARNED = 256;

    private static final Address NOWHERE = new Address("", 0);

    private final Gossip.Settings settings;
    private final AddressBook book;
    private final Outbox out;
    private final Listener listener;
    private final Map<Integer, Link> links = new TreeMap<>();
    private final Map<Integer, Link> retired = new TreeMap<>();
    private final Map<NodeId, Link> peers = new TreeMap<>();
    private final Map<NodeId, Long> shutOutUntilMs = new LinkedHashMap<>();
    private final Set<String> warned = new HashSet<>();
    private long meshHash;

    Neighbours(Gossip.Settings settings, AddressBook book, Outbox out, Listener listener) {
        this.settings = settings;
        this.book = book;
        this.out = out;
        this.listener = listener;
        this.meshHash = computeMeshHash();
    }

    /** All peers whose link is up, in the order of their ids. */
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

    /** Links, those that still greet included. */
    int count() {
        return links.size();
    }

    /** Equal for all nodes of a full mesh, and else different but for a chance of 2^-64. */
    long meshHash() {
        return meshHash;
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
        Link link = new Link(opened.link(), opened.dialled(), opened.remoteHost(),
                now.steadyMs());
        links.put(link.number, link);
        out.send(link.number, new Message.Hello(Gossip.MIN_VERSION, Gossip.MAX_VERSION,
                settings.cluster(), settings.node(), settings.address(), settings.httpPort(),
                opened.dialled().orElse(NOWHERE), now.wallMs(), settings.retentionMs(),
                settings.validator()));
        if (links.size() > Gossip.MAX_LINKS && opened.dialled().isEmpty()) {
            String why = "this node has as many links as it can";
            refuse(link, new Mismatch(why, why), now);
        }
    }

    void closed(Input.Closed closed, Now now) {
        retired.remove(closed.link());
        Link link = links.get(closed.link());
        if (link == null) {
            return;
        }
        String said = "link to " + link + " closed: " + closed.reason();
        if (link.up()) {
            out.info(said);
        } else {
            out.debug(said);
        }
        drop(link, now);
    }

    /** Handles a message of a link that is not up. */
    void greeted(Link link, Message message, Now now) {
        if (message instanceof Message.Hello hello) {
            onHello(link, hello, now);
        } else {
            hangUp(link, "no greeting first", now);
        }
    }

    void refusedBy(Link link, Message.Refuse refusal, Now now) {
        warnOnce("refused by " + link.remoteHost + ": " + refusal.reason());
        hangUp(link, "refused by the peer", now);
        link.dialled.ifPresent(address -> book.refused(address, now.steadyMs()));
    }

    private void onHello(Link link, Message.Hello hello, Now now) {
        if (hello.node().equals(settings.node())) {
            hangUp(link, "this node met itself", now);
            link.dialled.ifPresent(address -> book.refused(address, now.steadyMs()));
            return;
        }
        Optional<Mismatch> mismatch = mismatch(hello, now);
        if (mismatch.isPresent()) {
            refuse(link, mismatch.get(), now);
            return;
        }
        link.peerName = hello.node().toString();
        Link other = peers.get(hello.node());
        if (other != null && !better(link, other)) {
            // The one that stays is the same from both sides.
            retire(link, "a second link", now);
            link.dialled.ifPresent(address ->
                    book.linked(address, hello.node(), now.steadyMs()));
            return;
        }
        if (other != null) {
            retire(other, "replaced by a better link", now);
        }
        link.hello = hello;
        up(link, now);
    }

    /** Why two nodes do not fit, as each of them sees it. */
    private record Mismatch(String toUs, String toThem) {

        static Optional<Mismatch> of(String what, Object ours, Object theirs) {
            return Optional.of(new Mismatch(
                    what + " differs: ours " + ours + ", theirs " + theirs,
                    what + " differs: ours " + theirs + ", theirs " + ours));
        }
    }

    private Optional<Mismatch> mismatch(Message.Hello hello, Now now) {
        if (Math.min(Gossip.MAX_VERSION, hello.maxVersion())
                < Math.max(Gossip.MIN_VERSION, hello.minVersion())) {
            return Mismatch.of("protocol version", Gossip.MIN_VERSION + ".." + Gossip.MAX_VERSION,
                    hello.minVersion() + ".." + hello.maxVersion());
        }
        if (!hello.cluster().equals(settings.cluster())) {
            return Mismatch.of("cluster name", settings.cluster(), hello.cluster());
        }
        if (hello.retentionMs() != settings.retentionMs()) {
            return Mismatch.of("retention", settings.retentionMs() + " ms",
                    hello.retentionMs() + " ms");
        }
        if (!hello.validator().equals(settings.validator())) {
            return Mismatch.of("validator", settings.validator(), hello.validator());
        }
        Long until = shutOutUntilMs.get(hello.node());
        if (until != null && now.steadyMs() < until) {
            String why = "shut out for sending invalid records";
            return Optional.of(new Mismatch(why, why));
        }
        return Optional.empty();
    }

    /** Of two links the one dialled by the smaller id stays; of two dialled by one, the newer. */
    private boolean better(Link link, Link other) {
        if (link.dialled.isPresent() == other.dialled.isPresent()) {
            return true;
        }
        boolean weAreSmaller = settings.node().compareTo(other.node()) < 0;
        return link.dialled.isPresent() == weAreSmaller;
    }

    private void up(Link link, Now now) {
        Message.Hello hello = link.hello;
        String host = hello.address().host().isEmpty() ? link.remoteHost
                : hello.address().host();
        link.peerAddress = new Address(host, hello.address().port());
        for (Link old : List.copyOf(peers.values())) {
            if (old.peerAddress.equals(link.peerAddress)) {
                out.info("peer " + old + " was restarted");
                hangUp(old, "restarted", now);
            }
        }
        peers.put(hello.node(), link);
        meshHash = computeMeshHash();
        book.linked(link.dialled.orElse(link.peerAddress), hello.node(), now.steadyMs());
        out.info("linked to " + link + (link.dialled.isPresent() ? "" : ", which dialled"));
        listener.up(link, now);
    }

    /** A peer says good-bye. */
    void left(Link link, Message.Bye bye, Now now) {
        out.info("peer " + link + " left: " + bye.reason());
        NodeId node = link.node();
        hangUp(link, "the peer left", now);
        book.left(node);
    }

    /** Closes a link from our side. */
    void hangUp(Link link, String reason, Now now) {
        out.debug("closing link to " + link + ": " + reason);
        out.add(new Output.Close(link.number));
        drop(link, now);
    }

    /** Closes a link from our side, but still takes the records that are on their way on it. */
    private void retire(Link link, String reason, Now now) {
        hangUp(link, reason, now);
        retired.put(link.number, link);
    }

    /** A link that was closed because of a better one with the same peer. */
    Optional<Link> retired(int number) {
        return Optional.ofNullable(retired.get(number));
    }

    private void refuse(Link link, Mismatch why, Now now) {
        out.send(link.number, new Message.Refuse(why.toThem()));
        warnOnce("refused " + link.remoteHost + ": " + why.toUs());
        out.add(new Output.Close(link.number));
        drop(link, now);
        link.dialled.ifPresent(address -> book.refused(address, now.steadyMs()));
    }

    /** Refusals repeat for as long as both run; a log need not. */
    private void warnOnce(String text) {
        if (warned.add(text)) {
            out.warn(text);
        } else {
            out.debug(text);
        }
        if (warned.size() > MAX_WARNED) {
            warned.clear();
        }
    }

    /** Refuses a peer for some time. */
    void shutOut(Link link, String reason, Now now) {
        shutOutUntilMs.put(link.node(), now.steadyMs() + Gossip.SHUT_OUT_MS);
        if (shutOutUntilMs.size() > Gossip.MAX_SHUT_OUT) {
            shutOutUntilMs.remove(shutOutUntilMs.keySet().iterator().next());
        }
        String why = reason + ", shut out for " + Gossip.SHUT_OUT_MS / 1_000 + " s";
        refuse(link, new Mismatch(why, why), now);
    }

    private void drop(Link link, Now now) {
        links.remove(link.number);
        if (!link.up()) {
            link.dialled.ifPresent(address -> book.failed(address, now.steadyMs()));
        } else if (peers.remove(link.node(), link)) {
            book.lost(link.node(), now.steadyMs());
            meshHash = computeMeshHash();
        }
        listener.down(link, now);
    }

    /** After a pause of our own nobody's silence means anything. */
    void forgiveSilence(Now now) {
        links.values().forEach(link -> link.heardMs = now.steadyMs());
    }

    /** Drops who did not greet in time or fell silent. */
    void checkAlive(Now now) {
        for (Link link : List.copyOf(links.values())) {
            if (!link.up() && now.steadyMs() - link.openedMs > Gossip.GREETING_MS) {
                hangUp(link, "no greeting", now);
            } else if (link.up() && now.steadyMs() - link.heardMs > Gossip.DEAD_MS) {
                out.count(Gossip.SILENT);
                out.info("peer " + link + " fell silent");
                hangUp(link, "silent", now);
            }
        }
    }

    /** Says good-bye to all. */
    void leave() {
        for (Link link : links.values()) {
            if (link.up()) {
                out.send(link.number, new Message.Bye("stopped"));
            }
            out.add(new Output.Close(link.number));
        }
        links.clear();
        peers.clear();
    }
}
