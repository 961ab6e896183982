package bcast.storage;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Lazy;
import bcast.base.Log;
import bcast.base.Worker;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A store in memory. A table of pages finds a record by its id; {@value
 * #BUCKETS} buckets of time a retention hold the records' bytes, their order and their digests, and
 * are deleted whole. A bucket changes inside the page's monitor, so that the two always agree.
 */
public final class MapStorage implements Storage {

    /** Buckets a retention: deletion lags behind expiry by about 1 %. */
    public static final int BUCKETS = 96;

    /**
     * Memory of a record beyond its entry, in bytes: its slot in a page of which half is free 14,
     * its place in a bucket 5, and in the order of arrival 4. A test holds it against the heap.
     */
    public static final int INDEX_BYTES = 24;

    /** The last bits of an id's hash name its page. */
    private static final int PAGES = 1_024;

    /** A chunk of several entries takes about this part of the room at most. */
    private static final int CHUNKS_IN_ROOM = 64;

    /** Share of the room that clients may fill. */
    public static final double CLIENT_SHARE = 0.9;

    /** Records read from a bucket at once where all are read. */
    private static final int PAGE = 1_024;

    /** First room for a page; most pages are small. */
    private static final int FIRST_PAGE = 16;

    /** Short against any retention in use; a sweep with nothing to do costs microseconds. */
    private static final long SWEEP_PERIOD_MS = 500;

    private final IdPage[] pages = new IdPage[PAGES];
    private final AtomicInteger size = new AtomicInteger();
    private final ConcurrentSkipListMap<Long, Bucket> buckets = new ConcurrentSkipListMap<>();
    private final Spare spare = new Spare();
    private final Chunks chunks = new Chunks(spare);
    private final Arrivals arrivals = new Arrivals(chunks);
    private final AtomicLong used = new AtomicLong();
    private final long retentionMs;
    private final long bucketMs;
    private final int maxChunkBytes;
    private final Supplier<SipHash> ids;
    private final Room clientsRoom;
    private final Room peersRoom;
    private volatile Supplier<Bucket.Keys> keys;
    private volatile Bucket latest;
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
     * @param hashes the keyed hash, until there are {@link #keys others}; asked for once needed
     * @param ids a keyed hash for ids that nobody else knows, or they could be made to collide;
     *     asked for often
     * @param context what every module is given
     */
    public MapStorage(long retentionMs, long maxSkewMs, long maxBytes, Supplier<SipHash> hashes,
            Supplier<SipHash> ids, Context context) {
        Arrays.setAll(pages, any -> new IdPage());
        this.retentionMs = retentionMs;
        this.bucketMs = Math.max(1, retentionMs / BUCKETS);
        this.clientsRoom = new Room(used, (long) (maxBytes * CLIENT_SHARE), context.log());
        this.peersRoom = new Room(used, maxBytes, context.log());
        this.maxChunkBytes = (int) Math.min(maxBytes / CHUNKS_IN_ROOM, Chunks.MAX_BYTES);
        this.keys = new Lazy<>(() -> new Bucket.Keys(List.of(hashes.get())));
        this.ids = ids;
        this.clock = context.clock();
        this.log = context.log();
        this.safeClock = new SafeClock(clock, maxSkewMs, retentionMs);
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
        boolean smallerWins = room == peersRoom;
        Bucket.Keys with = keys();
        Hash128[] hashes = with.hash(data);
        long hash = data.idHash(ids.get());
        IdPage page = page(hash);
        synchronized (page) {
            int old = page.find(data, tag(hash), chunks);
            Optional<Data> held = old == Chunks.NONE ? Optional.empty()
                    : Optional.of(chunks.data(old));
            boolean taken = held.isPresent() && !expired(held.get(), clock.wallMs());
            if (taken && !(smallerWins && Data.MERGE.compare(data, held.get()) < 0)) {
                return new Change.Kept(held.get());
            }
            if (room == clientsRoom && room.full()) {
                // A small one might fit, but clients have read that the node is full.
                return new Change.Full();
            }
            int fresh = intoBucket(data, with, hashes, room);
            if (fresh == Chunks.NONE) {
                room.refused(costAlone(data), whose);
                return new Change.Full();
            }
            arrivals.add(fresh, smallerWins);
            if (held.isEmpty()) {
                page.add(tag(hash), fresh);
                size.incrementAndGet();
            } else {
                page.replace(tag(hash), old, fresh);
                arrivals.remove(old);
                outOfBucket(old, held.get());
            }
            Data stored = chunks.data(fresh);
            return taken ? new Change.Replaced(stored, held.get())
                    : new Change.Added(stored);
        }
    }

    /** Memory of a record if all chunks are full. */
    private static long costAlone(Data data) {
        return INDEX_BYTES + Bucket.cost(Chunks.entryBytes(data) + Chunks.ARRAY_BYTES);
    }

    private IdPage page(long hash) {
        return pages[(int) hash & PAGES - 1];
    }

    private static int tag(long hash) {
        return (int) (hash >>> 32);
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
        long hash = sameId.idHash(ids.get());
        IdPage page = page(hash);
        synchronized (page) {
            int handle = page.find(sameId, tag(hash), chunks);
            return handle == Chunks.NONE ? Optional.empty() : Optional.of(chunks.data(handle))
                    .filter(data -> !expired(data, clock.wallMs()));
        }
    }

    @Override
    public boolean holds(Data data) {
        return held(data).filter(data::equals).isPresent();
    }

    @Override
    public long seq(Data data) {
        long hash = data.idHash(ids.get());
        IdPage page = page(hash);
        synchronized (page) {
            int handle = page.find(data, tag(hash), chunks);
            return handle != Chunks.NONE && chunks.data(handle).equals(data) ? arrivals.seq(handle)
                    : 0;
        }
    }

    @Override
    public List<Data> list() {
        return page(Position.START, Long.MAX_VALUE, Integer.MAX_VALUE);
    }

    @Override
    public Snapshot snapshot(long sinceMs) {
        long from = Math.max(sinceMs, clock.wallMs() - retentionMs + 1);
        PinnedRecords records = new PinnedRecords(chunks);
        Sketch sum = new Sketch(1);
        SipHash key = keys().each().get(0);
        buckets.tailMap(from / bucketMs).values().forEach(bucket -> {
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
        return digests(fromMs, toMs, keys().each().get(0));
    }

    List<Digest> digests(long fromMs, long toMs, SipHash key) {
        long from = Math.max(fromMs, clock.wallMs() - retentionMs + 1);
        List<Digest> digests = new ArrayList<>();
        buckets.tailMap(from / bucketMs).forEach((number, bucket) -> {
            Sketch sum = new Sketch(1);
            if (!bucket.addTo(sum, from, toMs, key)) {
                hashAll(bucket, new Position(from, ""), toMs, sum, key);
            }
            Sketch.Cell all = sum.cell(0);
            if (all.count() > 0) {
                digests.add(new Digest(number, all.count(), all.sum()));
            }
        });
        return digests;
    }

    @Override
    public Sketch sketch(long fromMs, long toMs, int cells) {
        return sketch(fromMs, toMs, cells, keys().each().get(0));
    }

    Sketch sketch(long fromMs, long toMs, int cells, SipHash key) {
        long from = Math.max(fromMs, clock.wallMs() - retentionMs + 1);
        Sketch sum = new Sketch(cells);
        buckets.tailMap(from / bucketMs).values().forEach(bucket -> {
            if (cells > PREFIX_CELLS || !bucket.addTo(sum, from, toMs, key)) {
                hashAll(bucket, new Position(from, ""), toMs, sum, key);
            }
        });
        return sum;
    }

    private static void hashAll(Bucket bucket, Position from, long toMs, Sketch sum,
            SipHash key) {
        Position next = from;
        List<Data> page = new ArrayList<>(PAGE);
        do {
            page.clear();
            bucket.page(next, toMs, PAGE, page);
            for (Data data : page) {
                sum.toggle(data.hash(key), 1);
            }
            if (!page.isEmpty()) {
                next = Position.after(page.get(page.size() - 1));
            }
        } while (page.size() == PAGE);
    }

    @Override
    public long bucketMs() {
        return bucketMs;
    }

    @Override
    public Hash128 hash(Data data) {
        return data.hash(keys().each().get(0));
    }

    @Override
    public StoreView keyed(SipHash key) {
        return new KeyedView(this, key);
    }

    private Bucket.Keys keys() {
        return keys.get();
    }

    @Override
    public void keys(List<SipHash> each) {
        List<SipHash> different = each.stream().distinct().toList();
        if (!different.equals(keys().each())) {
            Bucket.Keys now = new Bucket.Keys(different);
            keys = () -> now;
        }
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
        return size.get();
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
            latest = null;
            forget(bucket.close());
        });
        Bucket.Keys now = keys();
        buckets.values().forEach(bucket -> used.addAndGet(bucket.rekey(now)));
    }

    /** Forgets the records of a bucket, and last their bytes, which nobody finds any more. */
    private void forget(Bucket.Contents contents) {
        for (int handle : contents.handles()) {
            long hash = chunks.data(handle).idHash(ids.get());
            IdPage page = page(hash);
            synchronized (page) {
                if (page.remove(tag(hash), handle)) {
                    size.decrementAndGet();
                    arrivals.remove(handle);
                }
            }
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
