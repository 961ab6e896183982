package bcast.storage;

import bcast.data.Data;

/**
 * What a record takes of the heap of HotSpot's usual collector, G1. A test holds it to that in
 * heaps of several sizes. G1 keeps an array of over half a region in whole regions of its own, so
 * that the size of a region counts. It follows from the largest heap, and so does the size of a
 * reference; a JVM that is given either by an option takes more or less than this. The serial
 * collector does not round up, and takes less.
 */
final class RecordBytes {

    /**
     * In addition to its texts: the record 32, its {@link Entry} 24, the map's node 32 and its part
     * of the table 8, its place in a slice 5 and in the order of arrival 4.
     */
    private static final int OBJECTS = 32 + 24 + 32 + 8 + 5 + 4;

    /** The same where references have eight bytes instead of four. */
    private static final int WIDE_OBJECTS = 40 + 32 + 40 + 16 + 10 + 8;

    /** References have eight bytes in a heap of this size or more. */
    private static final long WIDE_HEAP = 32L << 30;

    private static final int ARRAY_HEADER = 16;
    private static final int ALIGNMENT = 8;

    /** G1 cuts the largest heap into this many regions, within the limits of their size. */
    private static final int REGIONS = 2_048;
    private static final long MIN_REGION = 1 << 20;
    private static final long MAX_REGION = 32 << 20;

    private static final RecordBytes HERE = new RecordBytes(Runtime.getRuntime().maxMemory());

    private final int objects;
    private final long region;

    /**
     * What records take in some JVM.
     *
     * @param maxHeap the most that its heap may have, in bytes
     */
    RecordBytes(long maxHeap) {
        this.objects = maxHeap < WIDE_HEAP ? OBJECTS : WIDE_OBJECTS;
        long share = Math.max(MIN_REGION, Math.min(maxHeap / REGIONS, MAX_REGION));
        // Rounded up to a power of two.
        this.region = Long.highestOneBit(share - 1) << 1;
    }

    /** Memory of a record and all that finds it, in bytes. */
    static long of(Data data) {
        return HERE.of(data.bodyLength());
    }

    /** The same of a record whose texts have this length as they are kept. */
    long of(int bodyLength) {
        long array = roundUp(ARRAY_HEADER + bodyLength, ALIGNMENT);
        return objects + (array <= region / 2 ? array : roundUp(array, region));
    }

    private static long roundUp(long bytes, long unit) {
        return (bytes + unit - 1) / unit * unit;
    }
}
