package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;

/**
 * The records of one of the {@link Buckets}: those with timestamps in its span of time. It is the
 * lock round their {@link Order}, counts their memory, and can be closed, after which it takes no
 * records. Its monitor may be entered within the map's atomic step for an id, never the other way
 * round.
 */
final class Bucket {

    /** What became of a record that was to be added. */
    enum Added { YES, NO_ROOM, CLOSED }

    private static final Keys NO_KEYS = new Keys(List.of());

    /** Number of its span of time: the timestamps in it divided by the width of a bucket. */
    final long number;
    private Order order;
    private boolean closed;
    private long bytes;

    /**
     * The keys by which records are hashed; compared by identity, which is fast.
     *
     * @param each the keys, the most used first
     */
    record Keys(List<SipHash> each) {

        /** Hashes a record with each key. */
        Hash128[] hash(Data data) {
            Hash128[] hashes = new Hash128[each.size()];
            for (int i = 0; i < hashes.length; i++) {
                hashes[i] = data.hash(each.get(i));
            }
            return hashes;
        }
    }

    Bucket(long number, Keys keys) {
        this.number = number;
        this.order = new Order(keys);
        this.bytes = order.sketchesBytes();
    }

    /** Memory of the sketches of one slice in bytes. */
    static int sketchesBytes(Keys keys) {
        return keys.each.size() * StoreView.PREFIX_CELLS * Sketch.Cell.BYTES;
    }

    /** Memory of the records and the sketches. */
    synchronized long bytes() {
        return bytes;
    }

    /**
     * Keeps sketches for these keys from now on, and no others. Others get the monitor between any
     * two slices.
     *
     * @return how many bytes more the sketches take
     */
    long rekey(Keys now) {
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
     * Adds a record with its hashes by some keys.
     *
     * @param room where memory comes from
     */
    synchronized Added add(Data data, Keys with, Hash128[] hashes, Room room) {
        if (closed) {
            return Added.CLOSED;
        }
        Order.Place place = order.placeFor(data);
        long cost = RecordBytes.of(data) + order.cost(place);
        if (!room.take(cost)) {
            return Added.NO_ROOM;
        }
        bytes += cost;
        order.add(place, data, with, hashes);
        return Added.YES;
    }

    /**
     * Takes out exactly this record.
     *
     * @return memory that is free again, 0 if the record is not here, or no longer
     */
    synchronized long remove(Data data, Keys with, Hash128[] hashes) {
        int sketches = order.remove(data, with, hashes);
        long free = sketches < 0 ? 0 : RecordBytes.of(data) + sketches;
        bytes -= free;
        return free;
    }

    /** What a bucket held when it was closed: the records, and the memory of all in bytes. */
    record Contents(PinnedRecords records, long bytes) {}

    /** Closes the bucket for good and hands over what was in it. */
    synchronized Contents close() {
        PinnedRecords records = new PinnedRecords();
        order.appendTo(records, 0);
        Contents last = new Contents(records, bytes);
        closed = true;
        order = new Order(NO_KEYS);
        bytes = 0;
        return last;
    }

    /** Appends to a page the records after a position and before a time, up to a limit in all. */
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
     * @return false if nothing is added to the sketch because not all have one by the key
     */
    synchronized boolean appendTo(PinnedRecords records, long fromMs, Sketch sum, SipHash key) {
        order.appendTo(records, fromMs);
        return order.addTo(sum, fromMs, Long.MAX_VALUE, key);
    }

    /**
     * Adds the records of a span of time to a sketch of at most {@link StoreView#PREFIX_CELLS}.
     *
     * @return false if nothing is added because not all have a sketch by the key: to hash them all
     *     takes too long for the monitor
     */
    synchronized boolean addTo(Sketch sum, long fromMs, long toMs, SipHash key) {
        return order.addTo(sum, fromMs, toMs, key);
    }
}
