package bcast.storage;

import bcast.data.Data;
import bcast.data.PackedData;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The bytes of all records, in few large arrays. As objects a million records would be copied by
 * the garbage collector up to fifteen times each before it leaves them alone, which made most of
 * its pauses; of large arrays it copies few and most never. An entry is the record's place in
 * {@link Arrivals} and the record, packed; it is known by its handle, and does not change but for
 * the place.
 *
 * <p>Handles are addresses in a space of pages. A chunk takes as many pages in a row as it needs,
 * and is known by the first.
 *
 * <p>Safe for use by any thread. A handle means nothing any more once its chunk was removed, so it
 * is used under a lock under which it can be told to be in force; records that were read by it stay
 * what they are.
 */
final class Chunks {

    /** No entry has this handle. */
    static final int NONE = 0;

    /** What a page addresses. */
    static final int PAGE_BYTES = 1 << 20;

    /** Number of pages. A chunk takes one at least, and the first is never given out. */
    static final int MAX_PAGES = 1 << 16;

    /**
     * Largest chunk of several entries. Whenever G1 gives out an array of half a region or more
     * while the heap is nearly half full, it marks the whole heap, which keeps a core busy for tens
     * of milliseconds; so such arrays are to be few.
     */
    static final int MAX_BYTES = 32 * PAGE_BYTES;

    /** What an array takes beside its elements. */
    static final int ARRAY_BYTES = 16;

    private static final int ALIGNMENT_BITS = 4;
    /** Bits of a handle that count within a page; the others are the page's number. */
    private static final int PAGE_BITS = 16;
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /**
     * A part of a chunk.
     *
     * @param bytes the whole chunk
     * @param first handle of the chunk's first entry
     */
    private record Page(byte[] bytes, int first) {

        int offset(int handle) {
            return (handle - first) << ALIGNMENT_BITS;
        }

        Data data(int handle) {
            return PackedData.unpack(bytes, offset(handle) + Long.BYTES);
        }
    }

    private final Spare spare;
    private final BitSet taken = new BitSet();
    private volatile Page[] table = new Page[16];
    private volatile int version;

    /** No chunks yet; large ones may come from a spare. */
    Chunks(Spare spare) {
        this.spare = spare;
        taken.set(NONE);
    }

    /** What an entry takes, in bytes. */
    static int entryBytes(Data data) {
        int bytes = Long.BYTES + PackedData.length(data);
        return (bytes + (1 << ALIGNMENT_BITS) - 1) >> ALIGNMENT_BITS << ALIGNMENT_BITS;
    }

    /** A chunk of so many bytes is likely to be added soon. */
    void expect(int bytes) {
        spare.want(bytes - ARRAY_BYTES);
    }

    /** Adds a chunk of so many bytes, its header included. Its number, or {@link #NONE}. */
    synchronized int add(int bytes) {
        int pages = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
        int number = free(pages);
        if (number == NONE) {
            return NONE;
        }
        Page page = new Page(spare.take(bytes - ARRAY_BYTES), number << PAGE_BITS);
        Page[] all = table;
        while (number + pages > all.length) {
            all = Arrays.copyOf(all, 2 * all.length);
        }
        Arrays.fill(all, number, number + pages, page);
        taken.set(number, number + pages);
        // Written last, so that who has a handle finds its chunk.
        table = all;
        version++;
        return number;
    }

    /** The first of so many free pages in a row, or {@link #NONE}. */
    private int free(int pages) {
        int from = taken.nextClearBit(0);
        while (from + pages <= MAX_PAGES) {
            int next = taken.nextSetBit(from);
            if (next < 0 || next - from >= pages) {
                return from;
            }
            from = taken.nextClearBit(next);
        }
        return NONE;
    }

    /** Forgets a chunk. Nobody may use a handle into it any more. */
    synchronized void remove(int number) {
        Page gone = table[number];
        for (int i = number; i < table.length && table[i] == gone; i++) {
            table[i] = null;
            taken.clear(i);
        }
        version++;
    }

    /** Writes a record. Returns its handle. */
    int write(int number, int at, Data data) {
        Page page = table[number];
        PackedData.pack(data, page.bytes, at + Long.BYTES);
        return page.first + (at >> ALIGNMENT_BITS);
    }

    private static Page page(Page[] pages, int handle) {
        return pages[handle >>> PAGE_BITS];
    }

    Data data(int handle) {
        return page(table, handle).data(handle);
    }

    /** The record's place in the order of arrival. */
    long seq(int handle) {
        Page page = page(table, handle);
        return (long) LONGS.get(page.bytes, page.offset(handle));
    }

    void seq(int handle, long seq) {
        Page page = page(table, handle);
        LONGS.set(page.bytes, page.offset(handle), seq);
    }

    /** Chunks as they are now, for handles that are in force now. */
    final class Pinned {
        private final int pinned = version;
        private final Page[] pages = table.clone();

        /** Whether it is good for handles that are in force now as well. */
        boolean upToDate() {
            return pinned == version;
        }

        Data data(int handle) {
            return page(pages, handle).data(handle);
        }

        /** Has a view look at a record. */
        void show(int handle, PackedData view) {
            Page page = page(pages, handle);
            view.set(page.bytes, page.offset(handle) + Long.BYTES);
        }
    }
}
