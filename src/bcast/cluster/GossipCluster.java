package bcast.cluster;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.HostPort;
import bcast.base.Log;
import bcast.base.StartException;
import bcast.base.Worker;
import bcast.cluster.gossip.Address;
import bcast.cluster.gossip.Gossip;
import bcast.cluster.gossip.Input;
import bcast.cluster.gossip.Message;
import bcast.cluster.gossip.NodeId;
import bcast.cluster.gossip.Now;
import bcast.cluster.gossip.Output;
import bcast.cluster.net.Admission;
import bcast.cluster.net.GroupChannel;
import bcast.cluster.net.InterfaceScan;
import bcast.cluster.net.Interfaces;
import bcast.cluster.net.LinkListener;
import bcast.cluster.net.Links;
import bcast.cluster.net.Lookup;
import bcast.cluster.net.Multicast;
import bcast.cluster.net.NamedPeers;
import bcast.cluster.net.WarnOnce;
import bcast.data.SipHash;
import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.eventbus.Subscription;
import bcast.storage.Storage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.util.List;
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
import java.util.function.Supplier;

/**
 * Runs {@link Gossip} on real sockets. One thread, {@code cluster}, owns the selector, all links
 * and the state machine; everybody else only queues something for it and wakes it.
 */
public final class GossipCluster implements Cluster {

    /**
     * How a node takes part in a cluster.
     *
     * @param name name of the cluster; nodes of other names are ignored
     * @param bind the only address used, or empty for all interfaces
     * @param port TCP port for links, 0 for a free one
     * @param advertise where peers should dial, which this node does not look up; empty to let
     *     them see for themselves
     * @param group multicast group, or empty for none
     * @param named addresses to dial, {@linkplain InetSocketAddress#createUnresolved unresolved}:
     *     names are looked up again at each attempt
     * @param retentionMs the node's retention
     * @param maxSkewMs how far clocks may be apart
     * @param validator name of the node's validator
     * @param flushWindowMs how long records wait for others on a link
     * @param secrets what only the nodes of the cluster share, now; asked for often
     * @param memory how much memory links may take
     * @param maxSockets sockets of links and dials, those that are being closed included
     */
    public record Settings(String name, Optional<InetAddress> bind, int port,
            Optional<InetSocketAddress> advertise, Optional<InetSocketAddress> group,
            List<InetSocketAddress> named, long retentionMs, long maxSkewMs, String validator,
            long flushWindowMs, Supplier<Secrets> secrets, Memory memory,
            int maxSockets) {}

    /**
     * Memory of all links together, in bytes; a few more are taken than that at most.
     *
     * @param queued for messages that wait to be sent, records left out, which the store holds
     * @param unfinished for records of peers that have not come whole, within
     *     {@link #MIN_UNFINISHED_BYTES} and {@link #MAX_UNFINISHED_BYTES}
     */
    public record Memory(long queued, long unfinished) {

        /** Room for one record of the largest size, and then some. */
        public static final long MIN_UNFINISHED_BYTES = 8L << 20;

        /** More is of no use. */
        public static final long MAX_UNFINISHED_BYTES = 64L << 20;

        /**
         * Checks that the bounds hold.
         *
         * @param queued for messages that wait to be sent
         * @param unfinished for records that have not come whole
         */
        public Memory {
            unfinished = Math.min(Math.max(unfinished, MIN_UNFINISHED_BYTES),
                    MAX_UNFINISHED_BYTES);
        }
    }

    /** Longest name of a cluster, in bytes of UTF-8. */
    public static final int MAX_NAME_BYTES = Message.MAX_TEXT_BYTES;

    /** Most sockets of links and dials, if the system allows as many open files. */
    public static final int MAX_SOCKETS = Gossip.MAX_LINKS + 32;

