package bcast.storage;

import bcast.data.Data;
import bcast.data.SipHash;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * The records of a bucket, sorted by {@link Data#BY_TIME}. They are cut into {@link Slice slices},
 * like the leaves of a B-tree; instead of inner nodes there is one list of all slices, at most a
 * few thousand. Each record, even a late one, is inserted in order at once, so that a reader never
 * has to sort. A span of time consists of whole slices, whose sums are kept, and of parts of at
 * most two others.
 *
 * <p>A record that arrives in order costs one or two comparisons. A late one costs about twenty,
 * and work in one slice that {@link Slice#MAX} and {@link Slice#MAX_JSON_BYTES} bound. Guarded by
 * its bucket's monitor.
 */
final class Order {

    /** At least one; a slice is empty only if it is the only one. */
    private final List<Slice> slices = new ArrayList<>();

    /**
     * A place in the order.
     *
     * @param slice number of the slice
     * @param at index within it, its size for the place after its last record
     */
    record Place(int slice, int at) {}

    Order(HashKeys keys) {
        slices.add(new Slice(keys));
    }

    /** Memory of all sketches in bytes. */
    long sketchesBytes() {
        long bytes = 0;
        for (Slice slice : slices) {
            bytes += slice.keys().sketchesBytes();
        }
        return bytes;
    }

    /** Where to insert a record: after all that are equal or smaller. */
    Place placeFor(Data data) {
        Slice last = slices.get(slices.size() - 1);
        if (last.size() > 0 && Data.BY_TIME.compare(last.last(), data) <= 0) {
            return new Place(slices.size() - 1, last.size());
        }
        return first(each -> Data.BY_TIME.compare(each, data) > 0);
    }

    /**
     * Finds the first record for which a condition is true, or the end.
     *
     * @param condition if true for a record, also true for all after it
     */
    private Place first(Predicate<Data> condition) {
        int last = slices.size() - 1;
        int low = last;
        if (last > 0 && condition.test(slices.get(last - 1).last())) {
            int high = last - 1;
            low = 0;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (condition.test(slices.get(middle).last())) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
        }
        // Most records belong near the end of the last slice.
        Slice slice = slices.get(low);
        return new Place(low, slice.first(condition, low == last ? 1 : Math.max(1, slice.size())));
    }

    /** Memory in bytes that adding a record at a place takes for sketches, if its slice is full. */
    int cost(Place place) {
        Slice slice = slices.get(place.slice);
        return slice.full() ? slice.keys().sketchesBytes() : 0;
    }

    /** Puts a record at the place that was found for it. */
    void add(Place place, HashKeys.Hashed record) {
        Slice slice = slices.get(place.slice);
        int at = place.at;
        if (slice.full()) {
            // A slice that was filled in order stays full.
            Slice next = at == slice.size() ? new Slice(slice.keys()) : slice.split();
            slices.add(place.slice + 1, next);
            if (at > slice.size() || next.size() == 0) {
                at -= slice.size();
                slice = next;
            }
        }
        slice.add(at, record);
    }

    /**
     * Removes exactly this record, not an equal one.
     *
     * @return memory of sketches that is released, or -1 if the record is not here
     */
    int remove(HashKeys.Hashed record) {
        Data data = record.data();
        Place from = first(each -> Data.BY_TIME.compare(each, data) >= 0);
        int at = from.at;
        for (int i = from.slice; i < slices.size(); i++) {
            Slice slice = slices.get(i);
            for (; at < slice.size(); at++) {
                if (slice.data(at) == data) {
                    return remove(i, at, record);
                }
                if (Data.BY_TIME.compare(slice.data(at), data) != 0) {
                    return -1;
                }
            }
            at = 0;
        }
        return -1;
    }

    private int remove(int number, int at, HashKeys.Hashed record) {
        Slice slice = slices.get(number);
        slice.remove(at, record);
        if (slice.size() > 0 || slices.size() == 1) {
            return 0;
        }
        slices.remove(number);
        return slice.keys().sketchesBytes();
    }

    /**
     * Appends to a page the records from the first for which a condition is true, up to a time.
     *
     * @param after as for {@link #first}
     * @param toMs timestamps from here on are left out
     * @param limit most records in the page, including those it has already
     */
    void page(Predicate<Data> after, long toMs, int limit, List<Data> page) {
        Place from = first(after);
        int at = from.at;
        for (int i = from.slice; i < slices.size(); i++) {
            Slice slice = slices.get(i);
            for (; at < slice.size(); at++) {
                if (page.size() >= limit) {
                    return;
                }
                Data data = slice.data(at);
                if (data.timestamp() >= toMs) {
                    return;
                }
                page.add(data);
            }
            at = 0;
        }
    }

    /**
     * Adds the records of a span of time to a sketch of at most {@link StoreView#PREFIX_CELLS}
     * cells.
     *
     * @return false if a slice of the span has no sketch by the key; nothing is added then
     */
    boolean addTo(Sketch sum, long fromMs, long toMs, SipHash key) {
        Place from = first(each -> each.timestamp() >= fromMs);
        Place to = first(each -> each.timestamp() >= toMs);
        for (int i = from.slice; i <= to.slice; i++) {
            if (!slices.get(i).keys().each().contains(key)) {
                return false;
            }
        }
        for (int i = from.slice; i <= to.slice; i++) {
            Slice slice = slices.get(i);
            slice.addTo(sum, key, i == from.slice ? from.at : 0,
                    i == to.slice ? to.at : slice.size());
        }
        return true;
    }

    /** Appends all records from a time on. */
    void appendTo(PinnedRecords records, long fromMs) {
        Place from = first(each -> each.timestamp() >= fromMs);
        for (int i = from.slice; i < slices.size(); i++) {
            slices.get(i).appendTo(records, i == from.slice ? from.at : 0);
        }
    }

    int slices() {
        return slices.size();
    }

    /**
     * Makes new sketches for one slice that has them by other keys.
     *
     * @return additional bytes that they take, or empty if all slices have sketches by these keys
     */
    OptionalInt rekeyOne(HashKeys now) {
        for (Slice slice : slices) {
            if (slice.keys() != now) {
                int before = slice.keys().sketchesBytes();
                slice.rekey(now);
                return OptionalInt.of(now.sketchesBytes() - before);
            }
        }
        return OptionalInt.empty();
    }
}
