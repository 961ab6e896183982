package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A read-only view of a store for the cluster, with hashes by one key. Expired records are never
 * visible. Safe for use by any thread; no method blocks for long.
 */
public interface StoreView {

    /** Cells of a sketch that the store updates with every record. */
    int PREFIX_CELLS = 1_024;

    /** Records in a page that is searched for hashes. */
    int FIND_PAGE = 256;

    /**
     * Looks up a record.
     *
     * @param id the record's id
     * @return the record, if it is held
     */
    Optional<Data> get(String id);

    /**
     * Looks for exactly this record.
     *
     * @param data a record
     * @return whether an equal one is held
     */
    boolean holds(Data data);

    /**
     * Reads records in the order in which this node stored them, see {@link Storage#arrivals}.
     *
     * @param afterSeq sequence number of the last record read, 0 to begin
     * @param limit most records returned
     * @return the records that follow and are still held; fewer than {@code limit} only if no
     *     more are held
     */
    List<Arrival> arrivals(long afterSeq, int limit);

    /** {@return sequence number of the record that was stored last, 0 before the first} */
    long lastArrival();

    /**
     * Looks up a record's sequence number.
     *
     * @param data a record
     * @return the sequence number, or 0 if no equal record is held
     */
    long seq(Data data);

    /**
     * Reads records in the order of {@link Data#BY_TIME}.
     *
     * @param after a position in that order; the records that follow it are read
     * @param toMs timestamps from here on are left out
     * @param limit most records returned
     * @return the records that follow; fewer than {@code limit} only if no more are held
     */
    List<Data> page(Position after, long toMs, int limit);

    /**
     * Computes the digests of all records of a span of time, bucket by bucket.
     *
     * @param fromMs timestamps before this are left out
     * @param toMs timestamps from here on are left out
     * @return a digest for each bucket that has records, in order
     */
    List<Digest> digests(long fromMs, long toMs);

    /** {@return width of a bucket in milliseconds; the same for equal retention} */
    long bucketMs();

    /**
     * Hashes a record with this view's key, as all sums, sketches and hashes here are made.
     *
     * @param data a record, held or not
     * @return its hash, the same on all nodes that have the key
     */
    Hash128 hash(Data data);

    /**
     * The same store with another key.
     *
     * @param key the key; with one that the store does not keep sketches for, sketches take longer
     * @return the view; views of equal keys are equal
     */
    StoreView keyed(SipHash key);

    /**
     * Finds records by their hashes. All records of each hash's millisecond are hashed once,
     * however many hashes have that millisecond.
     *
     * @param hashes the records' hashes
     * @return the records found, by hash
     */
    default Map<Hash128, Data> findAll(Collection<Hash128> hashes) {
        Map<Long, Set<Hash128>> byTime = new HashMap<>();
        hashes.forEach(hash -> byTime.computeIfAbsent(hash.timestamp(), any -> new HashSet<>())
                .add(hash));
        Map<Hash128, Data> found = new HashMap<>();
        byTime.forEach((ms, wanted) -> {
            Position next = new Position(ms, "");
            while (!wanted.isEmpty()) {
                List<Data> page = page(next, ms + 1, FIND_PAGE);
                for (Data data : page) {
                    Hash128 hash = hash(data);
                    if (wanted.remove(hash)) {
                        found.put(hash, data);
                    }
                }
                if (page.size() < FIND_PAGE) {
                    return;
                }
                next = Position.after(page.get(page.size() - 1));
            }
        });
        return found;
    }

    /**
     * Makes a sketch of all records of a span of time. Up to {@link #PREFIX_CELLS} cells it is the
     * sum of the buckets' sketches; for more, every record is hashed, which takes about half a
     * second for a million records.
     *
     * @param fromMs timestamps before this are left out
     * @param toMs timestamps from here on are left out
     * @param cells number of cells
     * @return the sketch, the caller's own
     */
    Sketch sketch(long fromMs, long toMs, int cells);

    /** {@return whether records of peers are refused because the store is full} */
    boolean full();

    /** {@return number of records held, including those that expired and are not yet deleted} */
    int size();

    /** {@return whether no record is visible} */
    default boolean isEmpty() {
        return page(Position.START, Long.MAX_VALUE, 1).isEmpty();
    }
}
