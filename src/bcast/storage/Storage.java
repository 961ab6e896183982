package bcast.storage;

import bcast.data.Data;
import bcast.data.SipHash;
import java.util.List;
import java.util.Optional;

/**
 * Keeps records, one an id, until they expire: from {@code timestamp + retention} on a record is
 * neither found nor listed, and its id is free. Before that only {@link #merge} removes a record,
 * for one that wins against it, however full the store is. Safe for use by any thread; each change
 * is atomic for its id, and no method but {@link #awaitArrival} blocks for long. An exception fails
 * the client's request that led to it, and ends the process where a peer's record did.
 *
 * <p>The first eight methods make a store. All others follow from them, slowly where there are many
 * records; a store of your own overrides those that it can do better. {@link MapStorage} is the
 * default.
 */
public interface Storage extends AutoCloseable {

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

        /** It is not stored: there is no room. */
        record Full() implements Change {}
    }

    /**
     * Stores a client's record if its id is free. Clients must leave some room for peers' records:
     * the default store refuses what they add once 90 % of its memory is taken.
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
     * @return what became of it; {@link Change.Full} also where a winner finds no room, and then
     *     the record held stays
     */
    Change merge(Data data);

    /**
     * Looks up a record.
     *
     * @param id the record's id
     * @return the record, if it is held
     */
    Optional<Data> get(String id);

    /**
     * Reads on in the order of {@link Data#BY_TIME}: by timestamp, then by id.
     *
     * @param after a place in that order; the records that follow it are read
     * @param toMs timestamps from here on are left out
     * @param limit most records returned
     * @return the records that follow; fewer than {@code limit} only if no more are held
     */
    List<Data> page(Position after, long toMs, int limit);

    /**
     * Reads on in the order in which records were stored here in this run. A reader that goes on
     * after the last one it read misses nothing: places become visible in order, and a record that
     * replaces another takes a new place.
     *
     * @param afterSeq place of the last one read, 0 to begin
     * @param limit most records returned
     * @return the records that follow and are still held; fewer than {@code limit} only if no
     *     more are held
     */
    List<Arrival> arrivals(long afterSeq, int limit);

    /** {@return place of the record that was stored last, 0 before the first} */
    long lastArrival();

    /** {@return how many records are held, those included that expired and are not yet deleted} */
    int size();

    /** {@return how long a record lives after its timestamp, in milliseconds} */
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
     * Asks for exactly this record.
     *
     * @param data a record
     * @return whether an equal one is held
     */
    default boolean holds(Data data) {
        return get(data.id()).filter(data::equals).isPresent();
    }

    /**
     * Looks up a record's place in the order of arrival. By default all are read to find it.
     *
     * @param data a record
     * @return the place, or 0 if no equal one is held
     */
    default long seq(Data data) {
        if (!holds(data)) {
            return 0;
        }
        return arrivals(0, Integer.MAX_VALUE).stream().filter(each -> each.data().equals(data))
                .mapToLong(Arrival::seq).findFirst().orElse(0);
    }

    /**
     * Reads on as {@link #arrivals} does, with records that have expired and are not deleted yet:
     * the journal writes them, since the clock may be wrong. By default they are left out.
     *
     * @param afterSeq place of the last one read, 0 to begin
     * @param limit most records returned
     * @return the records that follow and are not deleted; fewer than {@code limit} only if there
     *     are no more
     */
    default List<Arrival> undeleted(long afterSeq, int limit) {
        return arrivals(afterSeq, limit);
    }

    /**
     * Waits until a record is stored. By default it looks every 10 ms.
     *
     * @param afterSeq place of the last one known
     * @param ms longest wait in milliseconds
     * @return whether one came after it; may return early
     * @throws InterruptedException if interrupted
     */
    default boolean awaitArrival(long afterSeq, long ms) throws InterruptedException {
        if (lastArrival() <= afterSeq) {
            Thread.sleep(Math.max(1, Math.min(ms, 10)));
        }
        return lastArrival() > afterSeq;
    }

    /**
     * Takes all records from a time on, and the sum of their hashes. Of records that are stored or
     * replaced during the call some may be there and others not.
     *
     * <p>By default the sum is made with a public key; {@link MapStorage} has sums by the first key
     * of its cluster at hand. So a store of your own gives equal records another
     * {@link Snapshot#name name} than the default store does. That is harmless: the name becomes
     * the ETag of a list, and a client that sends one node's ETag to a node with another store
     * receives the whole list instead of 304.
     *
     * @param sinceMs timestamps before this are left out
     * @return the records
     */
    default Snapshot snapshot(long sinceMs) {
        return Snapshot.of(page(new Position(Math.max(0, sinceMs), ""), Long.MAX_VALUE,
                Integer.MAX_VALUE));
    }

    /**
     * What peers compare and request, hashed by a key that both have. Peers see the store in this
     * way only.
     *
     * @param key the key of the hash
     * @return the view; views of equal keys are equal
     */
    default StoreView keyed(SipHash key) {
        return new KeyedView(this, key);
    }

    /** {@return whether records of peers are refused for lack of room} */
    default boolean full() {
        return false;
    }

    /** {@return whether clients' records are refused for lack of room} */
    default boolean fullForClients() {
        return full();
    }

    /**
     * Tells of a large record that found no room, and would find none now, though smaller ones do.
     *
     * @return whose it was, in words such as "a peer"; empty if there is none
     */
    default Optional<String> lacking() {
        return Optional.empty();
    }

    /** {@return memory taken by the records in bytes, indexes included; 0 if it is not measured} */
    default long bytes() {
        return 0;
    }

    /** Begins to delete what has expired, on a thread of the store's own, and returns at once. */
    default void start() {}

    /** Ends the thread that {@link #start} began, within a second; also without a start. */
    @Override
    default void close() {}
}
