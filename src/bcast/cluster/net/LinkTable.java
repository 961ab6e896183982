package bcast.cluster.net;

import bcast.base.Context;
import bcast.base.HostNetwork;
import bcast.base.Log;
import bcast.base.LoggedTexts;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.net.discovery.Admission;
import bcast.cluster.net.secret.Secret;
import bcast.data.SipHash;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * The open links and the life of each. Owned by the cluster's thread.
 *
 * <pre>
 *   accepted or dialled
 *          |
 *          v
 *   unauthenticated ---fails--&gt; closed: a fault of the address that dialled, or Input.DialFailed
 *          |
 *          |  Input.Opened: the other side proved that it has the secret; at once without one
 *          v
 *      reported ------fails--&gt; closed: Input.Closed, a fault of the address that dialled
 *          |
 *          |  the other side greets
 *          v
 *       greeted ------ends---&gt; closed: Input.Closed, a fault if it broke the protocol
 * </pre>
 */
final class LinkTable {

    private final String cluster;
    private final Admission admission;
    final AddressFaults faults;
    private final Consumer<Input> listener;
    private final Context context;
    private final LoggedTexts warned = new LoggedTexts();
    private final Map<Integer, LinkChannel> links = new LinkedHashMap<>();
    private final Set<LinkChannel> unsent = new HashSet<>();
    private int lastNumber;
    private boolean paused;

    LinkTable(String cluster, Admission admission, Context context, Consumer<Input> listener) {
        this.cluster = cluster;
        this.admission = admission;
        this.faults = new AddressFaults(context.counters());
        this.listener = listener;
        this.context = context;
        context.counters().declare(List.of(LinkCounts.BROKE_PROTOCOL));
    }

    /** Returns a link by its number, or null if it is closed. */
    LinkChannel get(int number) {
        return links.get(number);
    }

    /** The open links in the order of their numbers; not to be iterated over while any closes. */
    Collection<LinkChannel> all() {
        return links.values();
    }

    int size() {
        return links.size();
    }

    /** The sum of a size over all links. */
    long sum(ToLongFunction<LinkChannel> size) {
        return links.values().stream().mapToLong(size).sum();
    }

    boolean paused() {
        return paused;
    }

    /** Stops reading all links but those that are being closed, or continues. */
    void pause(boolean pause) {
        if (pause != paused) {
            paused = pause;
            links.values().forEach(link -> link.allowReading(!pause || link.closing()));
        }
    }

    /** Includes a link in the next {@link #takeUnsent}: it may have something to send. */
    void flushLater(LinkChannel link) {
        unsent.add(link);
    }

    /** The links that may have something to send; some of them may be closed. */
    List<LinkChannel> takeUnsent() {
        List<LinkChannel> taken = List.copyOf(unsent);
        unsent.clear();
        return taken;
    }

    /** The number of links that an address opened and on which it has not greeted yet. */
    long silent(InetAddress address) {
        InetAddress from = HostNetwork.of(address);
        return links.values().stream().filter(link -> link.dialled.isEmpty() && !link.greeted()
                && HostNetwork.of(link.remote).equals(from)).count();
    }

    /** Adds a link over a connection, which the other side dialled if {@code dialled} is empty. */
    void open(SocketChannel channel, SelectionKey key, Optional<Address> dialled)
            throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        InetAddress remote = ((InetSocketAddress) channel.getRemoteAddress()).getAddress();
        LinkChannel link = new LinkChannel(++lastNumber, remote, dialled, channel, key,
                admission.secrets(), context.random(), context.clock().steadyMs());
        key.attach(link);
        add(link);
        link.allowReading(!paused);
        reportIfAuthenticated(link);
        flushLater(link);
    }

    void add(LinkChannel link) {
        links.put(link.number, link);
    }

    /** Reports a link once the other side has proved that it has the secret, if there is one. */
    void reportIfAuthenticated(LinkChannel link) {
        if (link.transport.authenticated() && !link.reported) {
            link.reported = true;
            SipHash key = link.transport.secret().map(secret -> secret.hashKey(cluster))
                    .orElse(Secret.openHashKey(cluster));
            listener.accept(new Input.Opened(link.number, link.dialled,
                    admission.interfaces().literal(link.remote), key));
        }
    }

    /** Closes a link because the other side sent what the protocol does not allow. */
    void brokeProtocol(LinkChannel link, String fault) {
        context.counters().count(LinkCounts.BROKE_PROTOCOL);
        String text = "link " + link.name() + " broke the protocol: ";
        // A kind has no numbers, or one unknown node could cause all warnings that are logged.
        warn(text + fault.replaceAll("\\d+", "N"), text + fault);
        if (link.greeted()) {
            countFault(link, fault);
        }
        closed(link, "broke the protocol: " + fault);
    }

    /** Closes a link at once and reports that. */
    void closed(LinkChannel link, String reason) {
        link.close();
        if (links.remove(link.number) == null) {
            return;
        }
        if (!link.greeted()) {
            countFault(link, reason);
        }
        if (link.reported) {
            listener.accept(new Input.Closed(link.number, reason));
        } else if (link.dialled.isPresent()) {
            String text = "no link to " + link.dialled.get() + ": the handshake failed, "
                    + reason + "; do both nodes have the same secret? see -secretfile";
            warn(text, text);
            listener.accept(new Input.DialFailed(link.dialled.get(), reason));
        }
    }

    private void warn(String kind, String text) {
        context.log().log(warned.level(kind, Log.Level.WARN), text);
    }

    /** Shuts out an address from which too many links failed. */
    private void countFault(LinkChannel link, String reason) {
        if (link.dialled.isEmpty() && faults.add(link.remote, context.clock().steadyMs())) {
            context.log().warn(HostNetwork.written(link.remote) + " is shut out for "
                    + AddressFaults.SHUT_OUT_MS / 1_000 + " s: " + AddressFaults.MAX_FAULTS
                    + " of its links failed, the last one: " + reason);
        }
    }
}
