package bcast.storage;

import bcast.data.Data;
import bcast.data.SipHash;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * All records of a store in the order of {@link Data#BY_TIME}, cut into {@link Bucket buckets} of
 * equal spans of time: the store's index by time, as its map is that by id. A bucket is made for
 * the first record of its span and closed when all of the span has expired. Safe for use by any
 * thread.
 */
final class Buckets {

    private final ConcurrentSkipListMap<Long, Bucket> byNumber = new ConcurrentSkipListMap<>();
    private final long widthMs;
    private final Supplier<List<SipHash>> named;
    private final AtomicLong used;
    private volatile HashKeys keys;
    private volatile Bucket latest;

    /**
     * No buckets.
     *
     * @param named see {@link MapStorage}
     * @param used counts the memory of records and sketches, as each {@link MemoryLimit} does that
     *     is given to {@link #add}
     */
    Buckets(long retentionMs, Supplier<List<SipHash>> named, AtomicLong used) {
        this.widthMs = widthMs(retentionMs);
        this.named = named;
        this.used = used;
    }

    /** Width of a bucket in milliseconds, the same on all nodes of equal retention. */
    static long widthMs(long retentionMs) {
        return Math.max(1, retentionMs / Storage.BUCKETS);
    }

    /** The keys by which records are hashed now. */
    HashKeys keys() {
        HashKeys now = keys;
        if (now != null) {
            return now;
        }
        synchronized (this) {
            return keys == null ? keysAnew() : keys;
        }
    }

    /** Reads the keys again. */
    synchronized HashKeys keysAnew() {
        List<SipHash> each = named.get().stream().distinct().toList();
        if (keys == null || !keys.each().equals(each)) {
            keys = new HashKeys(each);
        }
        return keys;
    }

    /** Reads the keys again and makes sketches by new ones. */
    void rekey() {
        HashKeys now = keysAnew();
        byNumber.values().forEach(bucket -> bucket.rekey(now, used));
    }

    /** Adds a record if a limit leaves memory for it, and returns whether it did. */
    boolean add(HashKeys.Hashed record, MemoryLimit limit) {
        long number = record.data().timestamp() / widthMs;
        while (true) {
            Bucket bucket = bucket(number);
            Bucket.Added added = bucket.add(record, limit);
            if (added != Bucket.Added.CLOSED) {
                return added == Bucket.Added.YES;
            }
            remove(number, bucket);
        }
    }

    /** Most records go to the same bucket as the one before. */
    private Bucket bucket(long number) {
        Bucket same = latest;
        if (same == null || same.number != number) {
            same = byNumber.computeIfAbsent(number, Bucket::new);
            latest = same;
        }
        return same;
    }

    private void remove(long number, Bucket closed) {
        byNumber.remove(number, closed);
        latest = null;
    }

    /** Removes exactly this record, not an equal one; does nothing if it is not here. */
    void remove(Data data) {
        Bucket bucket = byNumber.get(data.timestamp() / widthMs);
        if (bucket != null) {
            used.addAndGet(-bucket.remove(keys().hash(data)));
        }
    }

    /**
     * Closes the buckets of which all records are older than a time. The action receives each
     * record before the memory of its bucket counts as free.
     */
    void removeBefore(long ms, Consumer<Data> action) {
        byNumber.headMap(ms / widthMs).forEach((number, bucket) -> {
            remove(number, bucket);
            PinnedRecords records = new PinnedRecords();
            long bytes = bucket.close(records);
            records.forEach(action);
            used.addAndGet(-bytes);
        });
    }

    /** The records after a position and before a time, up to a limit. */
    List<Data> page(Position from, long toMs, int limit) {
        List<Data> page = new ArrayList<>();
        if (from.timestamp() >= toMs) {
            return page;
        }
        for (Bucket bucket : byNumber.subMap(from.timestamp() / widthMs, true,
                (toMs - 1) / widthMs, true).values()) {
            if (page.size() >= limit) {
                break;
            }
            bucket.page(from, toMs, limit, page);
        }
        return page;
    }

    /** All records from a time on, with their sum by the first key. */
    Snapshot snapshot(long fromMs) {
        PinnedRecords records = new PinnedRecords();
        Sketch sum = new Sketch(1);
        SipHash key = keys().each().get(0);
        for (Bucket bucket : from(fromMs)) {
            PinnedRecords part = new PinnedRecords();
            if (!bucket.appendTo(part, fromMs, sum, key)) {
                part.forEach(data -> sum.toggle(data.hash(key), 1));
            }
            records.append(part);
        }
        return records.snapshot(sum.cell(0).sum());
    }

    /** The buckets that may have records from a time on, in order. */
    Collection<Bucket> from(long ms) {
        return byNumber.tailMap(ms / widthMs).values();
    }
}
