package bcast.storage;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Log;
import bcast.base.SafeClock;
import bcast.base.Worker;
import bcast.data.Data;
import bcast.data.Retention;
import bcast.data.SipHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A store in memory. A {@link ConcurrentHashMap} finds a record by its id, {@link Buckets} find it
 * by its timestamp, and {@link Arrivals} by the order in which this node stored it. Each change is
 * one {@link ConcurrentHashMap#compute compute} of the id that changes the other two as well, so
 * that the three always agree. The sweeper deletes expired records by whole buckets.
 */
public final class MapStorage implements Storage {

    /** Share of the memory that clients' records may fill. */
    public static final double CLIENT_SHARE = 0.9;

    /** Short compared with any retention; a sweep with nothing to delete takes microseconds. */
    private static final long SWEEP_PERIOD_MS = 500;

    private final ConcurrentHashMap<Entry, Entry> byId = new ConcurrentHashMap<>();
    private final Arrivals arrivals = new Arrivals();
    private final AtomicLong used = new AtomicLong();
    final Buckets buckets;
    private final Retention retention;
    private final MemoryLimit clientLimit;
    private final MemoryLimit peerLimit;
    private final Clock clock;
    private final Log log;
    private final SafeClock safeClock;
    private final Worker sweeper;
    private boolean saidJumped;

    /**
     * Limits of a store.
     *
     * @param retentionMs time from a record's timestamp until it expires, in milliseconds
     * @param maxSkewMs largest allowed difference between clocks, in milliseconds
     * @param maxBytes memory for records in bytes, indexes and sketches included
     */
    public record Limits(long retentionMs, long maxSkewMs, long maxBytes) {}

    /**
     * An empty store.
     *
     * @param limits its limits
     * @param keys returns the keys of the hashes by which peers compare their records, the most
     *     used first, at least one; called when they are first needed and at each sweep. Sums by
     *     these keys are kept up to date, others are computed from all records
     * @param context what every module is given
     */
    public MapStorage(Limits limits, Supplier<List<SipHash>> keys, Context context) {
        this.clock = context.clock();
        this.log = context.log();
        this.retention = new Retention(limits.retentionMs);
        this.buckets = new Buckets(limits.retentionMs, keys, used);
        this.clientLimit = new MemoryLimit(used, (long) (limits.maxBytes * CLIENT_SHARE), log);
        this.peerLimit = new MemoryLimit(used, limits.maxBytes, log);
        this.safeClock = new SafeClock(clock, limits.maxSkewMs, limits.retentionMs);
        this.sweeper = new Worker("storage-sweeper", () -> {
            while (true) {
                Thread.sleep(SWEEP_PERIOD_MS);
                sweep();
            }
        }, context.fault());
    }

    @Override
    public Change add(Data data) {
        return put(data, clientLimit, "a client");
    }

    @Override
    public Change merge(Data data) {
        return put(data, peerLimit, "a peer");
    }

    @Override
    public Change restore(Data data) {
        return put(data, peerLimit, "the journal");
    }

    private Change put(Data data, MemoryLimit limit, String source) {
        boolean fromPeer = limit == peerLimit;
        HashKeys.Hashed hashed = buckets.keys().hash(data);
        Change[] change = new Change[1];
        byId.compute(new Entry(data), (fresh, entry) -> {
            Data held = entry == null ? null : entry.data;
            boolean taken = held != null && !expired(held);
            if (taken && !(fromPeer && Data.MERGE.compare(data, held) < 0)) {
                change[0] = new Change.Kept(held);
            } else if (!fromPeer && limit.full()) {
                // A small record might fit, but clients were told that the node is full.
                change[0] = new Change.Full();
            } else if (!buckets.add(hashed, limit)) {
                limit.refused(RecordBytes.of(data), source);
                change[0] = new Change.Full();
            } else {
                change[0] = taken ? new Change.Replaced(data, held) : new Change.Added(data);
                if (entry == null) {
                    arrivals.add(fresh, fromPeer);
                    return fresh;
                }
                arrivals.replace(entry, data, fromPeer);
                buckets.remove(held);
            }
            return entry;
        });
        return change[0];
    }

    private boolean expired(Data data) {
        return data.timestamp() < oldestMs();
    }

    @Override
    public Optional<Data> get(String id) {
        try {
            return held(Data.of(id, "-", "-", 0));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The record held under a record's id, unless it has expired. */
    private Optional<Data> held(Data sameId) {
        return entry(sameId).map(entry -> entry.data).filter(data -> !expired(data));
    }

    private Optional<Entry> entry(Data sameId) {
        return Optional.ofNullable(byId.get(new Entry(sameId)));
    }

    @Override
    public boolean holds(Data data) {
        return held(data).filter(data::equals).isPresent();
    }

    @Override
    public long seq(Data data) {
        return expired(data) ? 0 : entry(data).map(entry -> arrivals.seq(entry, data)).orElse(0L);
    }

    @Override
    public Snapshot snapshot(long sinceMs) {
        return buckets.snapshot(Math.max(sinceMs, oldestMs()));
    }

    @Override
    public List<Arrival> arrivals(long afterSeq, int limit) {
        List<Arrival> page = new ArrayList<>();
        long seq = afterSeq;
        while (true) {
            int before = page.size();
            arrivals.after(seq, limit, page);
            if (page.size() == before) {
                return page;
            }
            seq = page.get(page.size() - 1).seq();
            page.removeIf(arrival -> expired(arrival.data()));
        }
    }

    @Override
    public List<Arrival> arrivalsWithExpired(long afterSeq, int limit) {
        List<Arrival> page = new ArrayList<>();
        arrivals.after(afterSeq, limit, page);
        return page;
    }

    @Override
    public long lastArrival() {
        return arrivals.last();
    }

    @Override
    public boolean awaitArrival(long afterSeq, long ms) throws InterruptedException {
        return arrivals.await(afterSeq, ms);
    }

    @Override
    public List<Data> page(Position from, long toMs, int limit) {
        long oldest = oldestMs();
        Position start = from.timestamp() >= oldest ? from : new Position(oldest, "");
        return buckets.page(start, toMs, limit);
    }

    /** The first timestamp that has not expired. */
    long oldestMs() {
        return retention.oldestMs(clock.wallMs());
    }

    @Override
    public StoreView keyed(SipHash key) {
        return new SketchedView(this, key);
    }

    @Override
    public boolean full() {
        return peerLimit.full();
    }

    @Override
    public boolean fullForClients() {
        return clientLimit.full();
    }

    @Override
    public Optional<String> largeRecordsRejectedFrom() {
        return peerLimit.largeRecordsRejectedFrom();
    }

    @Override
    public int size() {
        return (int) byId.mappingCount();
    }

    @Override
    public long bytes() {
        return used.get();
    }

    @Override
    public long retentionMs() {
        return retention.ms();
    }

    /**
     * Deletes expired records and computes the sums for new keys. The store's own thread does so
     * twice a second; this is for runtimes that do not {@link #start} it, such as a simulator.
     */
    public synchronized void sweep() {
        long oldestMs = retention.oldestMs(safeClock.nowMs());
        if (safeClock.jumped() != saidJumped) {
            saidJumped = safeClock.jumped();
            log.warn(saidJumped ? "the wall clock jumped: expired records are kept until it agrees "
                    + "with the steady clock" : "the wall clock is trusted again");
        }
        buckets.removeBefore(oldestMs, this::forget);
        buckets.rekey();
    }

    private void forget(Data data) {
        byId.computeIfPresent(new Entry(data), (id, entry) -> {
            if (entry.data != data) {
                return entry;
            }
            arrivals.remove(entry);
            return null;
        });
    }

    @Override
    public void start() {
        sweeper.start();
    }

    @Override
    public void close() {
        sweeper.stop();
    }
}
