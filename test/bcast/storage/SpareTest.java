package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.base.Log;
import bcast.data.Data;
import bcast.testing.News;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Arrays made ahead of need. */
final class SpareTest {

    private static final int LENGTH = 1_000;
    private static final int SOMETIMES = 100;
    private static final int MANY = 20_000;
    private static final int MAX_CHUNK_BYTES = 2 << 20;
    private static final int CHUNK_RECORDS = MAX_CHUNK_BYTES / 1_200;

    private final Spare spare = new Spare();

    @Test
    void whatIsWantedIsMadeOnceAndTakenOnce() throws Exception {
        spare.turn(1);
        assertFalse(spare.ready(LENGTH));
        spare.want(LENGTH);
        assertFalse(spare.ready(LENGTH));
        spare.turn(60_000);
        assertTrue(spare.ready(LENGTH));
        assertFalse(spare.ready(LENGTH + 1));
        assertArrayEquals(new byte[LENGTH], spare.take(LENGTH));
        assertFalse(spare.ready(LENGTH));
        spare.turn(1);
        assertFalse(spare.ready(LENGTH), "nobody asked again");
        assertArrayEquals(new byte[LENGTH], spare.take(LENGTH));
    }

    @Test
    void whatNobodyTakesForSomeTurnsIsForgotten() throws Exception {
        spare.want(LENGTH);
        spare.turn(60_000);
        for (int i = 0; i < Spare.MAX_IDLE; i++) {
            assertTrue(spare.ready(LENGTH));
            spare.turn(1);
        }
        assertTrue(spare.ready(LENGTH));
        spare.turn(1);
        assertFalse(spare.ready(LENGTH));
        spare.want(LENGTH);
        spare.turn(60_000);
        assertTrue(spare.ready(LENGTH));
    }

    @Test
    void oneOfAnotherLengthIsOfNoUse() throws Exception {
        spare.want(LENGTH);
        spare.turn(60_000);
        assertEquals(LENGTH + 1, spare.take(LENGTH + 1).length);
        assertTrue(spare.ready(LENGTH));
        spare.want(LENGTH + 1);
        assertFalse(spare.ready(LENGTH), "it is forgotten at once");
        spare.turn(60_000);
        assertTrue(spare.ready(LENGTH + 1));
    }

    @Test
    void whatWasNeededBeforeItWasMadeServesTheNext() throws Exception {
        spare.want(LENGTH);
        assertEquals(LENGTH, spare.take(LENGTH).length);
        spare.turn(60_000);
        assertTrue(spare.ready(LENGTH));
    }

    @Test
    void whatThereIsNoMemoryForIsNotMadeAndNothingFails() throws Exception {
        // Longer than any array that HotSpot makes.
        spare.want(Integer.MAX_VALUE);
        spare.turn(60_000);
        assertFalse(spare.ready(Integer.MAX_VALUE));
        spare.want(LENGTH);
        spare.turn(60_000);
        assertTrue(spare.ready(LENGTH));
    }

    @Test
    void aBucketAsksForItsNextLargeChunkBeforeThisOneIsFull() throws Exception {
        Bucket.Keys keys = new Bucket.Keys(List.of(News.KEY));
        Bucket bucket = new Bucket(0, keys, new Chunks(spare), MAX_CHUNK_BYTES);
        Room room = new Room(new AtomicLong(), Long.MAX_VALUE,
                new Log(Log.Level.INFO, Clock.system(), line -> { }));
        int length = MAX_CHUNK_BYTES - Chunks.ARRAY_BYTES;
        int records = 0;
        int used = 0;
        int usedAt = 0;
        // Chunks grow to the largest; then each of them is made before it is used.
        while (used < 4) {
            boolean ready = spare.ready(length);
            assertFalse(used > 0 && ready && records - usedAt < CHUNK_RECORDS / 4, "too early");
            Data data = News.data("id" + records++, "x".repeat(1_000), records);
            int handle = bucket.add(data, keys, keys.hash(data), room);
            assertNotEquals(Chunks.NONE, handle);
            if (ready && !spare.ready(length)) {
                used++;
                usedAt = records;
            }
            if (records % SOMETIMES == 0) {
                spare.turn(1);
            }
            assertTrue(records < MANY);
        }
    }
}
