package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The records of one span of time, in order, with their bytes and their digest. Most records arrive
 * in order and are appended; those that do not wait in an unsorted tail, which the next reader
 * folds in. What a record takes is free again when the whole bucket goes. Guarded by its own
 * monitor, inside that of the record's {@link IdPage}.
 */
final class Bucket {

    /** What {@link #add} returns if the bucket is closed; no handle has that value. */
    static final int CLOSED = -1;

    private static final int FIRST_CHUNK_BYTES = 4 * 1024;

    /** A chunk is as large as all before it by this part, so that little is taken for nothing. */
    private static final int GROWTH = 8;

    /** Beyond this part of the largest chunk an entry has one of its own. */
    private static final int LARGE_PART = 4;

    /** The usual collector, G1, gives what takes half a region, of 1 MiB or more, whole ones. */
    private static final int REGION_BYTES = 1 << 20;

    private static final byte[] NO_ID = {};
    private static final int[] NOTHING = {};

    /** Which span of time it is. */
    final long number;
    private final Chunks chunks;
    private final int maxChunkBytes;
    private int[] handles = NOTHING;
    private int size;
    private int sorted;
    /** Length of all records as JSON, for who lists them. */
    private long jsonBytes;
    /** A sketch for each key. */
    private Keys keys;
    private Sketch[] sketches;
    private boolean closed;
    private int[] own = NOTHING;
    private int chunk;
    private int chunkBytes;
    private int filled;
    /** Whether there was room for the chunk as it was wished. */
    private boolean roomy;
    private long bytes;

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

    Bucket(long number, Keys keys, Chunks chunks, int maxChunkBytes) {
        this.number = number;
        this.chunks = chunks;
        this.maxChunkBytes = maxChunkBytes;
        this.keys = keys;
        this.sketches = new Sketch[keys.each.size()];
        Arrays.setAll(sketches, any -> new Sketch(StoreView.PREFIX_CELLS));
    }

    /** Memory of a bucket's sketches in bytes. */
    static int sketchesBytes(Keys keys) {
        return keys.each.size() * StoreView.PREFIX_CELLS * Sketch.Cell.BYTES;
    }

    /** Memory of the sketches and the records' bytes. */
    synchronized long bytes() {
        return sketchesBytes(keys) + bytes;
    }

    /**
     * Keeps sketches for these keys from now on, and no others. Returns how many bytes more they
     * take.
     */
    synchronized int rekey(Keys now) {
        if (now == keys || closed) {
            return 0;
        }
        int before = sketchesBytes(keys);
        Sketch[] made = new Sketch[now.each.size()];
        Arrays.setAll(made, i -> sketch(now.each.get(i)));
        keys = now;
        sketches = made;
        return sketchesBytes(keys) - before;
    }

    /** The sketch for a key, which is made on the spot if it is none of ours. */
    private Sketch sketch(SipHash key) {
        int at = keys.each.indexOf(key);
        if (at >= 0) {
            return sketches[at];
        }
        Sketch made = new Sketch(StoreView.PREFIX_CELLS);
        for (int i = 0; i < size; i++) {
            made.toggle(data(i).hash(key), 1);
        }
        return made;
    }

    private Data data(int at) {
        return chunks.data(handles[at]);
    }

    private void toggle(Data data, Keys with, Hash128[] hashes, int sign) {
        // Who came here just as the keys changed hashed with others.
        Hash128[] ours = with == keys ? hashes : keys.hash(data);
        for (int i = 0; i < ours.length; i++) {
            sketches[i].toggle(ours[i], sign);
        }
    }

    /**
     * Adds a record with its hashes by some keys. Returns its handle, {@link Chunks#NONE} if there
     * is no room, or {@link #CLOSED}.
     *
     * @param room where memory comes from
     */
    synchronized int add(Data data, Keys with, Hash128[] hashes, Room room) {
        if (closed) {
            return CLOSED;
        }
        int handle = write(data, room);
        if (handle == Chunks.NONE) {
            return handle;
        }
        if (size == handles.length) {
            handles = Arrays.copyOf(handles, Math.max(8, size + (size >> 1)));
        }
        boolean inOrder = sorted == size
                && (size == 0 || Data.BY_TIME.compare(data(size - 1), data) <= 0);
        handles[size++] = handle;
        jsonBytes += data.jsonLength();
        if (inOrder) {
            sorted = size;
        }
        toggle(data, with, hashes, 1);
        return handle;
    }

    private int write(Data data, Room room) {
        int entry = Chunks.entryBytes(data);
        if (entry > maxChunkBytes / LARGE_PART) {
            int alone = chunk(entry + Chunks.ARRAY_BYTES, room);
            return alone == Chunks.NONE ? alone : chunks.write(alone, 0, data);
        }
        if (entry > chunkBytes - filled && !nextChunk(entry, room)) {
            return Chunks.NONE;
        }
        int at = filled;
        filled += entry;
        boolean halfFull = at < chunkBytes / 2 && filled >= chunkBytes / 2;
        if (halfFull && roomy && nextBytes() >= REGION_BYTES) {
            chunks.expect(nextBytes());
        }
        return chunks.write(chunk, at, data);
    }

