package bcast.storage;

import bcast.data.Data;
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
 * <p>Safe for use by any thread. A handle means nothing any more once its chunk was removed, so it
 * is used under a lock under which it can be told to be in force; records that were read by it stay
 * what they are.
 */
final class Chunks {

    /** No entry has this handle. */
    static final int NONE = 0;

    /** Largest chunk of several entries. */
    static final int MAX_BYTES = 4 << 20;

    /** Most chunks at a time. */
    static final int MAX_CHUNKS = 1 << 14;

    /** What an array takes beside its elements. */
    static final int ARRAY_BYTES = 16;

    private static final int ALIGNMENT_BITS = 4;
    private static final int OFFSET_BITS = 18;
    private static final int OFFSET_MASK = (1 << OFFSET_BITS) - 1;
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final BitSet taken = new BitSet();
    private volatile byte[][] table = new byte[16][];
    private volatile int version;

    Chunks() {
        taken.set(NONE);
    }

    /** What an entry takes, in bytes. */
    static int entryBytes(Data data) {
        int bytes = Long.BYTES + data.packedLength();
        return (bytes + (1 << ALIGNMENT_BITS) - 1) >> ALIGNMENT_BITS << ALIGNMENT_BITS;
    }

    /** Adds a chunk of so many bytes, its header included. Its number, or {@link #NONE}. */
    synchronized int add(int bytes) {
        int number = taken.nextClearBit(0);
        if (number == MAX_CHUNKS) {
            return NONE;
        }
        byte[][] all = number < table.length ? table : Arrays.copyOf(table, 2 * table.length);
        all[number] = new byte[bytes - ARRAY_BYTES];
        taken.set(number);
        // Written last, so that who has a handle finds its chunk.
        table = all;
        version++;
        return number;
    }

    /** Forgets a chunk. Nobody may use a handle into it any more. */
    synchronized void remove(int number) {
        table[number] = null;
        taken.clear(number);
        version++;
    }

    /** Writes a record. Returns its handle. */
    int write(int number, int at, Data data) {
        data.pack(table[number], at + Long.BYTES);
        return number << OFFSET_BITS | at >> ALIGNMENT_BITS;
    }

    private static int offset(int handle) {
        return (handle & OFFSET_MASK) << ALIGNMENT_BITS;
    }

    Data data(int handle) {
        return data(table, handle);
    }

    private static Data data(byte[][] chunks, int handle) {
        return Data.unpack(chunks[handle >>> OFFSET_BITS], offset(handle) + Long.BYTES);
    }

    /** The record's place in the order of arrival. */
    long seq(int handle) {
        return (long) LONGS.get(table[handle >>> OFFSET_BITS], offset(handle));
    }

    void seq(int handle, long seq) {
        LONGS.set(table[handle >>> OFFSET_BITS], offset(handle), seq);
    }

    /** Chunks as they are now, for handles that are in force now. */
    final class Pinned {
        private final int pinned = version;
        private final byte[][] chunks = table.clone();

        /** Whether it is good for handles that are in force now as well. */
        boolean upToDate() {
            return pinned == version;
        }

        Data data(int handle) {
            return Chunks.data(chunks, handle);
        }
    }
}
