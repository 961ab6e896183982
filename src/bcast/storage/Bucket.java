package bcast.storage;

import bcast.data.Data;
import bcast.data.SipHash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/**
 * The records with timestamps in one of the equal spans of time of {@link Buckets}, sorted by
 * {@link Data#BY_TIME}. They are cut into {@link Slice slices}, like the leaves of a B-tree;
 * instead of inner nodes there is one list of all slices, at most a few thousand. Each record, even
 * a late one, is inserted in order at once, so that a reader never has to sort. A span of time
 * consists of whole slices, whose sums are kept, and of parts of at most two others.
 *
 * <p>A record that arrives in order costs one comparison. A late one costs about twenty, and work
 * in one slice that {@link Slice#MAX} and {@link Slice#MAX_JSON_BYTES} bound. Once closed, the
 * bucket accepts no records. Its monitor may be entered within the map's atomic step for an id,
 * never the other way round.
 */
final class Bucket {

    /** What became of a record that was to be added. */
    enum Added { YES, NO_ROOM, CLOSED }

    /** The index of a record within the slice of a number. */
    private record Place(int slice, int at) {}

    /** Timestamps in its span divided by the width of a bucket. */
    final long number;
    /** None of them is empty. */
    private final List<Slice> slices = new ArrayList<>();
    private boolean closed;
    private long bytes;

    Bucket(long number) {
        this.number = number;
    }

    /** Memory of the records and the sketches. */
    synchronized long bytes() {
        return bytes;
    }

    synchronized int slices() {
        return slices.size();
    }

    /** The first record for which a condition is true, as for all after it, or the end. */
    private Place first(Predicate<Data> condition) {
        if (slices.isEmpty()) {
            return new Place(0, 0);
        }
        int last = slices.size() - 1;
        int number = first(last, 1, i -> condition.test(slices.get(i).last()));
        Slice slice = slices.get(number);
        // Most records belong near the end of the last slice.
        return new Place(number, first(slice.size(), number == last ? 1 : slice.size(),
                i -> condition.test(slice.data(i))));
    }

