package bcast.storage;

import bcast.data.Data;
import bcast.data.SipHash;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;

/**
 * The records of one of the {@link Buckets}: those with timestamps in its span of time. It guards
 * their {@link Order}, whose slices keep their sums, and counts their memory. Once closed, it
 * accepts no records. Its monitor may be entered within the map's atomic step for an id, never the
 * other way round.
 */
final class Bucket {

    /** What became of a record that was to be added. */
    enum Added { YES, NO_ROOM, CLOSED }

    private static final HashKeys NO_KEYS = new HashKeys(List.of());

    /** Number of its span of time: the timestamps in it divided by the width of a bucket. */
    final long number;
    private Order order;
    private boolean closed;
    private long bytes;

    Bucket(long number, HashKeys keys) {
        this.number = number;
        this.order = new Order(keys);
        this.bytes = order.sketchesBytes();
    }

    /** Memory of the records and the sketches. */
    synchronized long bytes() {
        return bytes;
    }

    /**
     * Keeps sketches by these keys from now on, and no others. The monitor is released between
     * slices, so that other threads do not wait for all of them.
     *
     * @return additional bytes that the sketches take
     */
    long rekey(HashKeys now) {
        long more = 0;
        while (true) {
            synchronized (this) {
                OptionalInt one = closed ? OptionalInt.empty() : order.rekeyOne(now);
                if (one.isEmpty()) {
                    return more;
                }
                more += one.getAsInt();
                bytes += one.getAsInt();
            }
        }
    }

    /**
     * Adds a record.
     *
     * @param limit on the memory that it takes
     */
    synchronized Added add(HashKeys.Hashed record, MemoryLimit limit) {
        if (closed) {
            return Added.CLOSED;
        }
        Order.Place place = order.placeFor(record.data());
        long cost = RecordBytes.of(record.data()) + order.cost(place);
        if (!limit.take(cost)) {
            return Added.NO_ROOM;
        }
        bytes += cost;
        order.add(place, record);
        return Added.YES;
    }

    /**
     * Removes exactly this record, not an equal one.
     *
     * @return memory that is released, 0 if the record is not here, or no longer
     */
    synchronized long remove(HashKeys.Hashed record) {
        int sketches = order.remove(record);
        long free = sketches < 0 ? 0 : RecordBytes.of(record.data()) + sketches;
        bytes -= free;
        return free;
    }

    /** What a bucket held when it was closed: the records, and the memory of all in bytes. */
    record Contents(PinnedRecords records, long bytes) {}

    /** Closes the bucket for good and returns what it held. */
    synchronized Contents close() {
        PinnedRecords records = new PinnedRecords();
        order.appendTo(records, 0);
        Contents last = new Contents(records, bytes);
        closed = true;
        order = new Order(NO_KEYS);
        bytes = 0;
        return last;
    }

    /** Appends to a page, up to a limit, the records after a position and before a time. */
    synchronized void page(Position from, long toMs, int limit, List<Data> page) {
        byte[] id = from.id().getBytes(StandardCharsets.UTF_8);
        order.page(data -> after(data, from.timestamp(), id), toMs, limit, page);
    }

    private static boolean after(Data data, long timestamp, byte[] id) {
        if (data.timestamp() != timestamp) {
            return data.timestamp() > timestamp;
        }
        return data.compareId(id) > 0;
    }

    /**
     * Appends all records from a time on, and adds their sum to a sketch of one cell.
     *
     * @return false if nothing is added to the sketch because a slice has none by the key
     */
    synchronized boolean appendTo(PinnedRecords records, long fromMs, Sketch sum, SipHash key) {
        order.appendTo(records, fromMs);
        return order.addTo(sum, fromMs, Long.MAX_VALUE, key);
    }

    /**
     * Adds the records of a span of time to a sketch of at most {@link StoreView#PREFIX_CELLS}
     * cells.
     *
     * @return false if nothing is added because a slice has no sketch by the key: to hash its
     *     records would hold the monitor too long
     */
    synchronized boolean addTo(Sketch sum, long fromMs, long toMs, SipHash key) {
        return order.addTo(sum, fromMs, toMs, key);
    }
}
