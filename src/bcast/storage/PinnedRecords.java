package bcast.storage;

import bcast.data.Data;
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

    /**
     * Appends records.
     *
     * @param json length of all of them as JSON
     */
    void append(Data[] records, int from, int to, long json) {
        if (from < to) {
            parts.add(Arrays.copyOfRange(records, from, to));
            size += to - from;
            jsonBytes += json;
        }
    }

    int size() {
        return size;
    }

    /** Length of all records as JSON, without separators. */
    long jsonBytes() {
        return jsonBytes;
    }

    /** Timestamp of the first record, 0 if there is none. */
    long oldestMs() {
        return parts.isEmpty() ? 0 : parts.get(0)[0].timestamp();
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
