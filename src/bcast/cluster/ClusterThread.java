package bcast.cluster;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Log;
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
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The thread {@code cluster}, a loop that owns the selector and the {@link GossipNode}: it waits
 * for sockets, tasks, events and timers and lets the node handle them. Other threads call only the
 * methods of the first part, which leave a task for it.
 */
final class ClusterThread {

    /** The hand-over and the good-bye; the rest of {@link Cluster#CLOSE_MS} is to close sockets. */
    static final long LEAVE_MS = Gossip.HAND_OVER_MS + 300;

    private static final int EVENTS_CAPACITY = 65_536;

    /** Events handled before the sockets get their turn. */
    private static final int EVENTS_A_TURN = 1_024;

    private final Clock clock;
    private final Log log;
    private final ClusterStatus status = new ClusterStatus();
    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final GossipNode node;
    private final Subscription events;
    private final InterfaceScan scan;
    private final Worker worker;
    private final EventBatching batching = new EventBatching();
    private InetSocketAddress clients;
    private volatile boolean started;
    private boolean leaving;
    private boolean leaveBegun;
    private long leaveUntilMs;

    /**
     * Binds the port; nothing runs before {@link #start}.
     *
     * @throws IOException if the port cannot be bound
     */
    ClusterThread(ClusterSettings settings, Storage store, EventBus bus, Context context)
            throws IOException {
        this.clock = context.clock();
        this.log = context.log();
        this.selector = Selector.open();
        try {
            this.node = new GossipNode(settings, store, bus, selector, this::later, status,
                    context);
        } catch (IOException e) {
            selector.close();
            throw e;
        }
        this.events = bus.subscribe("cluster", Set.of(Event.Accepted.class, Event.Refused.class,
                Event.Broadcast.class, Event.KeysChanged.class, Event.Confirm.class),
                EVENTS_CAPACITY, EventBus.WhenFull.DROP, selector::wakeup);
        bus.publish(Gossip.AT_FIRST);
        this.scan = new InterfaceScan(settings.bind(), log,
                found -> later(() -> node.rescanned(found)), context.fault());
        this.worker = new Worker("cluster", this::run, context.fault());
    }

    // ---- called by other threads

    /** Starts the thread. */
    void start(InetSocketAddress clients) {
        this.clients = clients;
        started = true;
        scan.start();
        worker.start();
    }

    int port() {
        return node.port();
    }

    ClusterStatus status() {
        return status;
    }

    /** Runs a task on the cluster's thread; not before the start. */
    void execute(Consumer<GossipNode> task) {
        later(() -> task.accept(node));
    }

    private void later(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** Leaves the cluster and ends the thread, if it was started. Waits for its end. */
    void close() {
        if (started) {
            scan.stop();
            later(() -> {
                leaving = true;
                leaveUntilMs = clock.steadyMs() + LEAVE_MS;
            });
            worker.join(Cluster.CLOSE_MS);
            events.close();
        } else {
            events.close();
            closeSockets();
        }
    }

    // ---- runs on the cluster's thread

    private void run() {
        node.begin(clients);
        boolean left = false;
        int taken = 0;
        while (!left) {
            waitForWork(taken);
            node.read();
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
            taken = takeEvents();
            node.pauseReading();
            if (clock.steadyMs() >= node.deadlineMs()) {
                node.tick();
            }
            if (leaving) {
                left = leave();
            }
            node.flush();
        }
        closeSockets();
    }

    /**
     * Waits for sockets, tasks, events or the next deadline, and lets the node note which sockets
     * are ready. While many events come the thread sleeps for a moment and then takes them
     * together, since to wake it for each would cost more than the event itself.
     *
     * @param taken events taken since the last wait
     */
    private void waitForWork(int taken) {
        try {
            long pauseNs = taken == 0 ? 0 : batching.nextNs(taken, clock.steadyMs());
            if (taken >= EVENTS_A_TURN || node.unread()) {
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

    /** Goes on leaving. Returns whether that is finished. */
    private boolean leave() {
        if (!leaveBegun) {
            leaveBegun = true;
            node.closePort();
            while (takeEvents() == EVENTS_A_TURN) {
                node.flush();
            }
            node.handle(new Input.Leave());
        }
        node.flush();
        boolean late = clock.steadyMs() - leaveUntilMs >= 0;
        long unsent = late ? node.waitingBytes() : 0;
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
