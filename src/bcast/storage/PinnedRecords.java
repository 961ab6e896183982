package bcast.storage;

import bcast.data.Data;
import bcast.data.JsonCursor;
import bcast.data.SipHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;

/**
 * References to records at one moment, in the order of {@link Data#BY_TIME}; takes four bytes a
 * record in addition to the store. Filled by one thread, and safe for use by any afterwards.
 */
final class PinnedRecords {

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

    /** Number of times that records were appended. */
    int parts() {
        return parts.size();
    }

    /** Adds the records of the parts from a number on to a sketch. */
    void addTo(Sketch sum, int from, SipHash key) {
        for (Data[] part : parts.subList(from, parts.size())) {
            for (Data data : part) {
                sum.toggle(data.hash(key), 1);
            }
        }
    }

    void forEach(Consumer<Data> action) {
        for (Data[] part : parts) {
            for (Data data : part) {
                action.accept(data);
            }
        }
    }

    /** Length of all records as JSON, without separators. */
    long jsonBytes() {
        return jsonBytes;
    }

    /** A cursor before the first record. */
    JsonCursor json() {
        return JsonCursor.of(InOrder::new);
    }

    /** Iterates over all parts, none of which is empty. */
    private final class InOrder implements Iterator<Data> {
        private int part;
        private int at;

        @Override
        public boolean hasNext() {
            return part < parts.size();
        }

        @Override
        public Data next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Data next = parts.get(part)[at++];
            if (at == parts.get(part).length) {
                part++;
                at = 0;
            }
            return next;
        }
    }

    /** Timestamp of the first record, 0 if there is none. */
    long oldestMs() {
        return parts.isEmpty() ? 0 : parts.get(0)[0].timestamp();
    }

    int size() {
        return size;
    }
}
