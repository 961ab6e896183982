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
 * What may be read from a store, with one key of its hashes. Expired records are never seen. Safe
 * for use by any thread; no method blocks for long.
 */
public interface StoreView {

    /** Cells of a sketch that are kept up to date with every record. */
    int PREFIX_CELLS = 1_024;

    /** Records read at once to find some of them by their hashes. */
    int FIND_PAGE = 256;

    /**
     * Looks up a record.
     *
     * @param id the record's id
     * @return the record, if it is held
     */
    Optional<Data> get(String id);

    /**
     * Asks for exactly this record.
     *
     * @param data a record
     * @return whether an equal one is held
     */
    boolean holds(Data data);

    /**
     * Reads on in the order in which records were stored here, see {@link Storage#arrivals}.
     *
     * @param afterSeq place of the last one read, 0 to begin
     * @param limit most records returned
     * @return the records that follow and are still held; fewer than {@code limit} only if no
     *     more are held
     */
    List<Arrival> arrivals(long afterSeq, int limit);

    /** {@return place of the record that was stored last, 0 before the first} */
    long lastArrival();

    /**
     * Looks up a record's place in the order of arrival.
     *
     * @param data a record
     * @return the place, or 0 if no equal one is held
     */
    long seq(Data data);

    /**
     * Reads on in the order of {@link Data#BY_TIME}.
     *
     * @param after a place in that order; the records that follow it are read
     * @param toMs timestamps from here on are left out
     * @param limit most records returned
     * @return the records that follow; fewer than {@code limit} only if no more are held
     */
    List<Data> page(Position after, long toMs, int limit);

    /**
     * Sums up all records of a span of time, bucket by bucket.
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
     * Finds records by their hashes. All records of each hash's millisecond are hashed, once for
     * all of the hashes.
     *
     * @param hashes the records' hashes
     * @return those records that are held, by hash
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
     * Sketches all records of a span of time. Up to {@link #PREFIX_CELLS} cells it adds what the
     * buckets keep; beyond, it hashes every record, which takes about half a second a million.
     *
     * @param fromMs timestamps before this are left out
     * @param toMs timestamps from here on are left out
     * @param cells how many cells
     * @return the sketch, the caller's own
     */
    Sketch sketch(long fromMs, long toMs, int cells);

    /** {@return whether records of peers are refused for lack of room} */
    boolean full();

    /** {@return how many records are held, those included that expired and are not yet deleted} */
    int size();

    /** {@return whether there is nothing to be seen} */
    default boolean isEmpty() {
        return page(Position.START, Long.MAX_VALUE, 1).isEmpty();
    }
}
