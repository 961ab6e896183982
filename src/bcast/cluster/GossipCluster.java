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
import bcast.cluster.net.Dials;
import bcast.cluster.net.GroupChannel;
import bcast.cluster.net.InterfaceScan;
import bcast.cluster.net.Interfaces;
import bcast.cluster.net.LinkChannel;
import bcast.cluster.net.Lookup;
import bcast.cluster.net.Multicast;
import bcast.cluster.net.NamedPeers;
import bcast.cluster.net.Quietly;
import bcast.data.SipHash;
import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.eventbus.Subscription;
import bcast.storage.Storage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
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
import java.util.stream.Collectors;

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
     * @param maxSkewMs how far clocks may be apart
     * @param validator name of the node's validator
     * @param flushWindowMs how long records wait for others on a link
     * @param secrets what only the nodes of the cluster share, now; asked for often
     * @param memory how much memory links may take
     * @param maxSockets sockets of links and dials, those that are being closed included
     */
    public record Settings(String name, Optional<InetAddress> bind, int port,
            Optional<InetSocketAddress> advertise, Optional<InetSocketAddress> group,
            List<InetSocketAddress> named, long maxSkewMs, String validator,
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

    /** Counts links and announcements refused, from outside this host's private networks. */
    public static final String REFUSED_FAR = "links_refused_far";
    /** Counts bytes sent to compare stores with peers, the records themselves left out. */
    public static final String SYNC_BYTES = "sync_bytes_sent";
    /** Gauge of neighbours. */
    public static final String PEERS = "peers";
    /** Gauge of the largest difference to a neighbour's wall clock. */
    public static final String CLOCKS_APART = "clocks_apart_seconds";
    /** Gauge of bytes that wait to be sent on links. */
    public static final String QUEUED_BYTES = "link_queued_bytes";
    /** Counts links closed because too much waited for them when there was no room for more. */
    public static final String TOO_MUCH_WAITS = "links_too_much_waits";
    /** Counts links closed because the other side broke the protocol. */
    public static final String BROKE_PROTOCOL = "links_broke_protocol";

    /** While more is under judgement no link is read; the core needs some milliseconds for it. */
    private static final long MAX_JUDGING_BYTES = 4 * 1024 * 1024;
    private static final long LOW_JUDGING_BYTES = MAX_JUDGING_BYTES / 2;

    /** Names in -peers looked up at once; while as many name servers are silent, others wait. */
    private static final int MAX_LOOKUPS = 8;
    /** The same for names that peers advertise, which cannot keep those of the user waiting. */
    private static final int MAX_PEER_LOOKUPS = 2;
    /** Most names of peers that are looked up or wait; those that matter are asked again. */
    private static final int MAX_PEER_NAMES = 64;

    private static final int EVENTS_CAPACITY = 65_536;
    /** Events handled before the sockets get their turn. */
    private static final int EVENTS_A_TURN = 1_024;
    private static final int ANNOUNCEMENTS_A_TURN = 64;
    private static final int BACKLOG = 128;
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
    private final Dials dials;
    private final ServerSocketChannel server;
    private final Optional<Multicast> multicast;
    private final Subscription events;
    private final Queue<Runnable> door = new ConcurrentLinkedQueue<>();
    private final InterfaceScan scan;
    private final Lookup namedLookup;
    private final Lookup peerLookup;
    private final NamedPeers named;
    private final Worker thread;
    private final Links links;
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
        InetSocketAddress address =
                new InetSocketAddress(settings.bind().orElse(null), settings.port());
        try {
            this.selector = Selector.open();
            this.server = listening(address, selector);
        } catch (IOException e) {
            throw new StartException("cannot listen for links on " + HostPort.listening(address)
                    + ": " + e.getMessage() + "; see -clusterport and -bind");
        }
        this.dials = new Dials(selector, settings.bind(), clock, new WhatComesOfDials());
        this.links = new Links(settings, selector, context, this::mayRead,
                new WhatComesOfLinks());
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
        this.peerLookup = new Lookup("cluster-peer-lookup", MAX_PEER_LOOKUPS, MAX_PEER_NAMES,
                context.fault());
        this.named = new NamedPeers(settings.named().stream()
                .map(GossipCluster::address).toList(), namedLookup, this::enter, log,
                found -> handle(new Input.Resolved(found)));
        this.thread = new Worker("cluster", this::run, context.fault());
        counters.gauge(PEERS, () -> peers);
        counters.gauge(QUEUED_BYTES, () -> queuedBytes);
        counters.gauge(CLOCKS_APART, () -> clocksApartMs / 1e3);
    }

    /** A server's socket, or neither it nor the selector. */
    private static ServerSocketChannel listening(InetSocketAddress address, Selector selector)
            throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            server.bind(address, BACKLOG);
            server.configureBlocking(false);
            return server;
        } catch (IOException e) {
            server.close();
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
        logHow();
        scan.start();
        thread.start();
    }

    /** Where it looks by multicast is logged once it is seen which interfaces there are. */
    private void logHow() {
        if (!settings.named().isEmpty()) {
            log.always("looking for peers at " + settings.named().stream().map(HostPort::of)
                    .collect(Collectors.joining(", ")));
        } else if (settings.group().isEmpty()) {
            log.always("waiting for peers to link to this node");
        }
        if (settings.secrets().get() == Secrets.NONE) {
            log.warn("links are open: anybody on a private network of this host can read and "
                    + "send news; see -secretfile");
        } else {
            log.always("links are secret");
        }
    }

    @Override
    public int port() {
        return server.socket().getLocalPort();
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
                clients.getPort(), store.retentionMs(), settings.maxSkewMs(),
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
        if (key.attachment() instanceof LinkChannel link) {
            links.ready(link, key);
        } else if (key.attachment() instanceof GroupChannel group) {
            receive(group);
        } else if (key.isAcceptable()) {
            links.accept(server);
        } else if (key.isConnectable()) {
            dials.connected((SocketChannel) key.channel(), key);
        }
    }

    private boolean mayRead() {
        return gossip.judgingBytes() <= MAX_JUDGING_BYTES;
    }

    private final class WhatComesOfLinks implements Links.Listener {
        @Override
        public void handle(Input input) {
            GossipCluster.this.handle(input);
        }

        @Override
        public void later(Runnable task) {
            enter(task);
        }
    }

    private final class WhatComesOfDials implements Dials.Listener {
        @Override
        public void connected(Address address, SocketChannel channel, SelectionKey key)
                throws IOException {
            links.open(channel, key, Optional.of(address));
        }

        @Override
        public void failed(Address address, String reason) {
            handle(new Input.DialFailed(address, reason));
        }
    }

    private void receive(GroupChannel group) {
        for (int i = 0; i < ANNOUNCEMENTS_A_TURN; i++) {
            Optional<Multicast.Heard> heard = multicast.orElseThrow()
                    .receive(group, links.secrets());
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
        if (links.near(source)) {
            // What a copy of this node advertises may lead to this one.
            boolean copy = announcement.node().equals(gossip.node())
                    && settings.advertise().isPresent();
            handle(new Input.Announced(announcement.node(), copy
                    ? new Address(heard.from(), port()) : announcement.address()));
        } else if (scanned) {
            counters.count(REFUSED_FAR);
            links.warnOnce("heard a node at " + source.getHostAddress() + " and did not link it: "
                    + "it is not on a private network of this host");
        }
    }

    /** Whether an announcement is this node's own, and not that of another node of its id. */
    private boolean ownEcho(Multicast.Announcement announcement, InetAddress source) {
        return announcement.node().equals(gossip.node()) && links.own(source)
                && announcement.address().port() == ownAddress().port();
    }

    private void heardUnproven(Multicast.Announcement announcement, InetAddress source) {
        counters.count(Multicast.UNPROVEN);
        if (announcement.cluster().equals(settings.name())) {
            links.warnOnce("heard a node of this cluster's name at " + source.getHostAddress()
                    + " and did not link it: " + (links.secrets().isEmpty()
                    ? "it has a secret, and this node has none"
                    : "it does not know this cluster's secret, or its clock is wrong")
                    + "; see -secretfile");
        }
    }

    private void rescanned(Interfaces found) {
        boolean first = !scanned;
        scanned = true;
        links.near(found);
        multicast.ifPresent(group -> group.rescan(found));
        if (first && !leaving) {
            welcome();
            announce();
        }
    }

    /** Strangers are let in once it is known who is near. */
    private void welcome() {
        try {
            server.register(selector, SelectionKey.OP_ACCEPT);
        } catch (ClosedChannelException e) {
            throw new IllegalStateException("the port is closed before it was used", e);
        }
    }

    private void announce() {
        multicast.ifPresent(group -> group.send(
                new Multicast.Announcement(settings.name(), gossip.node(), ownAddress()),
                links.secrets().stream().findFirst()));
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
        dials.tick(nowMs);
        links.tick(nowMs);
        if (nowMs >= countsDueMs) {
            countsDueMs = nowMs + COUNTS_MS;
            log.debug("counts: " + counters);
        }
    }

    private boolean leave() {
        if (server.isOpen()) {
            Quietly.close(server);
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
        peerLookup.stop();
        multicast.ifPresent(Multicast::close);
        links.closeAll();
        dials.close();
        Quietly.close(server);
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
            connect(connect.address());
        } else if (output instanceof Output.Close close) {
            links.close(close);
        } else if (output instanceof Output.TellRoom tell) {
            links.tellRoom(tell.link());
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

    private void connect(Address address) {
        if (address.literal()) {
            dial(address, address);
            return;
        }
        // A node may advertise a name.
        boolean asked = peerLookup.ask(address.host(), found -> enter(() -> {
            // What the user named is looked up before; a peer has no business with our loopback.
            if (found.isEmpty() || found.get(0).isLoopbackAddress()) {
                handle(new Input.DialFailed(address, "no address is known"));
            } else if (!leaving) {
                dial(address, new Address(found.get(0).getHostAddress(), address.port()));
            }
        }));
        if (!asked) {
            handle(new Input.DialFailed(address, "its name or many others are being looked up"));
        }
    }

    private void dial(Address address, Address literal) {
        if (links.mayDial(dials.size())) {
            dials.dial(address, literal);
        } else {
            handle(new Input.DialFailed(address, "this node has as many links as it may"));
        }
    }
}
