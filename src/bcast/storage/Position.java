package bcast.storage;

import bcast.data.Data;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A position in the order of all records by time, the same on every node.
 *
 * @param timestamp Unix milliseconds
 * @param id the position is just after the record of this time and id; empty for the position
 *     before all records of this time
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
     * Gives the position after a record.
     *
     * @param data the record
     * @return the position from which the next record is read
     */
    public static Position after(Data data) {
        return new Position(data.timestamp(), data.id());
    }
}