    /** How large the next chunk is wished to be: as large as what it costs. */
    private int nextBytes() {
        return (int) cost((int) Math.max(FIRST_CHUNK_BYTES,
                Math.min(bytes / GROWTH, maxChunkBytes)));
    }

    /** Begins a chunk, a smaller one if there is little room. */
    private boolean nextChunk(int entry, Room room) {
        int nextBytes = nextBytes();
        int wanted = nextBytes;
        int least = entry + Chunks.ARRAY_BYTES;
        while (true) {
            int size = Math.max(least, wanted);
            int made = chunk(size, room);
            if (made != Chunks.NONE) {
                chunk = made;
                roomy = size >= nextBytes;
                chunkBytes = size - Chunks.ARRAY_BYTES;
                filled = 0;
                return true;
            }
            if (size == least) {
                return false;
            }
            wanted /= 2;
        }
    }

    private int chunk(int size, Room room) {
        long cost = cost(size);
        if (!room.take(cost)) {
            return Chunks.NONE;
        }
        int made = chunks.add(size);
        if (made == Chunks.NONE) {
            room.take(-cost);
            return made;
        }
        own = Arrays.copyOf(own, own.length + 1);
        own[own.length - 1] = made;
        bytes += cost;
        return made;
    }

    /** Memory of a chunk. */
    static long cost(int size) {
        return size < REGION_BYTES / 2 ? size
                : ((long) size + REGION_BYTES - 1) / REGION_BYTES * REGION_BYTES;
    }

    /** Takes out exactly this entry. Returns false if it is not here, or no longer. */
    synchronized boolean remove(int handle, Data data, Keys with, Hash128[] hashes) {
        int at = indexOf(handle, data);
        if (at < 0) {
            return false;
        }
        System.arraycopy(handles, at + 1, handles, at, size - at - 1);
        size--;
        jsonBytes -= data.jsonLength();
        if (at < sorted) {
            sorted--;
        }
        toggle(data, with, hashes, -1);
        return true;
    }

    private int indexOf(int handle, Data data) {
        fold();
        for (int i = lowerBound(data.timestamp(), NO_ID); i < size; i++) {
            if (handles[i] == handle) {
                return i;
            }
            if (data(i).timestamp() != data.timestamp()) {
                break;
            }
        }
        return -1;
    }

    /** What was in a bucket when it was closed. */
    record Contents(int[] handles, int[] chunks, long bytes) {}

    /** Closes the bucket for good and hands over what was in it. */
    synchronized Contents close() {
        Contents last = new Contents(Arrays.copyOf(handles, size), own, bytes());
        closed = true;
        handles = NOTHING;
        own = NOTHING;
        size = 0;
        sorted = 0;
        jsonBytes = 0;
        return last;
    }

    /** Appends to a page the records after a place and before a time, up to a number in all. */
    synchronized void page(Position from, long toMs, int limit, List<Data> page) {
        fold();
        int at = lowerBound(from.timestamp(), from.id().getBytes(StandardCharsets.UTF_8));
        while (at < size && page.size() < limit) {
            Data data = data(at++);
            if (data.timestamp() >= toMs) {
                return;
            }
            page.add(data);
        }
    }

    /** Appends all records from a time on, and adds their sum to a sketch of one cell. */
    synchronized void appendTo(PinnedRecords records, long fromMs, Sketch sum, SipHash key) {
        fold();
        int from = lowerBound(fromMs, NO_ID);
        long bytes = jsonBytes;
        if (from == 0) {
            sum.add(sketch(key));
        } else {
            bytes = 0;
            for (int i = from; i < size; i++) {
                sum.toggle(data(i).hash(key), 1);
                bytes += data(i).jsonLength();
            }
        }
        records.append(handles, from, size, bytes);
    }

    /** The digest of all records. */
    synchronized Digest digest(SipHash key) {
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
            if (after(data(middle), timestamp, id)) {
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

    /** An entry and what it says, to be sorted. */
    private record Entry(Data data, int handle) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            return Data.BY_TIME.compare(data, other.data);
        }
    }

    /** Sorts the tail and merges it with what it overlaps. */
    private void fold() {
        if (sorted == size) {
            return;
        }
        sort(sorted);
        Data first = data(sorted);
        int low = 0;
        int high = sorted;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Data.BY_TIME.compare(data(middle), first) > 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if (low < sorted) {
            sort(low);
        }
        sorted = size;
    }

    private void sort(int from) {
        Entry[] entries = new Entry[size - from];
        Arrays.setAll(entries, i -> new Entry(data(from + i), handles[from + i]));
        Arrays.sort(entries);
        for (int i = 0; i < entries.length; i++) {
            handles[from + i] = entries[i].handle;
        }
    }
}
