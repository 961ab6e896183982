package bcast.cluster;

import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.HostPort;
import bcast.base.Log;
import bcast.base.Metric;
import bcast.base.StartException;
import bcast.cluster.gossip.Gossip;
import bcast.eventbus.EventBus;
import bcast.storage.Storage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/**
 * Runs {@link Gossip} on real sockets. One thread, {@code cluster}, owns the selector, all links
 * and the state machine, see {@link ClusterThread}. The methods here leave a task for that thread,
 * or read what it last published.
 */
public final class GossipCluster implements Cluster {

    /** Gauge of neighbours. */
    public static final Metric PEERS = Metric.gauge("bcast_peers", "Peers linked as neighbours.");
    /** Gauge of the largest difference to a neighbour's wall clock. */
    public static final Metric CLOCKS_APART = Metric.gauge("bcast_clocks_apart_seconds",
            "Largest difference between the clocks of this node and of a linked peer, "
            + "see -maxskew.");
    /** Gauge of bytes that wait to be sent on links. */
    public static final Metric QUEUED_BYTES = Metric.gauge("bcast_link_queued_bytes",
            "Bytes that wait to be sent on links.");

    private final ClusterSettings settings;
    private final Log log;
    private final ClusterThread thread;
    private final ClusterStatus status;
    /** An answer that is on its way; concurrent callers share it. */
    private final AtomicReference<CompletableFuture<Members>> membersAsked =
            new AtomicReference<>();

    /**
     * Binds the ports; nothing runs before {@link #start}.
     *
     * @param settings how this node takes part
     * @param store holds the records of this node
     * @param bus brings records of this node, and takes those of peers
     * @param context what every module is given
     * @throws StartException if the port cannot be bound
     */
    public GossipCluster(ClusterSettings settings, Storage store, EventBus bus, Context context)
            throws StartException {
        this.settings = settings;
        this.log = context.log();
        try {
            this.thread = new ClusterThread(settings, store, bus, context);
        } catch (IOException e) {
            throw new StartException("cannot listen for links on " + HostPort.listening(
                    new InetSocketAddress(settings.bind().orElse(null), settings.port()))
                    + ": " + e.getMessage() + "; see -clusterport and -bind");
        }
        this.status = thread.status();
        Counters counters = context.counters();
        counters.gauge(PEERS, () -> status.peers);
        counters.gauge(QUEUED_BYTES, () -> status.queuedBytes);
        counters.gauge(CLOCKS_APART, () -> status.clocksApartMs / 1e3);
    }

    @Override
    public void start(InetSocketAddress clients) {
        logPeersAndSecrecy();
        thread.start(clients);
    }

    /** Logs how peers are found; multicast is logged after the first scan of the interfaces. */
    private void logPeersAndSecrecy() {
        if (!settings.named().isEmpty()) {
            log.always("looking for peers at " + settings.named().stream().map(HostPort::of)
                    .collect(Collectors.joining(", ")));
        } else if (settings.group().isEmpty()) {
            log.always("waiting for peers to link to this node");
        }
        if (settings.secrets().get() == Secrets.NONE) {
            log.warn("links are open: any host on a private network of this host can read and "
                    + "send news; see -secretfile");
        } else {
            log.always("links are secret");
        }
    }

    @Override
    public int port() {
        return thread.port();
    }

    @Override
    public int peers() {
        return status.peers;
    }

    @Override
    public String incarnation() {
        return status.incarnation;
    }

    @Override
    public Optional<Members> members() {
        CompletableFuture<Members> fresh = new CompletableFuture<>();
        CompletableFuture<Members> asked = membersAsked.compareAndExchange(null, fresh);
        CompletableFuture<Members> answer = asked == null ? fresh : asked;
        if (asked == null) {
            thread.execute(node -> {
                // First, so that no later request gets an answer from before it.
                membersAsked.set(null);
                fresh.complete(node.members());
            });
        }
        try {
            return Optional.of(answer.get(MEMBERS_MS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot list the members", e);
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
