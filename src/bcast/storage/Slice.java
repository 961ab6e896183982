package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.util.Arrays;
import java.util.List;

/**
 * Consecutive records of a {@link Bucket}, with the length of their JSON and a {@link Sketch} of
 * them for each key. Guarded by its bucket's monitor.
 */
final class Slice {

    /** Most records: a late one moves at most 64 KiB of references, under the bucket's monitor. */
    static final int MAX = 16_384;

    /**
     * A slice of two records or more is full at this many bytes of JSON. To split a slice, to sum a
     * part of it, or to make its sketch by a new key hashes less than this and one record under the
     * bucket's monitor: some 4 ms at 1 GB/s for each key. The sketch of a full slice takes 0.6 % of
     * its bytes for each key.
     */
    static final int MAX_JSON_BYTES = 4 << 20;

    private static final int FIRST_LENGTH = 8;

    private Data[] records = {};
    private int size;
    private long jsonBytes;
    private HashKeys keys = new HashKeys(List.of());
    private Sketch[] sketches = {};

    Slice(HashKeys keys) {
        rekey(keys);
    }

    int size() {
        return size;
    }

    boolean full() {
        return size == MAX || size > 1 && jsonBytes >= MAX_JSON_BYTES;
    }

    HashKeys keys() {
        return keys;
    }

    Data data(int at) {
        return records[at];
    }

    Data last() {
        return records[size - 1];
    }

    /** Puts a record at an index; the slice must not be full. */
    void add(int at, HashKeys.Hashed record) {
        if (size == records.length) {
            records = Arrays.copyOf(records, Math.min(MAX, size + (size >> 2) + FIRST_LENGTH));
        }
        System.arraycopy(records, at, records, at + 1, size - at);
        records[at] = record.data();
        size++;
        count(record, 1);
    }

    /** Takes out the record at an index. */
    void remove(int at, HashKeys.Hashed record) {
        System.arraycopy(records, at + 1, records, at, size - at - 1);
        records[--size] = null;
        count(record, -1);
    }

    private void count(HashKeys.Hashed record, int sign) {
        jsonBytes += sign * record.data().jsonLength();
        // The caller hashed with other keys if they changed just then.
        Hash128[] hashes = record.hashes(keys);
        for (int i = 0; i < hashes.length; i++) {
            sketches[i].toggle(hashes[i], sign);
        }
    }

    /**
     * Moves the upper half of a full slice to a new one, which is returned: half of the records if
     * there are {@link #MAX}, else half of their bytes.
     */
    Slice split() {
        Slice upper = new Slice(keys);
        int half = size;
        while (half > 1 && (size == MAX ? half > size / 2 : upper.jsonBytes < jsonBytes / 2)) {
            upper.count(keys.hash(records[--half]), 1);
        }
        upper.records = Arrays.copyOfRange(records, half, size);
        upper.size = size - half;
        for (int i = 0; i < sketches.length; i++) {
            sketches[i].add(upper.sketches[i], -1);
        }
        jsonBytes -= upper.jsonBytes;
        records = Arrays.copyOf(records, half);
        size = half;
        return upper;
    }

    /** Keeps sketches by these keys from now on, and no others. */
    void rekey(HashKeys now) {
        Sketch[] made = new Sketch[now.each().size()];
        for (int i = 0; i < made.length; i++) {
            SipHash key = now.each().get(i);
            int known = keys.each().indexOf(key);
            made[i] = known < 0 ? new Sketch(StoreView.PREFIX_CELLS) : sketches[known];
            if (known < 0) {
                toggle(made[i], key, 0, size, 1);
            }
        }
        keys = now;
        sketches = made;
    }

    private void toggle(Sketch sum, SipHash key, int from, int to, int sign) {
        for (int i = from; i < to; i++) {
            sum.toggle(records[i].hash(key), sign);
        }
    }

    /** Adds the records between two indexes to a sketch by one of the keys. */
    void addTo(Sketch sum, SipHash key, int from, int to) {
        if (to - from > size / 2) {
            sum.add(sketches[keys.each().indexOf(key)], 1);
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
            bytes -= records[i].jsonLength();
        }
        target.append(records, from, size, bytes);
    }
}
