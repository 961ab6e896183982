package bcast.sim;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Log;
import bcast.cluster.gossip.Gossip;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.core.Core;
import bcast.core.Outcome;
import bcast.data.Data;
import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.eventbus.Source;
import bcast.eventbus.Subscription;
import bcast.storage.Durability;
import bcast.storage.MapStorage;
import bcast.testing.News;
import bcast.testing.SeededRandom;
import bcast.testing.Stores;
import bcast.validator.DigestValidator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A host with a whole node on it: core, storage, validator and protocol, in virtual time. */
final class SimNode {

    static final long RETENTION_MS = 24 * 3_600_000L;
    static final long SKEW_MS = 300_000;
    static final long INTERVAL_MS = 20_000;
    private static final long SWEEP_MS = 5_000;
    private static final long LEAVE_MS = 900;

    final int index;
    final Address address;
    /** Grows with each start: what was planned for an earlier run does not reach a later one. */
    int run;

    private final Timeline time;
    private final SimNetwork network;
    private final List<Address> named;
    private final long steadyStartMs;
    private long skewMs;
    private boolean up;
    private boolean gone = true;
    private boolean paused;
    private boolean leaving;
    private final Deque<Runnable> held = new ArrayDeque<>();

    private Counters counters;
    private MapStorage storage;
    private Core core;
    private SyncBus bus;
    private Subscription events;
    private NodeId id;
    private Gossip gossip;
    private Map<Integer, SimNetwork.End> ends;
    private int lastLink;
    private boolean handling;
    private int forged;
    long maxBytes = 64 << 20;
    long retentionMs = RETENTION_MS;
    long intervalMs = INTERVAL_MS;
    /** Seed of all chance of the node: copies of one memory have the same. */
    Optional<Long> copyOf = Optional.empty();
    /** All that this run of the node ever held, if it is to be remembered. */
    boolean remembering;
    private final Set<Data> everHeld = new HashSet<>();
    /** Is given each record that a peer confirmed, if a post is to wait for that. */
    Optional<Consumer<Data>> confirmed = Optional.empty();

    SimNode(int index, SimNetwork network, List<Address> named) {
        this.index = index;
        this.network = network;
        this.time = network.time;
        this.named = named;
        this.address = new Address("10.0." + index / 250 + "." + (1 + index % 250), 7_000);
        this.steadyStartMs = time.between(0, 1_000_000);
        network.add(this);
    }

    // ---- life

    private final Clock clock = new Clock() {
        @Override
        public long wallMs() {
            return Timeline.EPOCH_MS + time.nowMs() + skewMs;
        }

        @Override
        public long steadyNs() {
            return (time.nowMs() + steadyStartMs) * 1_000_000;
        }
    };

    /** Starts the node with empty memory. */
    void start() {
        run++;
        up = true;
        gone = false;
        paused = false;
        leaving = false;
        held.clear();
        Log log = new Log(time.verbose() ? Log.Level.DEBUG : Log.Level.ERROR, clock,
                line -> time.note("  n" + index + " " + line.substring(25)));
        counters = new Counters();
        counters.declare(Gossip.counters());
        // Nothing here draws of the second source: the machine has one of its own.
        Context context = new Context(clock, new SeededRandom(0), log, counters,
                (thread, e) -> { });
        bus = new SyncBus();
        ends = new TreeMap<>();
        handling = false;
        everHeld.clear();
        storage = Stores.map(retentionMs, SKEW_MS, maxBytes, context);
        core = new Core(DigestValidator.md5(), storage, Durability.NONE, confirmed.isPresent(), bus,
                new Core.Timing(SKEW_MS, intervalMs), context);
        Random random = new Random(copyOf.orElse(time.random.nextLong()));
        id = new NodeId(random.nextLong(), random.nextLong());
        gossip = new Gossip(new NodeSettings(id, "sim", new Address("", address.port()), 80,
                retentionMs, SKEW_MS, "md5"), storage.keyed(News.KEY), random, now());
        events = bus.subscribe("cluster", Set.of(Event.Accepted.class, Event.Refused.class,
                Event.Broadcast.class, Event.Confirm.class), 65_536, EventBus.WhenFull.DROP,
                () -> { });
        time.note("n" + index + " starts as " + id.brief());
        int mine = run;
        tick(mine);
        repeat(mine, time.between(1, intervalMs), intervalMs, () -> {
            core.broadcast();
            takeEvents();
        });
        repeat(mine, SWEEP_MS, SWEEP_MS, storage::sweep);
    }

