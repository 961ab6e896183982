package bcast.storage;

import bcast.base.Clock;
import bcast.base.Log;
import bcast.base.Worker;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/**
 * A store in memory: a {@link ConcurrentHashMap} by id, and {@value #BUCKETS} buckets of time a
 * retention, which hold the records in order, their digests, and are deleted whole. A bucket
 * changes inside the map's atomic step, so that the two always agree.
 */
public final class MapStorage implements Storage {

    /** Buckets a retention: deletion lags behind expiry by about 1 %. */
    public static final int BUCKETS = 96;

    /**
     * Memory of a record beyond its {@link Data#bodyLength}, in bytes: array header and padding
     * 20, record 32, slot 24, map node 32, share of the map's table 8, bucket entry 5, place in
     * the order of arrival 4. A test holds it against the heap.
     */
    public static final int OVERHEAD_BYTES = 125;

    private static final int REGION_BYTES = 1 << 20;

    /** Share of the room that clients may fill. */
    public static final double CLIENT_SHARE = 0.9;

    /** First room for a page; most pages are small. */
    private static final int FIRST_PAGE = 16;

    /** Short against any retention in use; a sweep with nothing to do costs microseconds. */
    private static final long SWEEP_PERIOD_MS = 500;

    private final Map<Slot, Slot> slots = new ConcurrentHashMap<>();
    private final ConcurrentSkipListMap<Long, Bucket> buckets = new ConcurrentSkipListMap<>();
    private final Arrivals arrivals = new Arrivals();
    private final AtomicLong used = new AtomicLong();
    private final long retentionMs;
    private final long bucketMs;
    private final Room clientsRoom;
    private final Room peersRoom;
    private volatile Bucket.Keys keys;
    private final Clock clock;
    private final Log log;
    private final SafeClock safeClock;
    private final Worker sweeper;
    private boolean saidJumped;

    /**
     * An empty store.
     *
     * @param retentionMs how long records live, in milliseconds
     * @param maxSkewMs how far clocks may be apart, in milliseconds
     * @param maxBytes room for records, indexes and sketches included
     * @param hashes the keyed hash, until there are {@link #keys others}
     * @param clock tells what has expired
     * @param log says when the clock jumps
     * @param fault told if the sweeper's thread fails
     */
    public MapStorage(long retentionMs, long maxSkewMs, long maxBytes, SipHash hashes,
            Clock clock, Log log, BiConsumer<String, Throwable> fault) {
        this.retentionMs = retentionMs;
        this.bucketMs = Math.max(1, retentionMs / BUCKETS);
        this.clientsRoom = new Room((long) (maxBytes * CLIENT_SHARE), "clients", log);
        this.peersRoom = new Room(maxBytes, "peers", log);
        this.keys = new Bucket.Keys(List.of(hashes));
        this.clock = clock;
        this.log = log;
        this.safeClock = new SafeClock(clock, maxSkewMs, retentionMs);
        this.sweeper = new Worker("storage-sweeper", this::sweepOnAndOn, fault);
    }

    private void sweepOnAndOn() throws InterruptedException {
        while (true) {
            Thread.sleep(SWEEP_PERIOD_MS);
            sweep();
        }
    }

    @Override
    public Change add(Data data) {
        return put(data, clientsRoom, false);
    }

    @Override
    public Change merge(Data data) {
        return put(data, peersRoom, true);
    }

    private Change put(Data data, Room room, boolean smallerWins) {
        Bucket.Keys with = keys;
        Hash128[] hashes = with.hash(data);
        Change[] change = new Change[1];
        slots.compute(new Slot(data), (fresh, slot) -> {
            Data held = slot == null ? null : slot.data;
            boolean taken = held != null && !expired(held, clock.wallMs());
            if (taken && !(smallerWins && Data.MERGE.compare(data, held) < 0)) {
                change[0] = new Change.Kept(held);
                return slot;
            }
            if (!reserve(cost(data) - (held == null ? 0 : cost(held)) + costOfBucket(data),
                    cost(data), room.limitBytes)) {
                room.refused(used.get(), cost(data));
                change[0] = new Change.Full();
                return slot;
            }
            intoBucket(data, with, hashes);
            if (held == null) {
                fresh.seq = arrivals.add(data);
                change[0] = new Change.Added();
                return fresh;
            }
            outOfBucket(held);
            arrivals.remove(slot.seq);
            slot.data = data;
            slot.seq = arrivals.add(data);
            change[0] = taken ? new Change.Replaced(held) : new Change.Added();
            return slot;
        });
        return change[0];
    }

