package bcast.cluster.net.discovery;

import bcast.base.Context;
import bcast.base.Log;
import bcast.base.LoggedTexts;
import bcast.base.Metric;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.net.secret.ProtocolException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Announces this node by multicast, and reports the announcements of nodes that it may link to.
 * Does nothing without a multicast group. Owned by the cluster's thread.
 */
public final class MulticastDiscovery {

    public static final Metric BROKEN = Multicast.FAULTS.with("what", "beacon");
    /**
     * Counts announcements that are not signed with this cluster's secret, or too old, or that are
     * signed although this node has no secret.
     */
    public static final Metric UNPROVEN = Multicast.FAULTS.with("what", "unproven");

    /** Datagrams read before other sockets get their turn. */
    private static final int DATAGRAMS_A_TURN = 64;

    /**
     * How a node is announced; {@code ClusterSettings} explains the other fields.
     *
     * @param own where this node listens for links; an empty host stands for the datagram's source
     * @param advertised whether the user chose that address
     * @param maxSkewMs signed announcements whose time differs by more are not accepted
     */
    public record Settings(String cluster, Optional<InetAddress> bind,
            Optional<InetSocketAddress> group, Address own, boolean advertised, long maxSkewMs) {}

    private final Settings settings;
    private final Admission admission;
    private final Optional<Multicast> multicast;
    private final ByteBuffer buffer = ByteBuffer.allocate(Announcement.MAX_DATAGRAM_BYTES);
    private final Supplier<NodeId> node;
    private final Consumer<Input> listener;
    private final Context context;
    private final LoggedTexts warned = new LoggedTexts();

    /**
     * Nothing is announced or received before the first {@link #rescanned}.
     *
     * @param selector wakes up with keys for {@link #receive}
     * @param node gives the id of this node, which may change
     * @param listener receives {@link Input.Announced}
     */
    public MulticastDiscovery(Settings settings, Admission admission, Selector selector,
            Supplier<NodeId> node, Consumer<Input> listener, Context context) {
        this.settings = settings;
        this.admission = admission;
        this.multicast = settings.group().map(group ->
                new Multicast(group, settings.bind(), selector, context));
        this.node = node;
        this.listener = listener;
        this.context = context;
        context.counters().declare(List.of(BROKEN, UNPROVEN, Admission.REFUSED_FAR));
    }

    /** Takes over the result of a scan, for the admission too. */
    public void rescanned(Interfaces found) {
        admission.rescanned(found);
        multicast.ifPresent(group -> group.rescan(found));
    }

    public void announce() {
        multicast.ifPresent(group -> group.send(new Announcement(settings.cluster(), node.get(),
                settings.own(), true).encode(admission.secrets().stream().findFirst(),
                context.clock().wallMs())));
    }

    /** Handles the announcements on a socket. Returns false if it is not one of the group. */
    public boolean receive(SelectionKey key) {
        if (!Multicast.owns(key)) {
            return false;
        }
        for (int i = 0; i < DATAGRAMS_A_TURN; i++) {
            Optional<InetAddress> source = multicast.orElseThrow().receive(key, buffer.clear());
            if (source.isEmpty()) {
                return true;
            }
            try {
                heard(Announcement.decode(buffer.flip(), admission.secrets(),
                        context.clock().wallMs(), settings.maxSkewMs()), source.get());
            } catch (ProtocolException e) {
                context.counters().count(BROKEN);
            }
        }
        return true;
    }

    private void heard(Announcement heard, InetAddress source) {
        boolean sameCluster = heard.cluster().equals(settings.cluster());
        if (!heard.authenticated()) {
            context.counters().count(UNPROVEN);
            if (sameCluster) {
                warn("heard a node of this cluster's name at " + source.getHostAddress()
                        + " and did not link to it: " + (admission.secrets().isEmpty()
                        ? "it has a secret, and this node has none"
                        : "it does not have this cluster's secret, or its clock is wrong")
                        + "; see -secretfile");
            }
        } else if (sameCluster && !ownEcho(heard, source)) {
            if (admission.admits(source)) {
                listener.accept(new Input.Announced(heard.node(), address(heard, source)));
            } else {
                context.counters().count(Admission.REFUSED_FAR);
                warn("heard a node at " + source.getHostAddress() + " and did not link to it: "
                        + "it is not on a private network of this host");
            }
        }
    }

    /** Whether an announcement is this node's own, rather than that of a copy of this node. */
    private boolean ownEcho(Announcement heard, InetAddress source) {
        return heard.node().equals(node.get()) && admission.interfaces().own(source)
                && heard.address().port() == settings.own().port();
    }

    private Address address(Announcement heard, InetAddress source) {
        String from = admission.interfaces().literal(source);
        // The address that a copy of this node advertises may lead to this node.
        boolean copy = heard.node().equals(node.get()) && settings.advertised();
        return copy ? new Address(from, settings.own().port()) : heard.address().seenAt(from);
    }

    private void warn(String text) {
        context.log().log(warned.level(text, Log.Level.WARN), text);
    }

    public void close() {
        multicast.ifPresent(Multicast::close);
    }
}