    private void tick(int mine) {
        long delayMs = Math.max(1, gossip.deadlineMs() - clock.steadyMs());
        time.after(delayMs, () -> whenAwake(mine, () -> {
            input(mine, new Input.Tick());
            tick(mine);
        }));
    }

    private void repeat(int mine, long delayMs, long everyMs, Runnable task) {
        time.after(delayMs, () -> whenAwake(mine, () -> {
            task.run();
            repeat(mine, everyMs, everyMs, task);
        }));
    }

    /** The process ends at once: its sockets are closed by the system. */
    void kill() {
        time.note("n" + index + " is killed");
        up = false;
        List.copyOf(ends.values()).forEach(SimNetwork.End::hangUp);
        run++;
    }

    /** The host is gone without a word. */
    void vanish() {
        time.note("n" + index + " vanishes");
        up = false;
        gone = true;
        run++;
    }

    /** Hands over, says good-bye and ends. */
    void leave() {
        time.note("n" + index + " leaves");
        leaving = true;
        input(run, new Input.Leave());
        endWhenLeft(run, time.nowMs() + LEAVE_MS);
    }

    private void endWhenLeft(int mine, long latestMs) {
        time.after(50, () -> {
            if (run != mine) {
                return;
            }
            if (time.nowMs() < latestMs && !gossip.left()) {
                endWhenLeft(mine, latestMs);
            } else {
                time.after(100, () -> {
                    up = false;
                    run++;
                });
            }
        });
    }

    void pause(boolean on) {
        time.note("n" + index + (on ? " is paused" : " goes on"));
        paused = on;
        while (!paused && !held.isEmpty()) {
            held.poll().run();
        }
    }

    void skew(long ms) {
        time.note("n" + index + " has its clock off by " + ms + " ms");
        skewMs = ms;
    }

    /** Whether it serves clients and takes links. */
    boolean running() {
        return up && !leaving;
    }

    boolean vanished() {
        return gone;
    }

    boolean isPaused() {
        return paused;
    }

    /** Does it in this run of the node, when the node is not paused. */
    private void whenAwake(int mine, Runnable task) {
        if (run != mine || !up) {
            return;
        }
        if (paused) {
            held.add(() -> whenAwake(mine, task));
        } else {
            task.run();
        }
    }

    // ---- what clients do

    /** Posts; returns the record as stored if it was accepted. */
    Optional<Data> post(Data data) {
        Outcome outcome = core.deliver(data, Source.CLIENT);
        takeEvents();
        return outcome instanceof Outcome.Accepted accepted ? Optional.of(accepted.data())
                : Optional.empty();
    }

    List<Data> list() {
        return core.listAllRecentData();
    }

    // ---- the runtime of the state machine

    private Now now() {
        return new Now(clock.steadyMs(), clock.wallMs());
    }

    void open(SimNetwork.End end, Optional<Address> dialled, String remoteHost) {
        end.link = ++lastLink;
        ends.put(end.link, end);
        input(run, new Input.Opened(end.link, dialled, remoteHost, News.KEY));
    }

    void arrived(SimNetwork.End end, Message message) {
        input(run, new Input.Got(end.link, message));
    }

    void input(int ofRun, Input input) {
        whenAwake(ofRun, () -> {
            handle(input);
            takeEvents();
        });
    }

    private void handle(Input input) {
        if (handling) {
            throw new AssertionError("the state machine is entered twice");
        }
        handling = true;
        List<Output> outputs = gossip.handle(input, now());
        handling = false;
        outputs.forEach(this::apply);
    }

