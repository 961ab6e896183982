package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A read-only view of a store for the cluster, with hashes by one key. Safe for use by any thread;
 * no method blocks for long.
 */
public interface StoreView extends Records {

    /** Cells of a sketch that the store updates with every record. */
    int PREFIX_CELLS = 1_024;

    /** Records in a page when all of a span of time are read. */
    int PAGE = 1_024;

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
        Set<Hash128> wanted = Set.copyOf(hashes);
        Map<Hash128, Data> found = new HashMap<>();
        wanted.stream().map(Hash128::timestamp).distinct().forEach(ms ->
                forEach(ms, ms + 1, data -> {
                    Hash128 hash = hash(data);
                    if (wanted.contains(hash)) {
                        found.put(hash, data);
                    }
                }));
        return found;
    }

    /**
     * Reads all records of a span of time in the order of {@link Data#BY_TIME}, page by page, so
     * that other threads do not wait for all of them.
     *
     * @param fromMs timestamps before this are left out
     * @param toMs timestamps from here on are left out
     * @param action receives each record
     */
    default void forEach(long fromMs, long toMs, Consumer<Data> action) {
        Position next = new Position(Math.max(0, fromMs), "");
        List<Data> page;
        do {
            page = page(next, toMs, PAGE);
            page.forEach(action);
            if (!page.isEmpty()) {
                next = Position.after(page.get(page.size() - 1));
            }
        } while (page.size() == PAGE);
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

    /** {@return whether no record is visible} */
    default boolean isEmpty() {
        return page(Position.START, Long.MAX_VALUE, 1).isEmpty();
    }
}
