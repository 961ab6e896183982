package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class RecordBytesTest {

    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;
    private static final int ARRAY_HEADER = 16;
    private static final int OBJECTS = 105;
    private static final int WIDE_OBJECTS = 146;

    /** Past half a region an array takes a whole one, which shows its size. */
    private static void assertRegion(long regionMib, long maxHeap) {
        RecordBytes bytes = new RecordBytes(maxHeap);
        int objects = maxHeap < 32 * GIB ? OBJECTS : WIDE_OBJECTS;
        long region = regionMib * MIB;
        int half = (int) (region / 2) - ARRAY_HEADER;
        assertEquals(objects + region / 2, bytes.of(half));
        assertEquals(objects + region, bytes.of(half + 1));
        assertEquals(objects + region, bytes.of((int) region - ARRAY_HEADER));
        assertEquals(objects + 2 * region, bytes.of((int) region - ARRAY_HEADER + 1));
    }

    @Test
    void regionsAreThoseOfTheLargestHeap() {
        assertRegion(1, 64 * MIB);
        assertRegion(1, 2 * GIB);
        assertRegion(2, 2 * GIB + MIB);
        assertRegion(2, 4 * GIB);
        assertRegion(4, 4 * GIB + MIB);
        assertRegion(4, 8 * GIB);
        assertRegion(8, 8 * GIB + MIB);
        assertRegion(16, 32 * GIB);
        assertRegion(32, 33 * GIB);
        assertRegion(32, 64 * GIB);
        assertRegion(32, 512 * GIB);
        assertRegion(32, Long.MAX_VALUE);
    }

    @Test
    void referencesAreWideFrom32GibOn() {
        assertEquals(OBJECTS + ARRAY_HEADER + 8, new RecordBytes(32 * GIB - 1).of(1));
        assertEquals(OBJECTS + ARRAY_HEADER + 8, new RecordBytes(32 * GIB - 1).of(8));
        assertEquals(WIDE_OBJECTS + ARRAY_HEADER + 8, new RecordBytes(32 * GIB).of(8));
        assertEquals(WIDE_OBJECTS + ARRAY_HEADER + 16, new RecordBytes(32 * GIB).of(9));
    }
}
