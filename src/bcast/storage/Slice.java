package bcast.storage;

import bcast.data.Data;
import bcast.data.SipHash;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Consecutive records of an {@link Order}, with the length of their JSON and their
 * {@link Sketches}. Guarded by its bucket's monitor.
 */
final class Slice {

    /** Most records: a late one moves at most 64 KiB of references, under the bucket's monitor. */
    static final int MAX = 16_384;

    /**
     * A slice of two records or more is full at this many bytes of JSON, which bounds the time
     * for which the bucket's monitor is held to hash. To split a slice, to sum a part of it, or to
     * make its sketch by a new key hashes less than this and one record: some 4 ms at 1 GB/s for
     * each key. A span of time has parts of two slices at most. The sketch of a full slice takes
     * 0.6 % of its bytes for each key.
     */
    static final int MAX_JSON_BYTES = 4 << 20;

    private static final Data[] NOTHING = {};
    private static final int FIRST_LENGTH = 8;

    private Data[] records = NOTHING;
    private int size;
    private long jsonBytes;
    private final Sketches sketches;

    /** An empty slice with a sketch for each key. */
    Slice(HashKeys keys) {
        this.sketches = new Sketches(keys);
    }

    int size() {
        return size;
    }

    boolean full() {
        return size == MAX || size > 1 && jsonBytes >= MAX_JSON_BYTES;
    }

    HashKeys keys() {
        return sketches.keys();
    }

    Data data(int at) {
        return records[at];
    }

    Data last() {
        return data(size - 1);
    }

    /**
     * Finds the first record for which a condition is true.
     *
     * @param condition if true for a record, also true for all after it
     * @param step distance from the end of the first record tested; it doubles each time
     * @return the record's index, {@link #size} if there is none
     */
    int first(Predicate<Data> condition, int step) {
        int high = size;
        int back = step;
        while (back <= high && condition.test(data(high - back))) {
            high -= back;
            back *= 2;
        }
        int low = Math.max(0, high - back + 1);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (condition.test(data(middle))) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Puts a record at an index; the slice must not be full. */
    void add(int at, HashKeys.Hashed record) {
        if (size == records.length) {
            records = Arrays.copyOf(records, Math.min(MAX, size + (size >> 2) + FIRST_LENGTH));
        }
        System.arraycopy(records, at, records, at + 1, size - at);
        records[at] = record.data();
        size++;
        jsonBytes += record.data().jsonLength();
        sketches.toggle(record, 1);
    }

    /** Takes out the record at an index. */
    void remove(int at, HashKeys.Hashed record) {
        System.arraycopy(records, at + 1, records, at, size - at - 1);
        records[--size] = null;
        jsonBytes -= record.data().jsonLength();
        sketches.toggle(record, -1);
    }

    /**
     * Moves the upper half of a full slice to a new one, which is returned: half of the records if
     * there are {@link #MAX}, else half of their bytes.
     */
    Slice split() {
        Slice upper = new Slice(keys());
        int half = size;
        while (half > 1 && (size == MAX ? half > size / 2 : upper.jsonBytes < jsonBytes / 2)) {
            half--;
            Data data = data(half);
            upper.sketches.add(data);
            upper.jsonBytes += data.jsonLength();
        }
        upper.records = Arrays.copyOfRange(records, half, size);
        upper.size = size - half;
        sketches.subtract(upper.sketches);
        jsonBytes -= upper.jsonBytes;
        records = Arrays.copyOf(records, half);
        size = half;
        return upper;
    }

    /** Keeps sketches by these keys from now on, and no others. */
    void rekey(HashKeys now) {
        sketches.rekey(now, key -> {
            Sketch made = new Sketch(StoreView.PREFIX_CELLS);
            toggle(made, key, 0, size, 1);
            return made;
        });
    }

    private void toggle(Sketch sum, SipHash key, int from, int to, int sign) {
        for (int i = from; i < to; i++) {
            sum.toggle(data(i).hash(key), sign);
        }
    }

    /**
     * Adds the records between two indexes to a sketch of at most
     * {@link StoreView#PREFIX_CELLS} cells.
     *
     * @param key one of {@link #keys}
     */
    void addTo(Sketch sum, SipHash key, int from, int to) {
        if (to - from > size / 2) {
            sum.add(sketches.by(key));
            toggle(sum, key, 0, from, -1);
            toggle(sum, key, to, size, -1);
        } else {
            toggle(sum, key, from, to, 1);
        }
    }

    /** Appends the records from an index on. */
    void appendTo(PinnedRecords target, int from) {
        long bytes = jsonBytes;
        for (int i = 0; i < from; i++) {
            bytes -= data(i).jsonLength();
        }
        target.append(records, from, size, bytes);
    }
}
