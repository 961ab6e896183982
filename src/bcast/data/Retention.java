package bcast.data;

/**
 * The time for which a record lives. It expires at {@code timestamp + retention}, whenever it
 * arrived, so that it expires on all nodes at the same moment.
 *
 * @param ms the time in milliseconds
 */
public record Retention(long ms) {

    /**
     * Applies the rule to one record.
     *
     * @param timestamp timestamp of the record
     * @param nowMs Unix milliseconds
     * @return whether the record has expired
     */
    public boolean expired(long timestamp, long nowMs) {
        return timestamp < oldestMs(nowMs);
    }

    /**
     * Applies the rule to all records.
     *
     * @param nowMs Unix milliseconds
     * @return the first timestamp that has not expired
     */
    public long oldestMs(long nowMs) {
        return nowMs - ms + 1;
    }
}
