package bcast.cluster;

import bcast.base.Context;
import bcast.base.Counters;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.net.Admission;
import bcast.cluster.net.Interfaces;
import bcast.cluster.net.Multicast;
import bcast.cluster.net.WarnOnce;
import java.net.InetAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Announces this node by multicast, and reports the announcements of nodes that it may link to.
 * Does nothing without a multicast group. Owned by the cluster's thread.
 */
final class MulticastDiscovery {

    /** Announcements handled before other sockets get their turn. */
    private static final int ANNOUNCEMENTS_A_TURN = 64;

    private final String cluster;
    private final Address own;
    private final boolean advertises;
    private final Admission admission;
    private final Optional<Multicast> multicast;
    private final Supplier<NodeId> node;
    private final Consumer<Input> listener;
    private final Counters counters;
    private final WarnOnce warnings;
    private boolean scanned;

    /**
     * Nothing is announced or received before the first {@link #rescanned}.
     *
     * @param own where this node listens for links
     * @param node gives the id of this node, which may change
     * @param listener receives {@link Input.Announced}
     */
    MulticastDiscovery(GossipCluster.Settings settings, Address own, Admission admission,
            Selector selector, Supplier<NodeId> node, Consumer<Input> listener, Context context) {
        this.cluster = settings.name();
        this.own = own;
        this.advertises = settings.advertise().isPresent();
        this.admission = admission;
        this.multicast = settings.group().map(group -> new Multicast(group, settings.bind(),
                selector, settings.maxSkewMs(), context));
        this.node = node;
        this.listener = listener;
        this.counters = context.counters();
        this.warnings = new WarnOnce(context.log());
    }

    /** Takes over a scan of the interfaces. Returns whether it was the first. */
    boolean rescanned(Interfaces found) {
        boolean first = !scanned;
        scanned = true;
        multicast.ifPresent(group -> group.rescan(found));
        return first;
    }

    void announce() {
        multicast.ifPresent(group -> group.send(
                new Multicast.Announcement(cluster, node.get(), own),
                admission.secrets().stream().findFirst()));
    }

    /** Handles the announcements on a socket of the group. */
    void receive(SelectionKey key) {
        for (int i = 0; i < ANNOUNCEMENTS_A_TURN; i++) {
            Optional<Multicast.Heard> heard = multicast.orElseThrow()
                    .receive(key, admission.secrets());
            if (heard.isEmpty()) {
                return;
            }
            if (heard.get().authenticated()) {
                heard(heard.get());
            } else {
                heardUnauthenticated(heard.get().announcement(), heard.get().source());
            }
        }
    }

    private void heard(Multicast.Heard heard) {
        Multicast.Announcement announcement = heard.announcement();
        InetAddress source = heard.source();
        if (!announcement.cluster().equals(cluster) || ownEcho(announcement, source)) {
            return;
        }
        if (admission.admits(source)) {
            // The address that a copy of this node advertises may lead to this node.
            boolean copy = announcement.node().equals(node.get()) && advertises;
            listener.accept(new Input.Announced(announcement.node(), copy
                    ? new Address(heard.from(), own.port()) : announcement.address()));
        } else if (scanned) {
            counters.count(Admission.REFUSED_FAR);
            warnings.warn("heard a node at " + source.getHostAddress() + " and did not link to it: "
                    + "it is not on a private network of this host");
        }
    }

    /** Whether an announcement is this node's own, rather than that of a copy of this node. */
    private boolean ownEcho(Multicast.Announcement announcement, InetAddress source) {
        return announcement.node().equals(node.get()) && admission.own(source)
                && announcement.address().port() == own.port();
    }

    private void heardUnauthenticated(Multicast.Announcement announcement, InetAddress source) {
        counters.count(Multicast.UNPROVEN);
        if (announcement.cluster().equals(cluster)) {
            warnings.warn("heard a node of this cluster's name at " + source.getHostAddress()
                    + " and did not link to it: " + (admission.secrets().isEmpty()
                    ? "it has a secret, and this node has none"
                    : "it does not have this cluster's secret, or its clock is wrong")
                    + "; see -secretfile");
        }
    }

    void close() {
        multicast.ifPresent(Multicast::close);
    }
}
