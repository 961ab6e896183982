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
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A store in memory. A {@link ConcurrentHashMap} finds a record by its id. Buckets of time hold the
 * records' bytes, their order and their sums, and the sweeper deletes them whole. Each change is
 * one {@link ConcurrentHashMap#compute compute} of the id, in which the bucket and the order of
 * arrival change as well, so that the three always agree.
 */
public final class MapStorage implements Storage {

    /**
     * Memory of a record beyond its bytes in a chunk: its entry 24, the map's node 32 and its part
     * of the table 8, its place in a bucket 5, and in the order of arrival 4. A test holds it
     * against the heap.
     */
    public static final int INDEX_BYTES = 73;

    /** A chunk of several records takes about this part of the room at most. */
    private static final int CHUNKS_IN_ROOM = 64;

    /** Share of the room that clients may fill. */
    public static final double CLIENT_SHARE = 0.9;

    /** First room for a page; most pages are small. */
    private static final int FIRST_PAGE = 16;

    /** Short against any retention in use; a sweep with nothing to do costs microseconds. */
    private static final long SWEEP_PERIOD_MS = 500;

    private final ConcurrentHashMap<Entry, Entry> byId = new ConcurrentHashMap<>();
    private final ConcurrentSkipListMap<Long, Bucket> buckets = new ConcurrentSkipListMap<>();
    private final Spare spare = new Spare();
    private final Chunks chunks = new Chunks(spare);
    private final Arrivals arrivals = new Arrivals(chunks);
    private final AtomicLong used = new AtomicLong();
    private final long retentionMs;
    private final long bucketMs;
    private final int maxChunkBytes;
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
        this.maxChunkBytes = (int) Math.min(limits.maxBytes / CHUNKS_IN_ROOM, Chunks.MAX_BYTES);
        this.clientsRoom = new Room(used, (long) (limits.maxBytes * CLIENT_SHARE), log);
        this.peersRoom = new Room(used, limits.maxBytes, log);
        this.named = keys;
        this.safeClock = new SafeClock(clock, limits.maxSkewMs, retentionMs);
        this.sweeper = new Worker("storage-sweeper", this::sweepOnAndOn, context.fault());
    }

    private void sweepOnAndOn() throws InterruptedException {
        while (true) {
            spare.turn(SWEEP_PERIOD_MS);
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

    private Change put(Data data, Room room, String whose) {
        Bucket.Keys with = keys();
        Put put = new Put(data, with, with.hash(data), room, whose);
        byId.compute(new Entry(data, chunks), put);
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
        public Entry apply(Entry key, Entry entry) {
            boolean ofPeer = room == peersRoom;
            Data held = entry == null ? null : entry.data();
            boolean taken = held != null && !expired(held, clock.wallMs());
            if (taken && !(ofPeer && Data.MERGE.compare(data, held) < 0)) {
                change = new Change.Kept(held);
                return entry;
            }
            // A small one might fit, but clients have read that the node is full.
            int fresh = !ofPeer && room.full() ? Chunks.NONE : bytes();
            if (fresh == Chunks.NONE) {
                change = new Change.Full();
                return entry;
            }
            arrivals.add(fresh, ofPeer);
            Data stored = chunks.data(fresh);
            change = taken ? new Change.Replaced(stored, held) : new Change.Added(stored);
            if (entry == null) {
                key.hold(fresh);
                return key;
            }
            int old = entry.handle();
            entry.hold(fresh);
            arrivals.remove(old);
            outOfBucket(old, held);
            return entry;
        }

        private int bytes() {
            int fresh = intoBucket(data, with, hashes, room);
            if (fresh == Chunks.NONE) {
                room.refused(costAlone(data), whose);
            }
            return fresh;
        }
    }

    /** Memory of a record if all chunks are full. */
    private static long costAlone(Data data) {
        return INDEX_BYTES + Bucket.cost(Chunks.entryBytes(data) + Chunks.ARRAY_BYTES);
    }

    /** Returns the record's handle, {@link Chunks#NONE} if there is no room. */
    private int intoBucket(Data data, Bucket.Keys with, Hash128[] hashes, Room room) {
        long number = data.timestamp() / bucketMs;
        if (!room.take(INDEX_BYTES)) {
            return Chunks.NONE;
        }
        while (true) {
            Bucket bucket = bucket(number, room);
            int handle = bucket == null ? Chunks.NONE
                    : bucket.add(data, with, hashes, room);
            if (handle == Chunks.NONE) {
                room.take(-INDEX_BYTES);
            }
            if (handle != Bucket.CLOSED) {
                return handle;
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
        Bucket fresh = new Bucket(number, keys(), chunks, maxChunkBytes);
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

    /** Whoever takes a record out of its bucket gives back its room in the indexes. */
    private void outOfBucket(int handle, Data data) {
        Bucket bucket = buckets.get(data.timestamp() / bucketMs);
        Bucket.Keys with = keys();
        int free = bucket == null ? -1 : bucket.remove(handle, data, with, with.hash(data));
        if (free >= 0) {
            used.addAndGet(-INDEX_BYTES - free);
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
        return read(sameId, Entry::data).filter(data -> !expired(data, clock.wallMs()));
    }

    /** Reads an entry in the map's atomic step, without which its handle may not be in force. */
    private <T> Optional<T> read(Data sameId, Function<Entry, T> reading) {
        List<T> result = new ArrayList<>(1);
        byId.computeIfPresent(new Entry(sameId, chunks), (key, entry) -> {
            result.add(reading.apply(entry));
            return entry;
        });
        return result.stream().findFirst();
    }

    @Override
    public boolean holds(Data data) {
        return held(data).filter(data::equals).isPresent();
    }

    @Override
    public long seq(Data data) {
        return expired(data, clock.wallMs()) ? 0 : read(data, entry ->
                entry.data().equals(data) ? arrivals.seq(entry.handle()) : 0).orElse(0L);
    }

    @Override
    public Snapshot snapshot(long sinceMs) {
        long from = Math.max(sinceMs, oldestMs());
        PinnedRecords records = new PinnedRecords(chunks);
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

    /** Forgets the records of a bucket, and last their bytes, which nobody finds any more. */
    private void forget(Bucket.Contents contents) {
        for (int handle : contents.handles()) {
            Entry sought = new Entry(chunks.data(handle), chunks);
            byId.computeIfPresent(sought, (key, entry) -> {
                if (entry.handle() != handle) {
                    return entry;
                }
                arrivals.remove(handle);
                return null;
            });
        }
        used.addAndGet(-contents.bytes() - (long) INDEX_BYTES * contents.handles().length);
        for (int chunk : contents.chunks()) {
            chunks.remove(chunk);
        }
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
