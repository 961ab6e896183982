package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Data;
import bcast.data.JsonCursor;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Records as bytes. */
final class ChunksTest {

    private static final int CHUNK = 256;

    private final Chunks chunks = new Chunks(new Spare());

    private static Data data(int i) {
        return News.data("id" + i, "raw \"" + "x".repeat(i % 40), 1_700_000_000_000L + i);
    }

    @Test
    void handsOutAsManyChunksAsThereMayBeAndNoMore() {
        Set<Integer> numbers = new HashSet<>();
        for (int i = 1; i < Chunks.MAX_PAGES; i++) {
            int number = chunks.add(CHUNK);
            assertNotEquals(Chunks.NONE, number);
            assertTrue(numbers.add(number));
        }
        assertEquals(Chunks.NONE, chunks.add(CHUNK));
        chunks.remove(77);
        assertEquals(77, chunks.add(CHUNK));
        assertEquals(Chunks.NONE, chunks.add(CHUNK));
        int last = Chunks.MAX_PAGES - 1;
        int handle = chunks.write(last, 0, data(1));
        assertEquals(data(1), chunks.data(handle));
        assertNotEquals(Bucket.CLOSED, handle);
    }

    @Test
    void eachEntryIsWhatWasWrittenUpToTheEndOfTheLargestChunk() {
        int chunk = chunks.add(Chunks.MAX_BYTES);
        List<Integer> handles = new ArrayList<>();
        int at = 0;
        int i = 0;
        while (at + Chunks.entryBytes(data(i)) <= Chunks.MAX_BYTES - Chunks.ARRAY_BYTES) {
            int handle = chunks.write(chunk, at, data(i));
            chunks.seq(handle, Long.MAX_VALUE - i);
            handles.add(handle);
            at += Chunks.entryBytes(data(i++));
        }
        assertEquals(handles.size(), new HashSet<>(handles).size());
        for (int each = 0; each < handles.size(); each += 7) {
            Data read = chunks.data(handles.get(each));
            assertEquals(data(each), read);
            assertEquals(data(each).hashCode(), read.hashCode());
            assertEquals(data(each).toString(), read.toString());
            assertEquals(data(each).hash(News.KEY), read.hash(News.KEY));
            assertEquals(Long.MAX_VALUE - each, chunks.seq(handles.get(each)));
        }
    }

    @Test
    void aLargeChunkTakesPagesInARow() {
        chunks.add(CHUNK);
        int gap = chunks.add(CHUNK);
        int after = chunks.add(CHUNK);
        chunks.remove(gap);
        int large = chunks.add(2 * Chunks.PAGE_BYTES + CHUNK);
        assertEquals(after + 1, large, "three pages do not fit into one");
        int beyond = chunks.add(CHUNK);
        assertEquals(gap, beyond);
        beyond = chunks.add(CHUNK);
        assertEquals(large + 3, beyond);
        int first = chunks.write(large, 0, data(1));
        int last = chunks.write(large, 2 * Chunks.PAGE_BYTES, data(2));
        int other = chunks.write(beyond, 0, data(3));
        assertEquals(data(1), chunks.data(first));
        assertEquals(data(2), chunks.data(last));
        assertEquals(data(3), chunks.data(other));
        chunks.remove(large);
        assertEquals(data(3), chunks.data(other));
        assertEquals(large, chunks.add(3 * Chunks.PAGE_BYTES));
    }

    @Test
    void pagesInARowMayEndWithTheLastOneAndNotBeyond() {
        for (int i = 1; i < Chunks.MAX_PAGES - 2; i++) {
            chunks.add(CHUNK);
        }
        assertEquals(Chunks.NONE, chunks.add(2 * Chunks.PAGE_BYTES + 1));
        int number = chunks.add(2 * Chunks.PAGE_BYTES);
        assertEquals(Chunks.MAX_PAGES - 2, number);
        int end = 2 * Chunks.PAGE_BYTES - Chunks.ARRAY_BYTES - Chunks.entryBytes(data(1));
        int handle = chunks.write(number, end, data(1));
        assertEquals(data(1), chunks.data(handle));
        assertNotEquals(Bucket.CLOSED, handle);
        chunks.remove(number);
        assertEquals(number, chunks.add(Chunks.PAGE_BYTES));
        assertEquals(number + 1, chunks.add(Chunks.PAGE_BYTES));
    }

    @Test
    void whatIsPinnedStaysWhenItsChunkGoesAndItsNumberIsGivenToAnother() {
        int chunk = chunks.add(CHUNK);
        int handle = chunks.write(chunk, 0, data(1));
        PinnedRecords pinned = new PinnedRecords(chunks);
        pinned.append(new int[] {0, handle, 0}, 1, 2, 0);
        Data read = chunks.data(handle);
        chunks.remove(chunk);
        assertEquals(chunk, chunks.add(CHUNK));
        int other = chunks.write(chunk, 0, data(2));
        assertEquals(handle, other);
        pinned.append(new int[] {other}, 0, 1, 0);
        pinned.append(new int[0], 0, 0, 0);
        assertEquals(2, pinned.size());
        JsonCursor cursor = pinned.json();
        for (int i = 1; i <= 2; i++) {
            assertTrue(cursor.next());
            byte[] json = new byte[cursor.length()];
            assertEquals(json.length, cursor.write(json, 0));
            assertArrayEquals(data(i).json(), json);
        }
        assertFalse(cursor.next());
        assertEquals(data(1), read);
    }
}
