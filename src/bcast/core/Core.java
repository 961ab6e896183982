package bcast.core;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Metric;
import bcast.base.Worker;
import bcast.data.Data;
import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.eventbus.Refusal;
import bcast.eventbus.Source;
import bcast.eventbus.Subscription;
import bcast.storage.Durability;
import bcast.storage.Storage;
import bcast.validator.Validator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Judges clients' and peers' records, and announces each one that is stored on the bus. Safe for
 * use by any thread.
 */
public final class Core implements AutoCloseable {

    /**
     * Times in milliseconds; the retention is {@link Storage#retentionMs}.
     *
     * @param maxSkewMs longest time by which a timestamp may be ahead, the same on all nodes
     * @param intervalMs time between broadcasts of all stored records
     */
    public record Timing(long maxSkewMs, long intervalMs) {}

    /** Longest time that {@link #close} takes, in milliseconds. */
    public static final long CLOSE_MS = 2 * Worker.JOIN_MS;

    private static final Metric ACCEPTED = Metric.counter("bcast_records_accepted_total",
            "Records accepted, by origin: a client or a peer.");
    static final Metric ACCEPTED_CLIENT = ACCEPTED.with("from", "client");
    private static final Metric ACCEPTED_PEER = ACCEPTED.with("from", "peer");
    private static final Metric REFUSED = Metric.counter("bcast_records_refused_total",
            "Records refused, by origin and reason; exists is a duplicate.");
    private static final Map<Refusal, Metric> REFUSED_CLIENT = refused("client");
    private static final Map<Refusal, Metric> REFUSED_PEER = refused("peer");
    private static final Metric TRAVEL_SECONDS = Metric.histogram("bcast_travel_seconds",
            "Time from a record's timestamp to its acceptance here, from a peer.");
    /** Counts posts that no peer confirmed in time. */
    public static final Metric UNCONFIRMED = Metric.counter("bcast_posts_unconfirmed_total",
            "Posts that no peer confirmed in time, see -ack.");

    /**
     * Most events in a queue. The cluster waits when that of peers' records is full; this cannot
     * deadlock, since events of the core are dropped for a cluster whose queue is full.
     */
    private static final int QUEUE_CAPACITY = 65_536;

    private final Judge judge;
    private final Storage storage;
    private final Durability durability;
    private final boolean confirmed;
    private final Confirmations confirmations;
    private final EventBus bus;
    private final Clock clock;
    private final Counters counters;
    private final Subscription received;
    private final Worker worker;
    private final Worker interval;
    /** What parts of the node reported by {@link Event.Health}, and by {@link Event.Note}. */
    private final Map<String, String> problems = new ConcurrentSkipListMap<>();
    private final Map<String, String> notes = new ConcurrentSkipListMap<>();

    /**
     * A core that judges clients' records on the delivering thread, and peers' records on its own
     * once it is started.
     *
     * @param validator decides which records are genuine
     * @param storage keeps the accepted records
     * @param durability what is guaranteed for accepted records
     * @param confirmed whether {@link #settle} waits until a peer holds them as well
     * @param bus brings peers' records and takes the events of this core
     * @param timing times and limits
     * @param context what every module is given; its clock dates clients' records
     */
    public Core(Validator validator, Storage storage, Durability durability, boolean confirmed,
            EventBus bus, Timing timing, Context context) {
        this.judge = new Judge(validator, storage, timing.maxSkewMs(), bus, context);
        this.storage = storage;
        this.durability = durability;
        this.confirmed = confirmed;
        this.confirmations = new Confirmations(context.clock(),
                (data, again) -> bus.publish(new Event.Confirm(data, again)));
        this.bus = bus;
        this.clock = context.clock();
        this.counters = context.counters();
        counters.declare(List.of(ACCEPTED_CLIENT, ACCEPTED_PEER, TRAVEL_SECONDS, UNCONFIRMED));
        counters.declare(List.copyOf(REFUSED_CLIENT.values()));
        counters.declare(List.copyOf(REFUSED_PEER.values()));
        this.received = bus.subscribe("core", Set.of(Event.Received.class, Event.Health.class,
                Event.Note.class, Event.Confirmed.class), QUEUE_CAPACITY,
                EventBus.WhenFull.WAIT, () -> {});
        this.worker = new Worker("core", () -> {
            while (true) {
                on(received.take());
            }
        }, context.fault());
        this.interval = new Worker("core-interval", () -> {
            while (true) {
                Thread.sleep(timing.intervalMs());
                broadcast();
            }
        }, context.fault());
    }

    /**
     * Starts to judge peers' records, those that wait before this returns, and to broadcast all
     * records each interval.
     */
    public void start() {
        judgeWaiting();
        worker.start();
        interval.start();
    }

    /** Judges peers' records that wait on the caller's thread, as a simulator does. */
    public void judgeWaiting() {
        for (Optional<Event> event = received.poll(); event.isPresent(); event = received.poll()) {
            on(event.get());
        }
    }

