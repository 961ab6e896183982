package bcast.storage;

import bcast.data.Data;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link Storage} and a {@link StoreView} have in common: records to read, one an id.
 * Expired records are neither found nor listed. Safe for use by any thread; no method blocks for
 * long.
 */
public interface Records {

    /**
     * Looks up a record.
     *
     * @param id the record's id
     * @return the record, if it is held
     */
    Optional<Data> get(String id);

    /**
     * Reads records in the order of {@link Data#BY_TIME}: by timestamp, then by id.
     *
     * @param after a position in that order; the records that follow it are read
     * @param toMs timestamps from here on are left out
     * @param limit most records returned
     * @return the records that follow; fewer than {@code limit} only if no more are held
     */
    List<Data> page(Position after, long toMs, int limit);

    /**
     * Reads records in the order in which this node stored them since it started. A reader that
     * continues after the last record it read misses nothing: sequence numbers become visible in
     * ascending order, and a record that replaces another has a new one.
     *
     * @param afterSeq sequence number of the last record read, 0 to begin
     * @param limit most records returned
     * @return the records that follow and are still held; fewer than {@code limit} only if no
     *     more are held
     */
    List<Arrival> arrivals(long afterSeq, int limit);

    /** {@return sequence number of the record that was stored last, 0 before the first} */
    long lastArrival();

    /** {@return number of records held, including those that expired and are not yet deleted} */
    int size();

    /**
     * Looks for exactly this record.
     *
     * @param data a record
     * @return whether an equal one is held
     */
    default boolean holds(Data data) {
        return get(data.id()).filter(data::equals).isPresent();
    }

    /**
     * Looks up a record's sequence number. By default all records are read to find it.
     *
     * @param data a record
     * @return the sequence number, or 0 if no equal record is held
     */
    default long seq(Data data) {
        if (!holds(data)) {
            return 0;
        }
        return arrivals(0, Integer.MAX_VALUE).stream().filter(each -> each.data().equals(data))
                .mapToLong(Arrival::seq).findFirst().orElse(0);
    }

    /** {@return whether records of peers are refused because the store is full} */
    default boolean full() {
        return false;
    }
}