    /** Gauge of neighbours. */
    public static final String PEERS = "peers";
    /** Gauge of the largest difference to a neighbour's wall clock. */
    public static final String CLOCKS_APART = "clocks_apart_seconds";
    /** Gauge of bytes that wait to be sent on links. */
    public static final String QUEUED_BYTES = "link_queued_bytes";
    /** While more is under judgement no link is read; the core needs some milliseconds for it. */
    private static final long MAX_JUDGING_BYTES = 4 * 1024 * 1024;
    private static final long LOW_JUDGING_BYTES = MAX_JUDGING_BYTES / 2;

    /** Names in -peers looked up at once; while as many name servers are silent, others wait. */
    private static final int MAX_LOOKUPS = 8;

    private static final int EVENTS_CAPACITY = 65_536;
    /** Events handled before the sockets get their turn. */
    private static final int EVENTS_A_TURN = 1_024;
    private static final int ANNOUNCEMENTS_A_TURN = 64;
    /** The hand-over, and time to say good-bye; the rest of {@link #CLOSE_MS} is to close all. */
    static final long LEAVE_MS = Gossip.HAND_OVER_MS + 300;
    /** Time between lines of debugging with all counts. */
    private static final long COUNTS_MS = 5_000;

    private final Settings settings;
    private final Clock clock;
    private final Log log;
    private final Counters counters;
    private final EventBus bus;
    private final Storage store;
    private final Supplier<SecureRandom> random;
    private final Selector selector;
    private final Optional<Multicast> multicast;
    private final Subscription events;
    private final Queue<Runnable> door = new ConcurrentLinkedQueue<>();
    private final InterfaceScan scan;
    private final Lookup namedLookup;
    private final NamedPeers named;
    private final Worker thread;
    private final Admission admission;
    private final Links links;
    private final WarnOnce warnings;
    private InetSocketAddress clients;
    private volatile boolean started;
    private Gossip gossip;
    private boolean scanned;
    /** Who asks while others wait shares their answer. */
    private final AtomicReference<CompletableFuture<Members>> membersAsked =
            new AtomicReference<>();
    private long countsDueMs;
    private boolean paused;
    private boolean leaving;
    private boolean leaveBegun;
    private final Pauses pauses = new Pauses();
    /** Whether the thread looks for events before it next waits. */
    private volatile boolean awake;
    private long leaveUntilMs;
    private volatile int peers;
    private volatile long queuedBytes;
    private volatile long clocksApartMs;
    private volatile String incarnation = "";

    /**
     * Binds everything; nothing runs before {@link #start}.
     *
     * @param settings how to take part
     * @param store what the node holds
     * @param bus where records come from and go to
     * @param context what every module is given
     * @throws StartException if the port cannot be bound
     */
    public GossipCluster(Settings settings, Storage store, EventBus bus, Context context)
            throws StartException {
        this.settings = settings;
        this.bus = bus;
        this.clock = context.clock();
        this.random = context.random();
        this.log = context.log();
        this.counters = context.counters();
        this.warnings = new WarnOnce(log);
        this.admission = new Admission(() -> settings.secrets().get().all());
        InetSocketAddress address =
                new InetSocketAddress(settings.bind().orElse(null), settings.port());
        try {
            this.selector = Selector.open();
            this.links = links(context);
        } catch (IOException e) {
            throw new StartException("cannot listen for links on " + HostPort.listening(address)
                    + ": " + e.getMessage() + "; see -clusterport and -bind");
        }
        this.multicast = settings.group().map(group -> new Multicast(group, settings.bind(),
                selector, settings.maxSkewMs(), context));
        this.store = store;
        this.events = bus.subscribe("cluster", Set.of(Event.Accepted.class, Event.Refused.class,
                Event.Broadcast.class, Event.KeysChanged.class, Event.Confirm.class),
                EVENTS_CAPACITY, EventBus.WhenFull.DROP,
                this::wake);
        bus.publish(Gossip.AT_FIRST);
        this.scan = new InterfaceScan(settings.bind(), log,
                found -> enter(() -> rescanned(found)), context.fault());
        this.namedLookup = new Lookup("cluster-lookup", MAX_LOOKUPS, settings.named().size(),
                context.fault());
        this.named = new NamedPeers(settings.named().stream()
                .map(GossipCluster::address).toList(), namedLookup, this::enter, log,
                found -> handle(new Input.Resolved(found)));
        this.thread = new Worker("cluster", this::run, context.fault());
        counters.gauge(PEERS, () -> peers);
        counters.gauge(QUEUED_BYTES, () -> queuedBytes);
        counters.gauge(CLOCKS_APART, () -> clocksApartMs / 1e3);
    }