    /** Takes room for a record; the room of the one it replaces is given back with that one. */
    private boolean reserve(long growth, long cost, long limit) {
        if (used.addAndGet(cost) - cost + growth <= limit) {
            return true;
        }
        used.addAndGet(-cost);
        return false;
    }

    /**
     * Memory of a record. The usual garbage collector, G1, gives what takes half a region, which
     * has 1 MiB or more, whole regions of its own.
     */
    private static long cost(Data data) {
        long bytes = data.bodyLength() + (long) OVERHEAD_BYTES;
        return bytes < REGION_BYTES / 2 ? bytes
                : (bytes + REGION_BYTES - 1) / REGION_BYTES * REGION_BYTES;
    }

    /** What the record's bucket takes by itself, if it is the first in it. */
    private int costOfBucket(Data data) {
        return buckets.containsKey(data.timestamp() / bucketMs) ? 0
                : Bucket.sketchesBytes(keys);
    }

    private void intoBucket(Data data, Bucket.Keys with, Hash128[] hashes) {
        long number = data.timestamp() / bucketMs;
        while (true) {
            Bucket bucket = bucket(number);
            if (bucket.add(data, with, hashes)) {
                return;
            }
            buckets.remove(number, bucket);
        }
    }

    /** A bucket takes room by itself, be there ever so little in it. */
    private Bucket bucket(long number) {
        Bucket known = buckets.get(number);
        if (known != null) {
            return known;
        }
        Bucket fresh = new Bucket(keys);
        Bucket other = buckets.putIfAbsent(number, fresh);
        if (other != null) {
            return other;
        }
        used.addAndGet(fresh.sketchesBytes());
        return fresh;
    }

    /** Whoever takes a record out of its bucket gives back its room. */
    private void outOfBucket(Data data) {
        Bucket bucket = buckets.get(data.timestamp() / bucketMs);
        Bucket.Keys with = keys;
        if (bucket != null && bucket.remove(data, with, with.hash(data))) {
            used.addAndGet(-cost(data));
        }
    }

    private boolean expired(Data data, long nowMs) {
        return data.timestamp() + retentionMs <= nowMs;
    }

