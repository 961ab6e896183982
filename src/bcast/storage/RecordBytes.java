package bcast.storage;

import bcast.data.Data;

/**
 * Heap memory of a record with HotSpot's default collector, G1, which a test compares with heaps of
 * several sizes. G1 gives an array of over half a region its own whole regions. The size of a
 * region and that of a reference follow from the maximum heap; if an option of the JVM sets either,
 * a record takes more or less. With the serial collector, which does not round up, it takes less.
 */
final class RecordBytes {

    /**
     * In addition to its texts: the record 32, its {@link Entry} 24, the map's node 32 and its part
     * of the table 8, its reference in a slice 5 and in {@link Arrivals} 4.
     */
    private static final int OBJECTS = 32 + 24 + 32 + 8 + 5 + 4;

    /** The same where references have eight bytes instead of four. */
    private static final int WIDE_OBJECTS = 40 + 32 + 40 + 16 + 10 + 8;

    /** From this size of the heap on, references have eight bytes. */
    private static final long WIDE_HEAP = 32L << 30;

    private static final int ARRAY_HEADER = 16;
    private static final int ALIGNMENT = 8;

    /** G1 divides the maximum heap into this many regions, within the limits of their size. */
    private static final int REGIONS = 2_048;
    private static final long MIN_REGION = 1 << 20;
    private static final long MAX_REGION = 32 << 20;

    private static final RecordBytes HERE = new RecordBytes(Runtime.getRuntime().maxMemory());

    private final int objects;
    private final long region;

    /** Of records in a JVM with a heap of at most some bytes. */
    RecordBytes(long maxHeap) {
        this.objects = maxHeap < WIDE_HEAP ? OBJECTS : WIDE_OBJECTS;
        long share = Math.max(MIN_REGION, Math.min(maxHeap / REGIONS, MAX_REGION));
        // Rounded up to a power of two.
        this.region = Long.highestOneBit(share - 1) << 1;
    }

    /** Memory of a record and its index entries in bytes. */
    static long of(Data data) {
        return HERE.of(data.wireLength() - Long.BYTES);
    }

    /** The same for a record with this length on the wire, without the timestamp. */
    long of(int bodyLength) {
        long array = roundUp(ARRAY_HEADER + bodyLength, ALIGNMENT);
        return objects + (array <= region / 2 ? array : roundUp(array, region));
    }

    private static long roundUp(long bytes, long unit) {
        return (bytes + unit - 1) / unit * unit;
    }
}
