package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * The records of one span of time: their bytes, their {@link Order} and with it their sums. The
 * memory of a record's bytes is free again when the whole bucket is deleted. Guarded by its own
 * monitor, inside the map's atomic step for the record's id.
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

    private static final int[] NOTHING = {};
    private static final Keys NO_KEYS = new Keys(List.of());

    /** Which span of time it is. */
    final long number;
    private final Chunks chunks;
    private final int maxChunkBytes;
    private Order order;
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
     * @param each the keys
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
        this.order = new Order(chunks, keys);
    }

    /** Memory of the sketches of one slice in bytes. */
    static int sketchesBytes(Keys keys) {
        return keys.each.size() * StoreView.PREFIX_CELLS * Sketch.Cell.BYTES;
    }

    /** Memory of the sketches and the records' bytes. */
    synchronized long bytes() {
        return order.sketchesBytes() + bytes;
    }

    /**
     * Keeps sketches for these keys from now on, and no others. Others get the monitor between any
     * two slices.
     *
     * @return how many bytes more the sketches take
     */
    long rekey(Keys now) {
        long more = 0;
        while (true) {
            synchronized (this) {
                OptionalInt one = closed ? OptionalInt.empty() : order.rekeyOne(now);
                if (one.isEmpty()) {
                    return more;
                }
                more += one.getAsInt();
            }
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
        Order.Place place = order.placeFor(data);
        int cost = order.cost(place);
        if (cost > 0 && !room.take(cost)) {
            return Chunks.NONE;
        }
        int handle = write(data, room);
        if (handle == Chunks.NONE) {
            room.take(-cost);
            return handle;
        }
        order.add(place, handle, data, with, hashes);
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

    /**
     * Takes out exactly this entry.
     *
     * @return memory of sketches that is free again, or -1 if the entry is not here, or no longer
     */
    synchronized int remove(int handle, Data data, Keys with, Hash128[] hashes) {
        return order.remove(handle, data, with, hashes);
    }

    /** What was in a bucket when it was closed. */
    record Contents(int[] handles, int[] chunks, long bytes) {}

    /** Closes the bucket for good and hands over what was in it. */
    synchronized Contents close() {
        Contents last = new Contents(order.handles(), own, bytes());
        closed = true;
        order = new Order(chunks, NO_KEYS);
        own = NOTHING;
        return last;
    }

    /** Appends to a page the records after a place and before a time, up to a number in all. */
    synchronized void page(Position from, long toMs, int limit, List<Data> page) {
        byte[] id = from.id().getBytes(StandardCharsets.UTF_8);
        order.page(data -> after(data, from.timestamp(), id), toMs, limit, page);
    }

    private static boolean after(Data data, long timestamp, byte[] id) {
        if (data.timestamp() != timestamp) {
            return data.timestamp() > timestamp;
        }
        return data.compareId(id) > 0;
    }

    /**
     * Appends all records from a time on, and adds their sum to a sketch of one cell.
     *
     * @return false if nothing is added to the sketch because not all have one by the key
     */
    synchronized boolean appendTo(PinnedRecords records, long fromMs, Sketch sum, SipHash key) {
        order.appendTo(records, fromMs);
        return order.addTo(sum, fromMs, Long.MAX_VALUE, key);
    }

    /**
     * Adds the records of a span of time to a sketch of at most {@link StoreView#PREFIX_CELLS}.
     *
     * @return false if nothing is added because not all have a sketch by the key: to hash them all
     *     takes too long for the monitor
     */
    synchronized boolean addTo(Sketch sum, long fromMs, long toMs, SipHash key) {
        return order.addTo(sum, fromMs, toMs, key);
    }
}
