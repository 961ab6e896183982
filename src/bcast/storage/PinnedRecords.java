package bcast.storage;

import bcast.data.Data;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Records as they were when they were looked at, with four bytes each beside those of the store.
 * Filled by one thread, and safe for use by any afterwards.
 */
final class PinnedRecords extends AbstractCollection<Data> {

    private record Part(Chunks.Pinned chunks, int[] handles) {}

    private final Chunks chunks;
    private final List<Part> parts = new ArrayList<>();
    private Chunks.Pinned pinned;
    private int size;
    private long jsonBytes;

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
        parts.add(new Part(pinned, Arrays.copyOfRange(handles, from, to)));
        size += to - from;
        jsonBytes += json;
    }

    /** Length of all records as JSON. */
    long jsonBytes() {
        return jsonBytes;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Iterator<Data> iterator() {
        return new Iterator<>() {
            private final Iterator<Part> rest = parts.iterator();
            private Part part;
            private int at;

            @Override
            public boolean hasNext() {
                while (part == null || at == part.handles.length) {
                    if (!rest.hasNext()) {
                        return false;
                    }
                    part = rest.next();
                    at = 0;
                }
                return true;
            }

            @Override
            public Data next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return part.chunks.data(part.handles[at++]);
            }
        };
    }
}
