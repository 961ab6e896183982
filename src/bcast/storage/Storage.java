package bcast.storage;

import bcast.data.Data;
import java.util.List;

/**
 * Keeps records until they expire. Safe for use by any thread; each change is atomic for its id,
 * and no method blocks for long.
 */
public interface Storage extends StoreView, AutoCloseable {

    /** What became of a record. */
    sealed interface Change {

        /** It is stored; nothing was held under its id. */
        record Added() implements Change {}

        /**
         * It is stored in place of another.
         *
         * @param loser what was held
         */
        record Replaced(Data loser) implements Change {}

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

    /** {@return all records in the order of {@link Data#BY_TIME}} */
    List<Data> list();

    /** {@return whether clients' records are refused for lack of room} */
    boolean fullForClients();

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
