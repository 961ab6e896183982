package bcast.storage;

import bcast.data.Data;

/** What a record takes of the heap, where references have four bytes. A test holds it to that. */
final class RecordBytes {

    /**
     * In addition to its texts: the record 40, its {@link Entry} 24, the map's node 32 and its part
     * of the table 8, the place in its slice 5 and in the order of arrival 4.
     */
    private static final int OBJECTS = 40 + 24 + 32 + 8 + 5 + 4;

    private static final int ARRAY_HEADER = 16;
    private static final int ALIGNMENT = 8;

    /** The usual collector, G1, gives what takes half a region, of 1 MiB or more, whole ones. */
    private static final int REGION = 1 << 20;

    private RecordBytes() {}

    /** Memory of a record and all that finds it, in bytes. */
    static long of(Data data) {
        int array = (ARRAY_HEADER + data.bodyLength() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return OBJECTS + (array < REGION / 2 ? array
                : ((long) array + REGION - 1) / REGION * REGION);
    }
}
