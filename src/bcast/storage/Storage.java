package bcast.storage;

import bcast.data.Data;
import bcast.data.SipHash;
import java.util.List;
import java.util.Optional;

/**
 * Keeps records until they expire. Safe for use by any thread; each change is atomic for its id,
 * and no method blocks for long.
 */
public interface Storage extends StoreView, AutoCloseable {

    /** What became of a record. */
    sealed interface Change {

        /**
         * It is stored; nothing was held under its id.
         *
         * @param stored the record as it is kept, which takes no memory of its own
         */
        record Added(Data stored) implements Change {}

        /**
         * It is stored in place of another.
         *
         * @param stored the record as it is kept, which takes no memory of its own
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
     * Stores a client's record if its id is free. Refused beyond 90 % of the room, so that peers'
     * records still find some.
     *
     * @param data the record, with a timestamp that has not expired
     * @return what became of it
     */
    Change add(Data data);

    /**
     * Stores a peer's record if its id is free or the record wins by {@link Data#MERGE}.
     *
     * @param data the record, with a timestamp that has not expired
     * @return what became of it
     */
    Change merge(Data data);

    /**
     * Stores a record of this node's journal, as {@link #merge} stores one of a peer.
     *
     * @param data the record, with a timestamp that has not expired
     * @return what became of it
     */
    default Change restore(Data data) {
        return merge(data);
    }

    /**
     * Names the keys with which sketches are kept up to date; the store itself is the view of the
     * first. Sketches of new keys are made by the next {@link #sweep}.
     *
     * @param keys the keys, one at least
     */
    void keys(List<SipHash> keys);

    /** {@return all records in the order of {@link Data#BY_TIME}} */
    List<Data> list();

    /**
     * Takes all records of a span of time, and their sum.
     *
     * @param sinceMs timestamps before this are left out
     * @return what was held at a moment during the call, or, of what changed meanwhile, a part
     */
    Snapshot snapshot(long sinceMs);

    /**
     * Reads on as {@link #arrivals} does, but with what has expired by a clock that may be wrong.
     *
     * @param afterSeq place of the last one read, 0 to begin
     * @param limit most records returned
     * @return the records that follow and are not deleted; fewer than {@code limit} only if there
     *     are no more
     */
    List<Arrival> undeleted(long afterSeq, int limit);

    /**
     * Waits until a record is stored.
     *
     * @param afterSeq place of the last one known
     * @param ms longest wait in milliseconds
     * @return whether one came after it; may return early
     * @throws InterruptedException if interrupted
     */
    boolean awaitArrival(long afterSeq, long ms) throws InterruptedException;

    /** {@return whether clients' records are refused for lack of room} */
    boolean fullForClients();

    /**
     * {@return whose record was refused for lack of room, although others still fit, and would be
     * refused now, in words; empty if none was}
     */
    Optional<String> lacking();

    /** {@return memory taken by the records in bytes, indexes included} */
    long bytes();

    /** Deletes what has expired. */
    void sweep();

    /** Begins to sweep on its own. */
    void start();

    /** Stops sweeping. */
    @Override
    void close();
}
