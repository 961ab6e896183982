package bcast.data;

/**
 * The time for which a record lives. It expires at {@code timestamp + retention}, whenever it
 * arrived, so that it expires on all nodes at the same moment.
 *
 * @param ms the time in milliseconds
 */
public record Retention(long ms) {

    /**
     * {@return whether a record has expired}
     *
     * @param timestamp timestamp of the record
     * @param nowMs Unix milliseconds
     */
    public boolean expired(long timestamp, long nowMs) {
        return timestamp < oldestMs(nowMs);
    }

    /**
     * {@return the first timestamp that has not expired}
     *
     * @param nowMs Unix milliseconds
     */
    public long oldestMs(long nowMs) {
        return nowMs - ms + 1;
    }
}
