package bcast.storage;

import bcast.data.Data;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A place in the order of all records, the same on every node.
 *
 * @param timestamp Unix milliseconds
 * @param id the place is just after the record of this time and id; empty for the place before
 *     all records of this time
 */
public record Position(long timestamp, String id) implements Comparable<Position> {

    /** Before all records. */
    public static final Position START = new Position(0, "");

    @Override
    public int compareTo(Position other) {
        int byTime = Long.compare(timestamp, other.timestamp);
        return byTime != 0 ? byTime : Arrays.compareUnsigned(
                id.getBytes(StandardCharsets.UTF_8), other.id.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The place after a record.
     *
     * @param data the record
     * @return where the next one begins
     */
    public static Position after(Data data) {
        return new Position(data.timestamp(), data.id());
    }
}
