package bcast.cluster.gossip.overlay;

import bcast.base.Metric;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Closes links whose peers do not greet in time or fall silent.
 *
 * <p>A neighbour is doubted when another node is linked from its address. That alone does not show
 * whether the neighbour was restarted or both are behind one address (NAT, a proxy, {@code
 * -advertise}), so the neighbour has to show that it is alive. A host that was restarted answers
 * the heartbeat with a reset.
 */
final class Liveness {

    /** A link is dead after this time without a byte: two heartbeats late, and within 10 s. */
    static final long DEAD_MS = 8_000;

    /** The same for a doubted peer: every node that is alive sends a heartbeat within that time. */
    static final long DOUBT_MS = Link.HEARTBEAT_MS + 1_000;

    /** Time for both greetings, from the open link on. */
    static final long GREETING_MS = 5_000;

    /** Longest visit; the next one does what this one did not. */
    static final long MAX_VISIT_MS = 60_000;

    /** Counts links closed because the peer fell silent. */
    static final Metric SILENT = Link.CLOSED.with("reason", "silent");

    private final ActiveView view;
    private final AddressBook book;
    private final Outbox out;
    /** Since when each of some neighbours is doubted. */
    private final Map<Link, Long> doubts = new HashMap<>();

    Liveness(ActiveView view, AddressBook book, Outbox out) {
        this.view = view;
        this.book = book;
        this.out = out;
    }

    /** Another node was linked with a neighbour's address. */
    void doubt(Link link, Now now) {
        if (doubts.putIfAbsent(link, now.steadyMs()) == null) {
            link.wantHeartbeat();
        }
    }

    /** Ends the doubt about a neighbour that has shown a sign of life since. */
    private void endDoubt(Link link) {
        Long sinceMs = doubts.get(link);
        if (sinceMs != null && link.heardMs() > sinceMs) {
            doubts.remove(link);
            List<Link> others = view.atAddressOf(link);
            if (!others.isEmpty() && view.first("shared address " + link.peerAddress())) {
                out.warn("peers " + link + " and " + others.get(0) + " share the address "
                        + link.peerAddress() + ", where only one of them can be dialled; "
                        + "to reach both, give each its own -clusterport or -advertise");
            }
        }
    }

    /** This node itself stood still, so the silence of its peers means nothing. */
    void forgiveSilence(Now now) {
        view.all().forEach(link -> link.heard(now));
        doubts.replaceAll((link, sinceMs) -> now.steadyMs());
    }

    /** Closes the links that are due. */
    void tick(Now now) {
        doubts.keySet().retainAll(view.peers());
        for (Link link : List.copyOf(view.all())) {
            endDoubt(link);
            if (late(link, now)) {
                close(link, now);
            }
        }
    }

    private boolean late(Link link, Now now) {
        long openMs = now.steadyMs() - link.openedMs();
        if (!link.up()) {
            return openMs > GREETING_MS;
        }
        boolean endless = !link.neighbour() && openMs > MAX_VISIT_MS;
        Long sinceMs = doubts.get(link);
        boolean replaced = sinceMs != null && now.steadyMs() - sinceMs > DOUBT_MS;
        return endless || replaced || now.steadyMs() - link.heardMs() > DEAD_MS;
    }

    private void close(Link link, Now now) {
        if (!link.up() && link.dialled().filter(book::named).isPresent()) {
            view.warnOnce(link + " does not greet as a node does; -peers wants the TCP port that "
                    + "the other node prints, or its -clusterport");
        }
        if (link.neighbour()) {
            out.count(SILENT);
            out.info("peer " + link + " fell silent" + (doubts.containsKey(link)
                    ? " and another node is linked from its address" : ""));
        }
        view.hangUp(link, link.neighbour() ? "silent" : link.up() ? "a visit too long"
                : "no greeting", now);
    }
}
