package bcast.cluster;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.HostPort;
import bcast.base.Log;
import bcast.base.Metric;
import bcast.base.StartException;
import bcast.base.Worker;
import bcast.cluster.gossip.Gossip;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.net.discovery.InterfaceScan;
import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.eventbus.Subscription;
import bcast.storage.Storage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Runs {@link Gossip} on real sockets. One thread, {@code cluster}, owns the selector and the
 * {@link GossipNode}: it waits for sockets, tasks, events and timers and lets the node handle them.
 * The public methods leave a task for that thread, or read what it last published.
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

    /** The hand-over and the good-bye; the rest of {@link #CLOSE_MS} is to close sockets. */
    static final long LEAVE_MS = Gossip.HAND_OVER_MS + 300;

    private static final int EVENTS_CAPACITY = 65_536;

    /** Events handled before the sockets get their turn. */
    private static final int EVENTS_A_TURN = 1_024;

    private final ClusterSettings settings;
    private final Clock clock;
    private final Log log;
    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final GossipNode node;
    private final Subscription events;
    private final InterfaceScan scan;
    private final Worker worker;
    private final EventBatching batching = new EventBatching();
    /** An answer that is on its way; concurrent callers share it. */
    private final AtomicReference<CompletableFuture<Members>> membersAsked =
            new AtomicReference<>();
    private InetSocketAddress clients;
    private volatile boolean started;
    private boolean leaving;
    private long leaveUntilMs;

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
        this.clock = context.clock();
        this.log = context.log();
        try {
            this.selector = Selector.open();
            try {
                this.node = new GossipNode(settings, store, bus, selector, this::later, context);
            } catch (IOException e) {
                selector.close();
                throw e;
            }
        } catch (IOException e) {
            throw new StartException("cannot listen for links on " + HostPort.listening(
                    new InetSocketAddress(settings.bind().orElse(null), settings.port()))
                    + ": " + e.getMessage() + "; see -clusterport and -bind");
        }
        this.events = bus.subscribe("cluster", Set.of(Event.Accepted.class, Event.Refused.class,
                Event.Broadcast.class, Event.KeysChanged.class, Event.Confirm.class),
                EVENTS_CAPACITY, EventBus.WhenFull.DROP, selector::wakeup);
        bus.publish(Gossip.AT_FIRST);
        this.scan = new InterfaceScan(settings.bind(), log,
                found -> later(() -> node.rescanned(found)), context.fault());
        this.worker = new Worker("cluster", this::run, context.fault());
        Counters counters = context.counters();
        counters.gauge(PEERS, () -> node.peers);
        counters.gauge(QUEUED_BYTES, () -> node.queuedBytes);
        counters.gauge(CLOCKS_APART, () -> node.clocksApartMs / 1e3);
    }

    // ---- called by other threads

    @Override
    public void start(InetSocketAddress clients) {
        // Multicast is logged after the first scan of the interfaces.
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
            log.always("links are encrypted and authenticated");
        }
        this.clients = clients;
        started = true;
        scan.start();
        worker.start();
    }

    @Override
    public int port() {
        return node.links.port();
    }

    @Override
    public int peers() {
        return node.peers;
    }

    @Override
    public String incarnation() {
        return node.incarnation;
    }

    @Override
    public Optional<Members> members() {
        CompletableFuture<Members> fresh = new CompletableFuture<>();
        CompletableFuture<Members> asked = membersAsked.compareAndExchange(null, fresh);
        if (asked == null) {
            asked = fresh;
            later(() -> {
                // First, so that no later request gets an answer from before it.
                membersAsked.set(null);
                fresh.complete(node.members());
            });
        }
        try {
            return Optional.of(asked.get(MEMBERS_MS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot list the members", e);
        }
    }

    private void later(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    @Override
    public void close() {
        if (started) {
            scan.stop();
            later(this::beginToLeave);
            worker.join(CLOSE_MS);
            events.close();
        } else {
            events.close();
            closeSockets();
        }
    }

    // ---- runs on the cluster's thread

    private void run() {
        node.begin(clients);
        int taken = 0;
        do {
            waitForWork(taken);
            node.links.read();
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
            taken = takeEvents();
            if (clock.steadyMs() >= node.deadlineMs()) {
                node.tick();
            }
            node.flush();
        } while (!leaving || !left());
        closeSockets();
    }

    /**
     * Waits for sockets, tasks, events or the next deadline. While many events come the thread
     * sleeps for a moment and then takes them together, since to wake it for each would cost more
     * than the event itself.
     */
    private void waitForWork(int taken) {
        try {
            long pauseNs = taken == 0 ? 0 : batching.nextNs(taken, clock.steadyMs());
            if (taken >= EVENTS_A_TURN || node.links.unread()) {
                selector.selectNow(node::ready);
            } else if (pauseNs > 0) {
                LockSupport.parkNanos(pauseNs);
                selector.selectNow(node::ready);
            } else {
                long wait = leaving ? 1 : Math.max(1, node.deadlineMs() - clock.steadyMs());
                selector.select(node::ready, wait);
            }
        } catch (IOException e) {
            throw new IllegalStateException("the selector is broken", e);
        }
    }

    /** Handles {@link #EVENTS_A_TURN} events at most. Returns how many. */
    private int takeEvents() {
        long missed = events.missed();
        if (missed > 0) {
            node.handle(new Input.Missed(missed));
        }
        Now now = node.now();
        for (int i = 0; i < EVENTS_A_TURN; i++) {
            Optional<Event> event = events.poll();
            if (event.isEmpty()) {
                return i;
            }
            node.handle(new Input.Happened(event.get()), now);
        }
        return EVENTS_A_TURN;
    }

    private void beginToLeave() {
        leaving = true;
        leaveUntilMs = clock.steadyMs() + LEAVE_MS;
        node.links.closePort();
        while (takeEvents() == EVENTS_A_TURN) {
            node.flush();
        }
        node.handle(new Input.Leave());
    }

    private boolean left() {
        boolean late = clock.steadyMs() - leaveUntilMs >= 0;
        long unsent = late ? node.links.waitingBytes() : 0;
        if (unsent > 0) {
            log.warn("left the cluster with " + unsent + " bytes unsent");
        }
        return late || node.left();
    }

    private void closeSockets() {
        node.close();
        try {
            selector.close();
        } catch (IOException e) {
            log.debug("closing the selector: " + e.getMessage());
        }
    }
}
