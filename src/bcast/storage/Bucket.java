package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
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
    /** A sketch for each key. */
    private Keys keys;
    private Sketch[] sketches;
    private boolean closed;

    /**
     * Keys of hashes; known by identity.
     *
     * @param each the keys, one at least
     */
    record Keys(List<SipHash> each) {

        /** Hashes a record with each key. */
        Hash128[] hash(Data data) {
            Hash128[] hashes = new Hash128[each.size()];
            for (int i = 0; i < hashes.length; i++) {
                hashes[i] = data.hash(each.get(i));
            }
            return hashes;
        }
    }

    Bucket(Keys keys) {
        this.keys = keys;
        this.sketches = new Sketch[keys.each.size()];
        Arrays.setAll(sketches, any -> new Sketch(StoreView.PREFIX_CELLS));
    }

    /** Memory of a bucket's sketches in bytes. */
    static int sketchesBytes(Keys keys) {
        return keys.each.size() * StoreView.PREFIX_CELLS * Sketch.Cell.BYTES;
    }

    /** Memory of the sketches in bytes. */
    synchronized int sketchesBytes() {
        return sketchesBytes(keys);
    }

    /**
     * Keeps sketches for these keys from now on, and no others. Returns how many bytes more they
     * take.
     */
    synchronized int rekey(Keys now) {
        if (now == keys || closed) {
            return 0;
        }
        int before = sketchesBytes();
        Sketch[] made = new Sketch[now.each.size()];
        Arrays.setAll(made, i -> sketch(now.each.get(i)));
        keys = now;
        sketches = made;
        return sketchesBytes() - before;
    }

    /** The sketch for a key, which is made on the spot if it is none of ours. */
    private Sketch sketch(SipHash key) {
        int at = keys.each.indexOf(key);
        if (at >= 0) {
            return sketches[at];
        }
        Sketch made = new Sketch(StoreView.PREFIX_CELLS);
        for (int i = 0; i < size; i++) {
            made.toggle(records[i].hash(key), 1);
        }
        return made;
    }

    private void toggle(Data data, Keys with, Hash128[] hashes, int sign) {
        // Who came here just as the keys changed hashed with others.
        Hash128[] ours = with == keys ? hashes : keys.hash(data);
        for (int i = 0; i < ours.length; i++) {
            sketches[i].toggle(ours[i], sign);
        }
    }

    /**
     * Adds a record with its hashes by some keys. Returns false, and does nothing, if the bucket
     * was closed.
     */
    synchronized boolean add(Data data, Keys with, Hash128[] hashes) {
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
        toggle(data, with, hashes, 1);
        return true;
    }

    /** Takes out exactly this object. Returns false if it is not here, or no longer. */
    synchronized boolean remove(Data data, Keys with, Hash128[] hashes) {
        int at = indexOf(data);
        if (at < 0) {
            return false;
        }
        System.arraycopy(records, at + 1, records, at, size - at - 1);
        records[--size] = null;
        if (at < sorted) {
            sorted--;
        }
        toggle(data, with, hashes, -1);
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
    synchronized void addAllTo(List<Data> all, Sketch sum, SipHash key) {
        fold();
        all.addAll(Arrays.asList(records).subList(0, size));
        sum.add(sketch(key));
    }

    /** The digest of all records. */
    synchronized Digest digest(long number, SipHash key) {
        return new Digest(number, size, sketch(key).cell(0).sum());
    }

    /** Adds the sketch of all records to another. */
    synchronized void addTo(Sketch sum, SipHash key) {
        sum.add(sketch(key));
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
