package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Some of the records of an {@link Order} that follow each other, with the length of their JSON and
 * a {@link Sketch} of them for each key. Guarded by its bucket's monitor.
 */
final class Slice {

    /** Most records: a late one moves at most 64 KiB of references, under the bucket's monitor. */
    static final int MAX = 16_384;

    /**
     * A slice of two records or more is full at this many bytes of JSON, which bounds the time
     * for which the bucket's monitor is held to hash. To split a slice, to sum a part of it, or to
     * make its sketch by a new key hashes less than this and one record: some 4 ms at 1 GB/s for
     * each key. A span of time cuts two slices at most. The sketch of a full slice takes 0.6 % of
     * its bytes for each key.
     */
    static final int MAX_JSON_BYTES = 4 << 20;

    private static final Data[] NOTHING = {};
    private static final int FIRST_ROOM = 8;

    private Data[] records = NOTHING;
    private int size;
    private long jsonBytes;
    private Bucket.Keys keys;
    private Sketch[] sketches;

    /** An empty slice with a sketch for each of some keys. */
    Slice(Bucket.Keys keys) {
        this.keys = keys;
        this.sketches = new Sketch[keys.each().size()];
        Arrays.setAll(sketches, any -> new Sketch(StoreView.PREFIX_CELLS));
    }

    int size() {
        return size;
    }

    boolean full() {
        return size == MAX || size > 1 && jsonBytes >= MAX_JSON_BYTES;
    }

    Bucket.Keys keys() {
        return keys;
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
     * @param step how far from the end to look first; the step doubles from there
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
    void add(int at, Data data, Bucket.Keys with, Hash128[] hashes) {
        if (size == records.length) {
            records = Arrays.copyOf(records, Math.min(MAX, size + (size >> 2) + FIRST_ROOM));
        }
        System.arraycopy(records, at, records, at + 1, size - at);
        records[at] = data;
        size++;
        jsonBytes += data.jsonLength();
        toggle(data, with, hashes, 1);
    }

    /** Takes out the record at an index. */
    void remove(int at, Data data, Bucket.Keys with, Hash128[] hashes) {
        System.arraycopy(records, at + 1, records, at, size - at - 1);
        records[--size] = null;
        jsonBytes -= data.jsonLength();
        toggle(data, with, hashes, -1);
    }

    private void toggle(Data data, Bucket.Keys with, Hash128[] hashes, int sign) {
        // The caller hashed with other keys if they changed just then.
        Hash128[] ours = with == keys ? hashes : keys.hash(data);
        for (int i = 0; i < ours.length; i++) {
            sketches[i].toggle(ours[i], sign);
        }
    }

    /**
     * Moves the upper half of a full slice to a new one, which is returned: half of the records if
     * they are as many as may be, else half of their bytes.
     */
    Slice split() {
        Slice upper = new Slice(keys);
        int half = size;
        while (half > 1 && (size == MAX ? half > size / 2 : upper.jsonBytes < jsonBytes / 2)) {
            half--;
            Data data = data(half);
            upper.toggle(data, keys, keys.hash(data), 1);
            upper.jsonBytes += data.jsonLength();
        }
        upper.records = Arrays.copyOfRange(records, half, size);
        upper.size = size - half;
        for (int i = 0; i < sketches.length; i++) {
            sketches[i].subtract(upper.sketches[i]);
        }
        jsonBytes -= upper.jsonBytes;
        records = Arrays.copyOf(records, half);
        size = half;
        return upper;
    }

    /** Keeps sketches for these keys from now on, and no others. */
    void rekey(Bucket.Keys now) {
        if (now == keys) {
            return;
        }
        Sketch[] made = new Sketch[now.each().size()];
        for (int i = 0; i < made.length; i++) {
            SipHash key = now.each().get(i);
            int at = keys.each().indexOf(key);
            made[i] = at >= 0 ? sketches[at] : new Sketch(StoreView.PREFIX_CELLS);
            if (at < 0) {
                toggle(made[i], key, 0, size, 1);
            }
        }
        keys = now;
        sketches = made;
    }

    private void toggle(Sketch sum, SipHash key, int from, int to, int sign) {
        for (int i = from; i < to; i++) {
            sum.toggle(data(i).hash(key), sign);
        }
    }

    /**
     * Adds the records between two indexes to a sketch of no more cells than the store keeps.
     *
     * @param key one of {@link #keys}
     */
    void addTo(Sketch sum, SipHash key, int from, int to) {
        if (to - from > size / 2) {
            sum.add(sketches[keys.each().indexOf(key)]);
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
