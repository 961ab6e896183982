package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.JsonCursor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * References to records at one moment, in the order of {@link Data#BY_TIME}; takes four bytes a
 * record in addition to the store. Filled by one thread, and safe for use by any afterwards.
 */
final class PinnedRecords implements Iterable<Data> {

    /** None of them is empty. */
    private final List<Data[]> parts = new ArrayList<>();
    private int size;
    private long jsonBytes;

    /** Appends records, which have a length as JSON. */
    void append(Data[] records, int from, int to, long json) {
        if (from < to) {
            parts.add(Arrays.copyOfRange(records, from, to));
            size += to - from;
            jsonBytes += json;
        }
    }

    void append(PinnedRecords others) {
        parts.addAll(others.parts);
        size += others.size;
        jsonBytes += others.jsonBytes;
    }

    /** All of them, with the sum of their hashes. */
    Snapshot snapshot(Hash128 sum) {
        return new Snapshot(size, jsonBytes, () -> JsonCursor.of(this), sum,
                size == 0 ? 0 : parts.get(0)[0].timestamp());
    }

    @Override
    public Iterator<Data> iterator() {
        return new Iterator<>() {
            private int part;
            private int at;

            @Override
            public boolean hasNext() {
                return part < parts.size();
            }

            @Override
            public Data next() {
                Data next = parts.get(part)[at++];
                if (at == parts.get(part).length) {
                    part++;
                    at = 0;
                }
                return next;
            }
        };
    }
}
