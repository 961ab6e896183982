package bcast.storage;

import bcast.data.Data;
import bcast.data.JsonCursor;
import bcast.data.PackedData;
import bcast.data.SipHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * Records as they were when they were looked at, in the order of {@link Data#BY_TIME}, with four
 * bytes each in addition to those of the store. Filled by one thread, and safe for use by any
 * afterwards.
 */
final class PinnedRecords {

    private record Part(Chunks.Pinned chunks, int[] handles) {}

    private final Chunks chunks;
    private final List<Part> parts = new ArrayList<>();
    private Chunks.Pinned pinned;
    private int size;
    private long jsonBytes;
    private long oldestMs;

    PinnedRecords(Chunks chunks) {
        this.chunks = chunks;
        this.pinned = chunks.new Pinned();
    }

    /**
     * Appends records whose handles are in force as long as the caller holds its lock.
     *
     * @param json length of all of them as JSON
     */
    void append(int[] handles, int from, int to, long json) {
        if (!pinned.upToDate()) {
            pinned = chunks.new Pinned();
        }
        if (size == 0 && from < to) {
            oldestMs = pinned.data(handles[from]).timestamp();
        }
        parts.add(new Part(pinned, Arrays.copyOfRange(handles, from, to)));
        size += to - from;
        jsonBytes += json;
    }

    /** How many times records were appended. */
    int parts() {
        return parts.size();
    }

    /** Adds the records of the parts from a number on to a sketch. */
    void addTo(Sketch sum, int from, SipHash key) {
        for (Part part : parts.subList(from, parts.size())) {
            for (int handle : part.handles) {
                sum.toggle(part.chunks.data(handle).hash(key), 1);
            }
        }
    }

    /** Length of all records as JSON, without what stands between them. */
    long jsonBytes() {
        return jsonBytes;
    }

    /** Before the first of the records. */
    JsonCursor json() {
        return new Json(parts.iterator());
    }

    /** Timestamp of the first record, 0 if there is none. */
    long oldestMs() {
        return oldestMs;
    }

    int size() {
        return size;
    }

    private static final class Json implements JsonCursor {
        private final Iterator<Part> rest;
        private final PackedData present = new PackedData();
        private Chunks.Pinned chunks;
        private int[] handles = {};
        private int at;

        Json(Iterator<Part> rest) {
            this.rest = rest;
        }

        @Override
        public boolean next() {
            while (at == handles.length) {
                if (!rest.hasNext()) {
                    return false;
                }
                Part part = rest.next();
                chunks = part.chunks;
                handles = part.handles;
                at = 0;
            }
            chunks.show(handles[at++], present);
            return true;
        }

        @Override
        public int length() {
            return present.jsonLength();
        }

        @Override
        public int write(int from, byte[] target, int at) {
            return present.json(from, target, at);
        }
    }
}
