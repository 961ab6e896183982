package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The records of one span of time, in order, with their digest. Most records arrive in order and
 * are appended; those that do not wait in an unsorted tail, which the next reader folds in.
 * Guarded by its own monitor, the innermost lock of the store.
 */
final class Bucket {

    private static final Data[] NONE = {};

    private Data[] records = NONE;
    private int size;
    private int sorted;
    private final Sketch sketch = new Sketch(StoreView.PREFIX_CELLS);
    private boolean closed;

    /** Adds a record. Returns false, and does nothing, if the bucket was closed. */
    synchronized boolean add(Data data, Hash128 hash) {
        if (closed) {
            return false;
        }
        if (size == records.length) {
            records = Arrays.copyOf(records, Math.max(8, size + (size >> 1)));
        }
        boolean inOrder = sorted == size
                && (size == 0 || Data.BY_TIME.compare(records[size - 1], data) <= 0);
        records[size++] = data;
        if (inOrder) {
            sorted = size;
        }
        sketch.toggle(hash, 1);
        return true;
    }

    /** Takes out exactly this object. Returns false if it is not here, or no longer. */
    synchronized boolean remove(Data data, Hash128 hash) {
        int at = indexOf(data);
        if (at < 0) {
            return false;
        }
        System.arraycopy(records, at + 1, records, at, size - at - 1);
        records[--size] = null;
        if (at < sorted) {
            sorted--;
        }
        sketch.toggle(hash, -1);
        return true;
    }

    private int indexOf(Data data) {
        fold();
        for (int i = lowerBound(data.timestamp(), NO_ID); i < size; i++) {
            if (records[i] == data) {
                return i;
            }
            if (records[i].timestamp() != data.timestamp()) {
                break;
            }
        }
        return -1;
    }

    private static final byte[] NO_ID = {};

    /** Closes the bucket for good and hands over what was in it. */
    synchronized List<Data> close() {
        List<Data> last = List.of(Arrays.copyOf(records, size));
        closed = true;
        records = NONE;
        size = 0;
        sorted = 0;
        return last;
    }

    /** Appends to a page the records after a place and before a time, up to a number in all. */
    synchronized void page(Position from, long toMs, int limit, List<Data> page) {
        fold();
        int at = lowerBound(from.timestamp(), from.id().getBytes(StandardCharsets.UTF_8));
        while (at < size && page.size() < limit && records[at].timestamp() < toMs) {
            page.add(records[at++]);
        }
    }

    /** Appends all records, and adds their sum to a sketch of one cell. */
    synchronized void addAllTo(List<Data> all, Sketch sum) {
        fold();
        all.addAll(Arrays.asList(records).subList(0, size));
        sum.add(sketch);
    }

    /** The digest of all records. */
    synchronized Digest digest(long number) {
        return new Digest(number, size, sketch.cell(0).sum());
    }

    /** Adds the sketch of all records to another. */
    synchronized void addTo(Sketch sum) {
        sum.add(sketch);
    }

    /** Index of the first record after a place. */
    private int lowerBound(long timestamp, byte[] id) {
        int low = 0;
        int high = sorted;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (after(records[middle], timestamp, id)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private static boolean after(Data data, long timestamp, byte[] id) {
        if (data.timestamp() != timestamp) {
            return data.timestamp() > timestamp;
        }
        return data.compareId(id) > 0;
    }

    /** Sorts the tail and merges it with what it overlaps. */
    private void fold() {
        if (sorted == size) {
            return;
        }
        Arrays.sort(records, sorted, size, Data.BY_TIME);
        int from = 0;
        if (sorted > 0) {
            Data first = records[sorted];
            int low = 0;
            int high = sorted;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (Data.BY_TIME.compare(records[middle], first) > 0) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            from = low;
        }
        Arrays.sort(records, from, size, Data.BY_TIME);
        sorted = size;
    }
}
