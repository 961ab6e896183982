package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
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
    private volatile Bucket.Keys keys;
    private volatile Bucket latest;

    /**
     * No buckets.
     *
     * @param named names the keys of the hashes that the buckets sum, the most used first, one at
     *     least; called when they are first needed and at each {@link #rekey}
     * @param used counts the memory of records and sketches, in bytes; adding takes it from a
     *     {@link Room} that counts it there
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
    Bucket.Keys keys() {
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

    /** Makes the sums for the keys that are named now. */
    void rekey() {
        Bucket.Keys now = keysAnew();
        byNumber.values().forEach(bucket -> used.addAndGet(bucket.rekey(now)));
    }

    /**
     * Adds a record with its hashes by some keys.
     *
     * @param room where memory comes from
     * @return whether there was room
     */
    boolean add(Data data, Bucket.Keys with, Hash128[] hashes, Room room) {
        long number = data.timestamp() / widthMs;
        while (true) {
            Bucket bucket = bucket(number, room);
            if (bucket == null) {
                return false;
            }
            Bucket.Added added = bucket.add(data, with, hashes, room);
            if (added != Bucket.Added.CLOSED) {
                return added == Bucket.Added.YES;
            }
            remove(number, bucket);
        }
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
        Bucket other = byNumber.putIfAbsent(number, fresh);
        if (other != null) {
            room.take(-fresh.bytes());
            return other;
        }
        return fresh;
    }

    /** The bucket of that number, or null. Most records go where the one before went. */
    private Bucket known(long number) {
        Bucket same = latest;
        if (same == null || same.number != number) {
            same = byNumber.get(number);
            latest = same;
        }
        return same;
    }

    private void remove(long number, Bucket closed) {
        byNumber.remove(number, closed);
        latest = null;
    }

    /** Takes out exactly this record, not an equal one; does nothing if it is not here. */
    void remove(Data data) {
        Bucket bucket = byNumber.get(data.timestamp() / widthMs);
        if (bucket != null) {
            Bucket.Keys with = keys();
            used.addAndGet(-bucket.remove(data, with, with.hash(data)));
        }
    }

    /**
     * Closes the buckets of which all records are older than a time.
     *
     * @param action is given the records of each; their memory counts as free after it
     */
    void removeBefore(long ms, Consumer<PinnedRecords> action) {
        byNumber.headMap(ms / widthMs).forEach((number, bucket) -> {
            remove(number, bucket);
            Bucket.Contents contents = bucket.close();
            action.accept(contents.records());
            used.addAndGet(-contents.bytes());
        });
    }

    /** The records after a place and before a time, up to a number of them. */
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
        from(fromMs).forEach(bucket -> {
            int before = records.parts();
            if (!bucket.appendTo(records, fromMs, sum, key)) {
                records.addTo(sum, before, key);
            }
        });
        return new Snapshot(records.size(), records.jsonBytes(), records::json,
                sum.cell(0).sum(), records.oldestMs());
    }

    /** The buckets that may have records from a time on, in order. */
    Collection<Bucket> from(long ms) {
        return byNumber.tailMap(ms / widthMs).values();
    }
}