    private void on(Event event) {
        if (event instanceof Event.Received record) {
            deliver(record.data(), record.from());
        } else if (event instanceof Event.Confirmed held) {
            confirmations.confirmed(held.data());
        } else if (event instanceof Event.Health health) {
            set(problems, health.part(), health.problem());
        } else if (event instanceof Event.Note note) {
            set(notes, note.part(), note.note());
        }
    }

    private static void set(Map<String, String> texts, String part, Optional<String> text) {
        texts.compute(part, (any, before) -> text.orElse(null));
    }

    /** Makes the cluster compare all records with peers. */
    public void broadcast() {
        bus.publish(new Event.Broadcast());
        confirmations.forgetOld();
    }

    /**
     * Stores and announces a valid record if its id is free, or if a peer's wins by the merge rule.
     *
     * @param data the record; a client's gets its timestamp from this node's clock
     * @param from the client or peer that sent it
     * @return what became of it
     */
    public Outcome deliver(Data data, Source from) {
        Outcome outcome = from.isPeer() ? judge.fromPeer(data, from)
                : busy().orElseGet(() -> judge.fromClient(data));
        if (outcome instanceof Outcome.Accepted accepted) {
            counters.count(from.isPeer() ? ACCEPTED_PEER : ACCEPTED_CLIENT);
            if (from.isPeer()) {
                long ms = clock.wallMs() - accepted.data().timestamp();
                counters.observe(TRAVEL_SECONDS, Math.max(0, ms) / 1e3);
            } else if (confirmed) {
                confirmations.want(accepted.data());
            }
            bus.publish(new Event.Accepted(accepted.data(), from));
        } else {
            Refusal why = outcome instanceof Outcome.Refused refused ? refused.why()
                    : Refusal.EXISTS;
            counters.count((from.isPeer() ? REFUSED_PEER : REFUSED_CLIENT).get(why));
            if (from.isPeer()) {
                bus.publish(new Event.Refused(data, from, why));
            }
        }
        return outcome;
    }

    private static Map<Refusal, Metric> refused(String from) {
        Map<Refusal, Metric> all = new EnumMap<>(Refusal.class);
        for (Refusal why : Refusal.values()) {
            all.put(why, REFUSED.with("from", from)
                    .with("reason", why.name().toLowerCase(Locale.ROOT)));
        }
        return all;
    }

    /** Refuses clients' records while none may be accepted. */
    private Optional<Outcome> busy() {
        return Optional.ofNullable(problems.get("clock")).or(durability::problem)
                .map(problem -> new Outcome.Refused(Refusal.BUSY, problem));
    }

    /**
     * Waits until records are as safe as this node guarantees before it acknowledges a post: on
     * disk with {@code -datadir}, and held by a peer with {@code -ack=peer}. Records that are not
     * safe in time stay stored and are spread.
     *
     * @param held the records of {@link Outcome#held}
     * @return why they are not safe, in words; empty if they are
     * @throws InterruptedException if interrupted
     */
    public Optional<String> settle(Collection<Data> held) throws InterruptedException {
        if (held.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> unkept = durability.await(storage.lastArrival());
        if (unkept.isPresent() || !confirmed
                || confirmations.await(held.stream().map(this::winner).toList())) {
            return unkept;
        }
        counters.count(UNCONFIRMED);
        return Optional.of("no linked peer confirmed it within "
                + Confirmations.WAIT_MS / 1_000 + " s");
    }

    /** The record that has won against a record meanwhile: no peer confirms a loser. */
    private Data winner(Data data) {
        return storage.holds(data) ? data : storage.get(data.id()).orElse(data);
    }

    /**
     * {@return the canonical form of a record, such as one from disk, if the validator accepts it}
     *
     * @param data the record
     * @throws OutOfMemoryError if there is no memory to judge it
     */
    public Optional<Data> genuine(Data data) {
        return judge.genuine(data);
    }

    /** {@return all records of the retention, in the order of {@link Data#BY_TIME}} */
    public List<Data> listAllRecentData() {
        return storage.list();
    }

    /**
     * Subscribes to the outcomes of deliveries, other than refusals of clients' records. Events are
     * dropped for a subscriber whose queue is full.
     *
     * @param name name of the subscriber
     * @return the subscription; the caller closes it
     */
    public Subscription events(String name) {
        return bus.subscribe(name, Set.of(Event.Accepted.class, Event.Replaced.class,
                Event.Refused.class), QUEUE_CAPACITY, EventBus.WhenFull.DROP, () -> {});
    }

    /** {@return what keeps the node from being ready, in words; empty if it is ready} */
    public List<String> problems() {
        List<String> now = new ArrayList<>(problems.values());
        if (storage.fullForClients() || storage.full()) {
            now.add("the store is full");
        } else {
            storage.largeRecordsRejectedFrom().ifPresent(source ->
                    now.add("the store has no room for a large record of " + source));
        }
        durability.problem().ifPresent(now::add);
        return now;
    }

    /** {@return what an operator should check although the node may be ready, in words} */
    public List<String> notes() {
        List<String> now = new ArrayList<>(notes.values());
        durability.note().ifPresent(now::add);
        return now;
    }

    /** Stops judging and broadcasting, within {@link #CLOSE_MS}. */
    @Override
    public void close() {
        received.close();
        worker.stop();
        interval.stop();
    }
}