    @Override
    public Optional<Data> get(String id) {
        Slot slot;
        try {
            slot = slots.get(Slot.named(id));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        return slot == null ? Optional.empty() : visible(slot.data);
    }

    private Optional<Data> visible(Data data) {
        return expired(data, clock.wallMs()) ? Optional.empty() : Optional.of(data);
    }

    @Override
    public boolean holds(Data data) {
        Slot slot = slots.get(new Slot(data));
        return slot != null && slot.data.equals(data) && visible(data).isPresent();
    }

    @Override
    public List<Data> list() {
        return page(Position.START, Long.MAX_VALUE, Integer.MAX_VALUE);
    }

    @Override
    public Snapshot snapshot(long sinceMs) {
        long from = Math.max(sinceMs, clock.wallMs() - retentionMs + 1);
        List<Data> records = new ArrayList<>();
        Sketch sum = new Sketch(1);
        SipHash key = keys.each().get(0);
        buckets.tailMap(from / bucketMs).forEach((number, bucket) -> {
            if (number * bucketMs >= from) {
                bucket.addAllTo(records, sum, key);
            } else {
                records.addAll(walk(bucket, from, Long.MAX_VALUE, sum, key));
            }
        });
        return new Snapshot(records, sum.cell(0).sum());
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
        long oldest = clock.wallMs() - retentionMs + 1;
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

    @Override
    public List<Digest> digests(long fromMs, long toMs) {
        return digests(fromMs, toMs, keys.each().get(0));
    }

    List<Digest> digests(long fromMs, long toMs, SipHash key) {
        long from = Math.max(fromMs, clock.wallMs() - retentionMs + 1);
        List<Digest> digests = new ArrayList<>();
        buckets.tailMap(from / bucketMs).forEach((number, bucket) -> {
            long start = number * bucketMs;
            boolean whole = start >= from && start + bucketMs <= toMs;
            Digest digest = whole ? bucket.digest(number, key)
                    : walk(number, bucket, from, toMs, key);
            if (digest.count() > 0) {
                digests.add(digest);
            }
        });
        return digests;
    }

    /** The digest of a part of a bucket. */
    private Digest walk(long number, Bucket bucket, long fromMs, long toMs, SipHash key) {
        Sketch part = new Sketch(1);
        int count = walk(bucket, fromMs, toMs, part, key).size();
        return new Digest(number, count, part.cell(0).sum());
    }

    private List<Data> walk(Bucket bucket, long fromMs, long toMs, Sketch sketch, SipHash key) {
        List<Data> part = new ArrayList<>();
        bucket.page(new Position(fromMs, ""), toMs, Integer.MAX_VALUE, part);
        part.forEach(data -> sketch.toggle(data.hash(key), 1));
        return part;
    }

    @Override
    public Sketch sketch(long fromMs, long toMs, int cells) {
        return sketch(fromMs, toMs, cells, keys.each().get(0));
    }

    Sketch sketch(long fromMs, long toMs, int cells, SipHash key) {
        long from = Math.max(fromMs, clock.wallMs() - retentionMs + 1);
        Sketch sum = new Sketch(cells);
        buckets.tailMap(from / bucketMs).forEach((number, bucket) -> {
            long start = number * bucketMs;
            boolean whole = start >= from && start + bucketMs <= toMs;
            if (whole && cells <= PREFIX_CELLS) {
                bucket.addTo(sum, key);
            } else {
                walk(bucket, from, toMs, sum, key);
            }
        });
        return sum;
    }

    @Override
    public long bucketMs() {
        return bucketMs;
    }

    @Override
    public Hash128 hash(Data data) {
        return data.hash(keys.each().get(0));
    }

    @Override
    public StoreView keyed(SipHash key) {
        return new KeyedView(this, key);
    }

    @Override
    public void keys(List<SipHash> each) {
        List<SipHash> different = each.stream().distinct().toList();
        if (!different.equals(keys.each())) {
            keys = new Bucket.Keys(different);
        }
    }

    @Override
    public Optional<Data> find(Hash128 hash) {
        return find(hash, keys.each().get(0));
    }

    Optional<Data> find(Hash128 hash, SipHash key) {
        long timestamp = hash.timestamp();
        for (Data data : page(new Position(timestamp, ""), timestamp + 1, Integer.MAX_VALUE)) {
            if (data.hash(key).equals(hash)) {
                return Optional.of(data);
            }
        }
        return Optional.empty();
    }

    @Override
    public boolean full() {
        return peersRoom.full(used.get());
    }

    @Override
    public boolean fullForClients() {
        return clientsRoom.full(used.get());
    }

    @Override
    public boolean lacking() {
        return peersRoom.lacking(used.get());
    }

    @Override
    public int size() {
        return slots.size();
    }

    @Override
    public long bytes() {
        return used.get();
    }

    @Override
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
            used.addAndGet(-bucket.sketchesBytes());
            for (Data data : bucket.close()) {
                used.addAndGet(-cost(data));
                slots.computeIfPresent(new Slot(data), (any, slot) ->
                        slot.data == data ? forget(slot) : slot);
            }
        });
        Bucket.Keys now = keys;
        buckets.values().forEach(bucket -> used.addAndGet(bucket.rekey(now)));
    }

    /** Null, which takes the slot out of the map. */
    private Slot forget(Slot slot) {
        arrivals.remove(slot.seq);
        return null;
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