    private void takeEvents() {
        core.judgeWaiting();
        long missed = events.missed();
        if (missed > 0) {
            handle(new Input.Missed(missed));
        }
        Optional<Event> event = events.poll();
        while (event.isPresent()) {
            if (remembering && event.get() instanceof Event.Accepted accepted) {
                everHeld.add(accepted.data());
            }
            handle(new Input.Happened(event.get()));
            core.judgeWaiting();
            event = events.poll();
        }
    }

    private void apply(Output output) {
        if (output instanceof Output.Send send) {
            SimNetwork.End end = ends.get(send.link());
            if (end != null) {
                end.send(send.message());
            }
        } else if (output instanceof Output.Connect connect) {
            network.dial(this, connect.address());
        } else if (output instanceof Output.Close close) {
            SimNetwork.End end = ends.remove(close.link());
            if (end != null) {
                end.close();
            }
        } else if (output instanceof Output.Deliver deliver) {
            bus.publish(new Event.Received(deliver.data(), deliver.from()));
        } else if (output instanceof Output.Confirmed each) {
            confirmed.ifPresent(waits -> waits.accept(each.data()));
        } else if (output instanceof Output.NotifyWhenDrained notify) {
            SimNetwork.End end = ends.get(notify.link());
            if (end != null) {
                end.notifyWhenDrained();
            }
        } else if (output instanceof Output.Announce) {
            NodeId announced = id;
            network.announce(this, to ->
                    to.input(to.run, new Input.Announced(announced, address)));
        } else if (output instanceof Output.Resolve && !named.isEmpty()) {
            int mine = run;
            time.after(1, () -> input(mine, new Input.Resolved(named)));
        } else if (output instanceof Output.NewId fresh) {
            gossip = gossip.as(fresh.node(), now());
            id = gossip.node();
        } else if (output instanceof Output.Health health) {
            bus.publish(new Event.Health(health.part(), health.problem()));
        } else if (output instanceof Output.Note note) {
            bus.publish(new Event.Note(note.part(), note.note()));
        } else if (output instanceof Output.Count count) {
            counters.count(count.counter());
        } else if (output instanceof Output.WriteLog line && time.verbose()) {
            time.note("  n" + index + " " + line.text());
        }
    }

    Counters counters() {
        return counters;
    }

    Set<Data> everHeld() {
        return everHeld;
    }

    long wallMs() {
        return clock.wallMs();
    }

    /** Sends records on all links that nobody posted and no validator takes. */
    void forge(int count) {
        for (int i = 0; i < count; i++) {
            Data fake = Data.of("fake" + forged++, "raw", "00", wallMs());
            ends.values().forEach(end -> end.send(new SpreadMessage.Push(fake, 0, false)));
        }
    }

    /** Drops the backlog of all its links. */
    void overflow() {
        List.copyOf(ends.values()).forEach(SimNetwork.End::overflow);
    }

    int size() {
        return storage.size();
    }

    /** Its neighbours, as far as they take it for one too and their hosts are there. */
    List<SimNode> neighbours() {
        return gossip.neighbours().stream().map(ends::get).filter(Objects::nonNull)
                .filter(SimNetwork.End::mutual).map(SimNetwork.End::otherNode).toList();
    }

    boolean isNeighbour(int link) {
        return gossip.neighbours().contains(link);
    }

    NodeId id() {
        return id;
    }

    int peers() {
        return gossip == null ? 0 : gossip.peerCount();
    }

    /** Breaks one of its links. */
    void breakLink() {
        List<SimNetwork.End> open = List.copyOf(ends.values());
        if (!open.isEmpty()) {
            SimNetwork.End end = open.get(time.random.nextInt(open.size()));
            end.fail();
        }
    }

    List<String> notes() {
        return core.notes();
    }

    List<String> problems() {
        return core.problems();
    }

    int queuedBytes() {
        return ends.values().stream().mapToInt(SimNetwork.End::queuedBytes).max().orElse(0);
    }
}