    /** The links, or neither them nor the selector. */
    private Links links(Context context) throws IOException {
        try {
            return new Links(new Links.Settings(settings.name(), settings.bind(), settings.port(),
                    settings.memory().queued(), settings.memory().unfinished(),
                    settings.maxSockets()), admission, selector, context, new LinkEvents());
        } catch (IOException e) {
            selector.close();
            throw e;
        }
    }

    private static Address address(InetSocketAddress named) {
        return new Address(named.getHostString(), named.getPort());
    }

    private Address ownAddress() {
        String boundTo = settings.bind().map(InetAddress::getHostAddress).orElse("");
        // The host of a link-local address is for each peer to see.
        return settings.advertise().map(GossipCluster::address)
                .orElse(new Address(boundTo, port()).seenAt(""));
    }

    @Override
    public void start(InetSocketAddress clients) {
        this.clients = clients;
        started = true;
        scan.start();
        thread.start();
    }

    @Override
    public int port() {
        return links.port();
    }

    @Override
    public int peers() {
        return peers;
    }

    @Override
    public String incarnation() {
        return incarnation;
    }

    @Override
    public Optional<Members> members() {
        CompletableFuture<Members> fresh = new CompletableFuture<>();
        CompletableFuture<Members> asked = membersAsked.compareAndExchange(null, fresh);
        CompletableFuture<Members> answer = asked == null ? fresh : asked;
        if (asked == null) {
            enter(() -> {
                membersAsked.set(null);
                fresh.complete(gossip.members(now()));
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
            throw new IllegalStateException("no members", e);
        }
    }

    @Override
    public void close() {
        if (!started) {
            events.close();
            closeAll();
            return;
        }
        scan.stop();
        enter(() -> {
            leaving = true;
            leaveUntilMs = clock.steadyMs() + LEAVE_MS;
        });
        thread.join(CLOSE_MS);
        events.close();
    }

    /** An event came. Whoever finds the thread awake need not wake it. */
    private void wake() {
        if (!awake) {
            awake = true;
            selector.wakeup();
        }
    }

    /** The one door of other threads. */
    private void enter(Runnable task) {
        door.add(task);
        selector.wakeup();
    }

    // ---- everything below runs on the cluster's thread

    private Now now() {
        return new Now(clock.steadyMs(), clock.wallMs());
    }

    /** By which this node tells records apart where no peer is asked. */
    private SipHash hashKey() {
        return settings.secrets().get().hashKeys(settings.name()).get(0);
    }

    private void run() {
        SecureRandom chance = random.get();
        NodeId node = new NodeId(chance.nextLong(), chance.nextLong());
        gossip = new Gossip(new Gossip.Settings(node, settings.name(), ownAddress(),
                clients.getPort(), settings.retentionMs(), settings.maxSkewMs(),
                settings.validator(), settings.flushWindowMs()), store.keyed(hashKey()), chance,
                now());
        countsDueMs = clock.steadyMs() + COUNTS_MS;
        handle(new Input.Tick());
        boolean left = false;
        int taken = 0;
        while (!left) {
            taken = waitForWork(taken);
            links.read();
            for (Runnable task = door.poll(); task != null; task = door.poll()) {
                task.run();
            }
            taken += takeEvents();
            pauseReading();
            if (clock.steadyMs() >= gossip.deadlineMs()) {
                tick();
            }
            if (leaving) {
                left = leave();
            }
            links.flush();
            peers = gossip.peerCount();
        }
        closeAll();
    }

    /**
     * Waits for links and events. While many events come the thread sleeps for a moment and then
     * takes them together: that it is woken for each would cost more than what it does with it.
     * Returns how many it took.
     */
    private int waitForWork(int taken) {
        try {
            long pauseNs = taken == 0 ? 0 : pauses.nextNs(taken, clock.steadyMs());
            if (pauseNs > 0 || taken >= EVENTS_A_TURN || links.unread()) {
                if (taken < EVENTS_A_TURN && !links.unread()) {
                    LockSupport.parkNanos(pauseNs);
                }
                selector.selectNow(this::ready);
                return 0;
            }
            awake = false;
            // Of what came until now nobody may have told.
            int more = takeEvents();
            if (more > 0) {
                selector.selectNow(this::ready);
            } else {
                long wait = leaving ? 1 : Math.max(1, gossip.deadlineMs() - clock.steadyMs());
                selector.select(this::ready, wait);
            }
            awake = true;
            return more;
        } catch (IOException e) {
            throw new IllegalStateException("the selector is broken", e);
        }
    }

    private void ready(SelectionKey key) {
        if (!key.isValid()) {
            return;
        }
        if (key.attachment() instanceof GroupChannel group) {
            receive(group);
        } else {
            links.ready(key);
        }
    }

    private final class LinkEvents implements LinkListener {
        @Override
        public void handle(Input input) {
            GossipCluster.this.handle(input);
        }

        @Override
        public void later(Runnable task) {
            enter(task);
        }

        @Override
        public boolean mayRead() {
            return gossip.judgingBytes() <= MAX_JUDGING_BYTES;
        }
    }

    private void receive(GroupChannel group) {
        for (int i = 0; i < ANNOUNCEMENTS_A_TURN; i++) {
            Optional<Multicast.Heard> heard = multicast.orElseThrow()
                    .receive(group, admission.secrets());
            if (heard.isEmpty()) {
                return;
            }
            if (heard.get().proven()) {
                heard(heard.get());
            } else {
                heardUnproven(heard.get().announcement(), heard.get().source());
            }
        }
    }

    private void heard(Multicast.Heard heard) {
        Multicast.Announcement announcement = heard.announcement();
        InetAddress source = heard.source();
        if (!announcement.cluster().equals(settings.name()) || ownEcho(announcement, source)) {
            return;
        }
        if (admission.admits(source)) {
            // What a copy of this node advertises may lead to this one.
            boolean copy = announcement.node().equals(gossip.node())
                    && settings.advertise().isPresent();
            handle(new Input.Announced(announcement.node(), copy
                    ? new Address(heard.from(), port()) : announcement.address()));
        } else if (scanned) {
            counters.count(Admission.REFUSED_FAR);
            warnings.warn("heard a node at " + source.getHostAddress() + " and did not link it: "
                    + "it is not on a private network of this host");
        }
    }

    /** Whether an announcement is this node's own, and not that of another node of its id. */
    private boolean ownEcho(Multicast.Announcement announcement, InetAddress source) {
        return announcement.node().equals(gossip.node()) && admission.own(source)
                && announcement.address().port() == ownAddress().port();
    }

    private void heardUnproven(Multicast.Announcement announcement, InetAddress source) {
        counters.count(Multicast.UNPROVEN);
        if (announcement.cluster().equals(settings.name())) {
            warnings.warn("heard a node of this cluster's name at " + source.getHostAddress()
                    + " and did not link it: " + (admission.secrets().isEmpty()
                    ? "it has a secret, and this node has none"
                    : "it does not know this cluster's secret, or its clock is wrong")
                    + "; see -secretfile");
        }
    }

    private void rescanned(Interfaces found) {
        boolean first = !scanned;
        scanned = true;
        admission.rescanned(found);
        multicast.ifPresent(group -> group.rescan(found));
        if (first && !leaving) {
            links.accept();
            announce();
        }
    }

    private void announce() {
        multicast.ifPresent(group -> group.send(
                new Multicast.Announcement(settings.name(), gossip.node(), ownAddress()),
                admission.secrets().stream().findFirst()));
    }

    /** Takes a turn's worth of events at most. Returns how many. */
    private int takeEvents() {
        long missed = events.missed();
        if (missed > 0) {
            handle(new Input.Missed(missed));
        }
        Now now = now();
        for (int i = 0; i < EVENTS_A_TURN; i++) {
            Optional<Event> event = events.poll();
            if (event.isEmpty()) {
                return i;
            }
            handle(new Input.Happened(event.get()), now);
        }
        return EVENTS_A_TURN;
    }

    private void pauseReading() {
        boolean pause = paused ? gossip.judgingBytes() > LOW_JUDGING_BYTES
                : gossip.judgingBytes() > MAX_JUDGING_BYTES;
        if (pause != paused) {
            paused = pause;
            links.pause(pause);
        }
    }

    private void tick() {
        links.excuseSilence();
        handle(new Input.Tick());
        queuedBytes = links.waitingBytes();
        clocksApartMs = gossip.clocksApartMs(now());
        long nowMs = clock.steadyMs();
        links.tick(nowMs);
        if (nowMs >= countsDueMs) {
            countsDueMs = nowMs + COUNTS_MS;
            log.debug("counts: " + counters);
        }
    }

    private boolean leave() {
        if (!leaveBegun) {
            leaveBegun = true;
            links.leave();
            while (takeEvents() == EVENTS_A_TURN) {
                links.flush();
            }
            handle(new Input.Leave());
        }
        links.flush();
        boolean late = clock.steadyMs() - leaveUntilMs >= 0;
        if (late) {
            long left = links.waitingBytes();
            if (left > 0) {
                log.warn("left with " + left + " bytes unsent");
            }
        }
        return late || gossip.left() && links.isEmpty();
    }

    private void closeAll() {
        namedLookup.stop();
        multicast.ifPresent(Multicast::close);
        links.closeAll();
        try {
            selector.close();
        } catch (IOException e) {
            log.debug("closing the selector: " + e.getMessage());
        }
    }

    // ---- what the state machine wants done

    private void handle(Input input) {
        handle(input, now());
    }

    private void handle(Input input, Now now) {
        for (Output output : gossip.handle(input, now)) {
            apply(output);
        }
    }

    private void apply(Output output) {
        if (output instanceof Output.Send send) {
            links.send(send);
        } else if (output instanceof Output.Deliver deliver) {
            bus.publish(new Event.Received(deliver.data(), deliver.from()));
        } else if (output instanceof Output.Count count) {
            counters.count(count.name());
        } else if (output instanceof Output.Say say) {
            log.log(say.level(), say.text());
        } else if (output instanceof Output.Connect connect) {
            links.connect(connect.address());
        } else if (output instanceof Output.Close close) {
            links.close(close);
        } else if (output instanceof Output.TellRoom tell) {
            links.tellRoom(tell);
        } else if (output instanceof Output.Announce) {
            announce();
        } else if (output instanceof Output.Resolve) {
            named.lookUp();
        } else if (output instanceof Output.NewId id) {
            gossip = gossip.as(id.node(), now());
            incarnation = id.node().brief();
        } else if (output instanceof Output.Confirmed confirmed) {
            bus.publish(new Event.Confirmed(confirmed.data()));
        } else if (output instanceof Output.Health health) {
            bus.publish(new Event.Health(health.part(), health.problem()));
        } else if (output instanceof Output.Note note) {
            bus.publish(new Event.Note(note.part(), note.note()));
        }
    }
}
