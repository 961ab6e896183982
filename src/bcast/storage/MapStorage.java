package bcast.storage;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Log;
import bcast.base.Worker;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * A store in memory. A {@link ConcurrentHashMap} finds a record by its id. Buckets of time hold the
 * order of the records and their sums, and the sweeper deletes them whole. Each change is one
 * {@link ConcurrentHashMap#compute compute} of the id, in which the bucket and the order of arrival
 * change as well, so that the three always agree.
 */
public final class MapStorage implements Storage {

    /** Share of the room that clients may fill. */
    public static final double CLIENT_SHARE = 0.9;

    /** First room for a page; most pages are small. */
    private static final int FIRST_PAGE = 16;

    /** Short against any retention in use; a sweep with nothing to do costs microseconds. */
    private static final long SWEEP_PERIOD_MS = 500;

    private final ConcurrentHashMap<Entry, Entry> byId = new ConcurrentHashMap<>();
    private final ConcurrentSkipListMap<Long, Bucket> buckets = new ConcurrentSkipListMap<>();
    private final Arrivals arrivals = new Arrivals();
    private final AtomicLong used = new AtomicLong();
    private final long retentionMs;
    private final long bucketMs;
    private final Room clientsRoom;
    private final Room peersRoom;
    private final Supplier<List<SipHash>> named;
    private volatile Bucket.Keys keys;
    private volatile Bucket latest;
    private final Clock clock;
    private final Log log;
    private final SafeClock safeClock;
    private final Worker sweeper;
    private boolean saidJumped;

    /**
     * What a store may keep, and for how long.
     *
     * @param retentionMs how long a record lives after its timestamp, in milliseconds
     * @param maxSkewMs how far clocks may be apart, in milliseconds
     * @param maxBytes room for records in bytes, indexes and sketches included
     */
    public record Limits(long retentionMs, long maxSkewMs, long maxBytes) {}

    /**
     * An empty store.
     *
     * @param limits what it may keep
     * @param keys the keys of the hashes by which peers compare what they hold, the most used
     *     first, one at least; asked for once needed, and then at each sweep. Sums by these keys
     *     are kept up to date, others are made of all records
     * @param context what every module is given
     */
    public MapStorage(Limits limits, Supplier<List<SipHash>> keys, Context context) {
        this.clock = context.clock();
        this.log = context.log();
        this.retentionMs = limits.retentionMs;
        this.bucketMs = Math.max(1, retentionMs / BUCKETS);
        this.clientsRoom = new Room(used, (long) (limits.maxBytes * CLIENT_SHARE), log);
        this.peersRoom = new Room(used, limits.maxBytes, log);
        this.named = keys;
        this.safeClock = new SafeClock(clock, limits.maxSkewMs, retentionMs);
        this.sweeper = new Worker("storage-sweeper", this::sweepOnAndOn, context.fault());
    }

    private void sweepOnAndOn() throws InterruptedException {
        while (true) {
            Thread.sleep(SWEEP_PERIOD_MS);
            sweep();
        }
    }

    @Override
    public Change add(Data data) {
        return put(data, clientsRoom, "a client");
    }

    @Override
    public Change merge(Data data) {
        return put(data, peersRoom, "a peer");
    }

    @Override
    public Change restore(Data data) {
        return put(data, peersRoom, "the journal");
    }

    private Change put(Data given, Room room, String whose) {
        Data data = given.compact();
        Bucket.Keys with = keys();
        Put put = new Put(data, with, with.hash(data), room, whose);
        byId.compute(new Entry(data), put);
        return put.change;
    }

    /** What happens to an id, in the map's atomic step for it. */
    private final class Put implements BiFunction<Entry, Entry, Entry> {
        private final Data data;
        private final Bucket.Keys with;
        private final Hash128[] hashes;
        private final Room room;
        private final String whose;
        private Change change;

        Put(Data data, Bucket.Keys with, Hash128[] hashes, Room room, String whose) {
            this.data = data;
            this.with = with;
            this.hashes = hashes;
            this.room = room;
            this.whose = whose;
        }

        @Override
        public Entry apply(Entry fresh, Entry entry) {
            boolean ofPeer = room == peersRoom;
            Data held = entry == null ? null : entry.data();
            boolean taken = held != null && !expired(held, clock.wallMs());
            if (taken && !(ofPeer && Data.MERGE.compare(data, held) < 0)) {
                change = new Change.Kept(held);
                return entry;
            }
            // A small one might fit, but clients have read that the node is full.
            if (!ofPeer && room.full()) {
                change = new Change.Full();
                return entry;
            }
            if (!intoBucket(data, with, hashes, room)) {
                room.refused(RecordBytes.of(data), whose);
                change = new Change.Full();
                return entry;
            }
            change = taken ? new Change.Replaced(data, held) : new Change.Added(data);
            if (entry == null) {
                arrivals.add(fresh, ofPeer);
                return fresh;
            }
            arrivals.replace(entry, data, ofPeer);
            outOfBucket(held);
            return entry;
        }
    }

    private boolean intoBucket(Data data, Bucket.Keys with, Hash128[] hashes, Room room) {
        long number = data.timestamp() / bucketMs;
        while (true) {
            Bucket bucket = bucket(number, room);
            if (bucket == null) {
                return false;
            }
            Bucket.Added added = bucket.add(data, with, hashes, room);
            if (added != Bucket.Added.CLOSED) {
                return added == Bucket.Added.YES;
            }
            buckets.remove(number, bucket);
            latest = null;
        }
    }

    /** The bucket of that number, or null. Most records go where the one before went. */
    private Bucket known(long number) {
        Bucket same = latest;
        if (same == null || same.number != number) {
            same = buckets.get(number);
            latest = same;
        }
        return same;
    }

    /** The bucket of that number, made if need be; null if there is no room for its sketches. */
    private Bucket bucket(long number, Room room) {
        Bucket known = known(number);
        if (known != null) {
            return known;
        }
        Bucket fresh = new Bucket(number, keys());
        if (!room.take(fresh.bytes())) {
            return null;
        }
        Bucket other = buckets.putIfAbsent(number, fresh);
        if (other != null) {
            room.take(-fresh.bytes());
            return other;
        }
        return fresh;
    }

    private void outOfBucket(Data data) {
        Bucket bucket = buckets.get(data.timestamp() / bucketMs);
        Bucket.Keys with = keys();
        if (bucket != null) {
            used.addAndGet(-bucket.remove(data, with, with.hash(data)));
        }
    }

    private boolean expired(Data data, long nowMs) {
        return data.timestamp() + retentionMs <= nowMs;
    }

    @Override
    public Optional<Data> get(String id) {
        try {
            return held(Data.of(id, "-", "-", 0));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** What is held under a record's id, unless it has expired. */
    private Optional<Data> held(Data sameId) {
        return entry(sameId).map(Entry::data).filter(data -> !expired(data, clock.wallMs()));
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
        return expired(data, clock.wallMs()) ? 0
                : entry(data).map(entry -> arrivals.seq(entry, data)).orElse(0L);
    }

    @Override
    public Snapshot snapshot(long sinceMs) {
        long from = Math.max(sinceMs, oldestMs());
        PinnedRecords records = new PinnedRecords();
        Sketch sum = new Sketch(1);
        SipHash key = keys().each().get(0);
        buckets(from).forEach(bucket -> {
            int before = records.parts();
            if (!bucket.appendTo(records, from, sum, key)) {
                records.addTo(sum, before, key);
            }
        });
        return new Snapshot(records.size(), records.jsonBytes(), records::json,
                sum.cell(0).sum(), records.oldestMs());
    }

    @Override
    public List<Arrival> arrivals(long afterSeq, int limit) {
        List<Arrival> page = new ArrayList<>(Math.min(limit, FIRST_PAGE));
        long seq = afterSeq;
        while (true) {
            int before = page.size();
            arrivals.after(seq, limit, page);
            if (page.size() == before) {
                return page;
            }
            seq = page.get(page.size() - 1).seq();
            long nowMs = clock.wallMs();
            page.removeIf(arrival -> expired(arrival.data(), nowMs));
        }
    }

    @Override
    public List<Arrival> undeleted(long afterSeq, int limit) {
        List<Arrival> page = new ArrayList<>(Math.min(limit, FIRST_PAGE));
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
        List<Data> page = new ArrayList<>(Math.min(limit, FIRST_PAGE));
        if (start.timestamp() >= toMs) {
            return page;
        }
        for (Bucket bucket : buckets.subMap(start.timestamp() / bucketMs, true,
                (toMs - 1) / bucketMs, true).values()) {
            if (page.size() >= limit) {
                break;
            }
            bucket.page(start, toMs, limit, page);
        }
        return page;
    }

    /** The buckets that may have records from a time on. */
    Collection<Bucket> buckets(long fromMs) {
        return buckets.tailMap(fromMs / bucketMs).values();
    }

    /** The first timestamp that has not expired. */
    long oldestMs() {
        return clock.wallMs() - retentionMs + 1;
    }

    @Override
    public StoreView keyed(SipHash key) {
        return new SketchedView(this, key);
    }

    private Bucket.Keys keys() {
        Bucket.Keys now = keys;
        return now == null ? firstKeys() : now;
    }

    private synchronized Bucket.Keys firstKeys() {
        return keys == null ? keysAnew() : keys;
    }

    /** Asks which keys are named now. */
    synchronized Bucket.Keys keysAnew() {
        List<SipHash> each = named.get().stream().distinct().toList();
        if (keys == null || !keys.each().equals(each)) {
            keys = new Bucket.Keys(each);
        }
        return keys;
    }

    @Override
    public boolean full() {
        return peersRoom.full();
    }

    @Override
    public boolean fullForClients() {
        return clientsRoom.full();
    }

    @Override
    public Optional<String> lacking() {
        return peersRoom.lacking();
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
        return retentionMs;
    }

    /**
     * Deletes what has expired, and makes the sums for the keys that are named now. The store's own
     * thread does so twice a second; this is for runtimes that do not {@link #start} it, such as a
     * simulator.
     */
    public synchronized void sweep() {
        long nowMs = safeClock.nowMs();
        if (safeClock.jumped() != saidJumped) {
            saidJumped = safeClock.jumped();
            log.warn(saidJumped ? "the wall clock jumped: nothing is deleted on its word"
                    : "the wall clock is believed again");
        }
        long expiredBefore = nowMs - retentionMs + 1;
        buckets.headMap(expiredBefore / bucketMs).forEach((number, bucket) -> {
            buckets.remove(number, bucket);
            latest = null;
            forget(bucket.close());
        });
        Bucket.Keys now = keysAnew();
        buckets.values().forEach(bucket -> used.addAndGet(bucket.rekey(now)));
    }

    private void forget(Bucket.Contents contents) {
        contents.records().forEach(data -> byId.computeIfPresent(new Entry(data), (id, entry) -> {
            if (entry.data() != data) {
                return entry;
            }
            arrivals.remove(entry);
            return null;
        }));
        used.addAndGet(-contents.bytes());
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
