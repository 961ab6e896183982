package bcast.storage;

import bcast.data.Data;
import bcast.data.SipHash;
import java.util.List;
import java.util.Optional;

/**
 * Keeps records, one an id, until they expire: from {@code timestamp + retention} on a record is
 * neither found nor listed, and its id is free. Before that a record is removed only by
 * {@link #merge}, in favour of one that wins against it, however full the store is. Safe for use by
 * any thread; each change is atomic for its id, and no method but {@link #awaitArrival} blocks for
 * long. An exception fails the client's request that caused it; one caused by a peer's record ends
 * the process.
 *
 * <p>The abstract methods make a store: five of {@link Records} and three here. The default
 * implementations of the others call these eight, and are slow with many records; your own store
 * may override them. {@link MapStorage} is the default store.
 */
public interface Storage extends Records, AutoCloseable {

    /** Number of buckets into which a retention is cut, so that peers compare what they hold. */
    int BUCKETS = 96;

    /** What became of a record. */
    sealed interface Change {

        /**
         * It is stored; nothing was held under its id.
         *
         * @param stored the record as the store holds it
         */
        record Added(Data stored) implements Change {}

        /**
         * It is stored in place of another.
         *
         * @param stored the record as the store holds it
         * @param loser what was held
         */
        record Replaced(Data stored, Data loser) implements Change {}

        /**
         * It is not stored: another or the same is held under its id.
         *
         * @param held what is held
         */
        record Kept(Data held) implements Change {}

        /** It is not stored: the store is full. */
        record Full() implements Change {}
    }

    /**
     * Stores a client's record if its id is free. Clients must leave some memory for peers'
     * records: the default store refuses clients' records once 90 % of its memory is used.
     *
     * @param data the record, with a timestamp that has not expired
     * @return {@link Change.Added}, {@link Change.Kept} or {@link Change.Full}
     */
    Change add(Data data);

    /**
     * Stores a peer's record if its id is free, or if it wins against the one held. By
     * {@link Data#MERGE} the one with the smaller timestamp wins, then that with the smaller
     * signature, then that with the smaller raw, on all nodes alike.
     *
     * @param data the record, with a timestamp that has not expired
     * @return what became of it; {@link Change.Full} also if there is no memory for a winner; the
     *     record held then stays
     */
    Change merge(Data data);

    /** {@return time from a record's timestamp until it expires, in milliseconds} */
    long retentionMs();

    /**
     * Stores a record of this node's journal, as {@link #merge} stores one of a peer.
     *
     * @param data the record, with a timestamp that has not expired
     * @return what became of it
     */
    default Change restore(Data data) {
        return merge(data);
    }

    /** {@return all records in the order of {@link Data#BY_TIME}} */
    default List<Data> list() {
        return page(Position.START, Long.MAX_VALUE, Integer.MAX_VALUE);
    }

    /**
     * Reads records as {@link #arrivals} does, including expired ones that are not deleted yet: the
     * journal writes them, since the clock may be wrong. By default they are left out.
     *
     * @param afterSeq sequence number of the last record read, 0 to begin
     * @param limit most records returned
     * @return the records that follow and are not deleted; fewer than {@code limit} only if there
     *     are no more
     */
    default List<Arrival> arrivalsWithExpired(long afterSeq, int limit) {
        return arrivals(afterSeq, limit);
    }

    /**
     * Waits until a record is stored. By default the store is polled every 10 ms.
     *
     * @param afterSeq sequence number after which a record is awaited
     * @param ms longest wait in milliseconds
     * @return whether a record with a higher sequence number was stored; may return early
     * @throws InterruptedException if interrupted
     */
    default boolean awaitArrival(long afterSeq, long ms) throws InterruptedException {
        if (lastArrival() <= afterSeq) {
            Thread.sleep(Math.max(1, Math.min(ms, 10)));
        }
        return lastArrival() > afterSeq;
    }

    /**
     * Copies references to all records from a time on, and the sum of their hashes. Records that
     * are stored or replaced during the call may be in it or not.
     *
     * <p>{@link MapStorage} sums by the first key of its cluster, this default by a public one. So
     * their {@link Snapshot#name names} of equal records differ: a client that sends the ETag of
     * one node's list to a node with another store receives the whole list instead of 304.
     *
     * @param sinceMs timestamps before this are left out
     * @return the records
     */
    default Snapshot snapshot(long sinceMs) {
        return Snapshot.of(page(new Position(Math.max(0, sinceMs), ""), Long.MAX_VALUE,
                Integer.MAX_VALUE));
    }

    /**
     * Makes the read-only view of the store that the cluster uses, with hashes by a key that both
     * peers have.
     *
     * @param key the key of the hash
     * @return the view; views of equal keys are equal
     */
    default StoreView keyed(SipHash key) {
        return new KeyedView(this, key);
    }

    /** {@return whether clients' records are refused because the store is full} */
    default boolean fullForClients() {
        return full();
    }

    /**
     * Reports that large records are rejected although smaller ones still fit.
     *
     * @return source of a record that was rejected and would be rejected now, in words such as
     *     "a peer"; empty if there is none
     */
    default Optional<String> largeRecordsRejectedFrom() {
        return Optional.empty();
    }

    /** {@return memory of the records in bytes, including indexes; 0 if it is not measured} */
    default long bytes() {
        return 0;
    }

    /** Starts a thread that deletes expired records, and returns at once. */
    default void start() {}

    /** Ends the thread of {@link #start} within a second; does nothing if it was not started. */
    @Override
    default void close() {}
}