    /** The same for indexes. The first is tested a step before the end, the next 8 times that. */
    private static int first(int end, int step, IntPredicate condition) {
        int high = end;
        int back = step;
        while (back <= high && condition.test(high - back)) {
            high -= back;
            back *= 8;
        }
        int low = Math.max(0, high - back + 1);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (condition.test(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Adds a record after all that are equal or smaller, if a limit leaves memory for it. */
    synchronized Added add(HashKeys.Hashed record, MemoryLimit limit) {
        if (closed) {
            return Added.CLOSED;
        }
        Place place = placeFor(record.data());
        Slice slice = slices.isEmpty() ? null : slices.get(place.slice);
        HashKeys keys = slice == null ? record.keys() : slice.keys();
        boolean full = slice == null || slice.full();
        long cost = RecordBytes.of(record.data()) + (full ? keys.sketchesBytes() : 0);
        if (!limit.take(cost)) {
            return Added.NO_ROOM;
        }
        bytes += cost;
        if (full) {
            place = addSlice(place, keys);
        }
        slices.get(place.slice).add(place.at, record);
        return Added.YES;
    }

    private Place placeFor(Data data) {
        int last = slices.size() - 1;
        return last >= 0 && Data.BY_TIME.compare(slices.get(last).last(), data) <= 0
                ? new Place(last, slices.get(last).size())
                : first(each -> Data.BY_TIME.compare(each, data) > 0);
    }

    /** Makes room for a record at a place, which may change thereby. */
    private Place addSlice(Place place, HashKeys keys) {
        if (slices.isEmpty()) {
            slices.add(new Slice(keys));
            return place;
        }
        Slice slice = slices.get(place.slice);
        // A slice that was filled in order stays full.
        Slice next = place.at == slice.size() ? new Slice(keys) : slice.split();
        slices.add(place.slice + 1, next);
        return place.at > slice.size() || next.size() == 0
                ? new Place(place.slice + 1, place.at - slice.size()) : place;
    }

    /** Removes exactly this record, not an equal one. Returns the memory released, 0 if none. */
    synchronized long remove(HashKeys.Hashed record) {
        Data data = record.data();
        Place from = first(each -> Data.BY_TIME.compare(each, data) >= 0);
        for (int i = from.slice, at = from.at; i < slices.size(); i++, at = 0) {
            Slice slice = slices.get(i);
            for (; at < slice.size(); at++) {
                if (slice.data(at) == data) {
                    slice.remove(at, record);
                    long free = RecordBytes.of(data);
                    if (slice.size() == 0) {
                        slices.remove(i);
                        free += slice.keys().sketchesBytes();
                    }
                    bytes -= free;
                    return free;
                }
                if (Data.BY_TIME.compare(slice.data(at), data) != 0) {
                    return 0;
                }
            }
        }
        return 0;
    }

    /** Closes the bucket for good and appends its records. Returns their memory. */
    synchronized long close(PinnedRecords records) {
        slices.forEach(slice -> slice.appendTo(records, 0));
        slices.clear();
        closed = true;
        return bytes;
    }

    /**
     * Keeps sketches by these keys from now on, and no others, and counts their memory. The monitor
     * is released between slices, so that other threads do not wait for all of them.
     */
    void rekey(HashKeys now, AtomicLong used) {
        boolean more = true;
        while (more) {
            more = rekeyOne(now, used);
        }
    }

    /** Returns false if all slices have sketches by these keys. */
    synchronized boolean rekeyOne(HashKeys now, AtomicLong used) {
        for (Slice slice : slices) {
            if (slice.keys() != now) {
                int more = now.sketchesBytes() - slice.keys().sketchesBytes();
                slice.rekey(now);
                bytes += more;
                used.addAndGet(more);
                return true;
            }
        }
        return false;
    }

    /** Appends to a page, up to a limit, the records after a position and before a time. */
    synchronized void page(Position after, long toMs, int limit, List<Data> page) {
        byte[] id = after.id().getBytes(StandardCharsets.UTF_8);
        Place from = first(data -> data.timestamp() == after.timestamp()
                ? data.compareId(id) > 0 : data.timestamp() > after.timestamp());
        for (int i = from.slice, at = from.at; i < slices.size(); i++, at = 0) {
            Slice slice = slices.get(i);
            for (; at < slice.size(); at++) {
                Data data = slice.data(at);
                if (page.size() >= limit || data.timestamp() >= toMs) {
                    return;
                }
                page.add(data);
            }
        }
    }

    /** Appends all records from a time on, and adds them to a sketch as {@link #addTo} does. */
    synchronized boolean appendTo(PinnedRecords records, long fromMs, Sketch sum, SipHash key) {
        Place from = first(each -> each.timestamp() >= fromMs);
        for (int i = from.slice, at = from.at; i < slices.size(); i++, at = 0) {
            slices.get(i).appendTo(records, at);
        }
        return addTo(sum, fromMs, Long.MAX_VALUE, key);
    }

    /**
     * Adds the records of a span of time to a sketch of at most {@link StoreView#PREFIX_CELLS}
     * cells. Adds nothing and returns false if a slice has no sketch by the key: to hash its
     * records would hold the monitor too long.
     */
    synchronized boolean addTo(Sketch sum, long fromMs, long toMs, SipHash key) {
        if (!slices.stream().allMatch(slice -> slice.keys().each().contains(key))) {
            return false;
        }
        Place from = first(each -> each.timestamp() >= fromMs);
        Place to = first(each -> each.timestamp() >= toMs);
        for (int i = from.slice, at = from.at; i <= to.slice && i < slices.size(); i++, at = 0) {
            Slice slice = slices.get(i);
            slice.addTo(sum, key, at, i == to.slice ? to.at : slice.size());
        }
        return true;
    }
}
