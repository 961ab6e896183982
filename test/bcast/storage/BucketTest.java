package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Log;
import bcast.data.Data;
import bcast.testing.News;
import bcast.testing.TestClock;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What buckets cost: memory, and work, which shows in the objects it makes. */
final class BucketTest {

    private static final long NOW = 1_700_000_000_000L;
    private static final long DAY_MS = 24 * 3_600_000L;
    private static final int MANY = 200_000;
    private static final int SKETCH_BYTES = StoreView.PREFIX_CELLS * Sketch.Cell.BYTES;

    private final TestClock clock = TestClock.standing(NOW);
    private final Log log = new Log(Log.Level.ERROR, clock, line -> { });

    private MapStorage oneBucket() {
        MapStorage storage = new MapStorage(DAY_MS, 300_000, 1 << 30, News::key, News::key, clock,
                log, (thread, e) -> { });
        for (int i = 0; i < MANY; i++) {
            storage.merge(News.data("id" + i, "raw", start(storage) + i));
        }
        return storage;
    }

    private static long start(MapStorage storage) {
        return NOW / storage.bucketMs() * storage.bucketMs() - storage.bucketMs();
    }

    private static long allocated(Runnable work) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        work.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void aReadAfterALateRecordSortsNoOthers() {
        MapStorage storage = oneBucket();
        storage.list();
        for (int late = 0; late < 10; late++) {
            long timestamp = start(storage) + late * MANY / 10;
            long bytes = allocated(() -> {
                storage.merge(News.data("late" + timestamp, "raw", timestamp));
                storage.page(Position.START, Long.MAX_VALUE, 1);
            });
            // As much as the split of a slice.
            long most = 300L * Slice.MAX / 2;
            assertTrue(bytes < most, "allocated " + bytes);
        }
    }

    @Test
    void theSumOfAPartOfABucketHashesHalfASliceAtMost() {
        MapStorage storage = oneBucket();
        for (int part = 1; part < 10; part++) {
            long from = start(storage) + part * MANY / 10;
            for (int cells : new int[] {1, StoreView.PREFIX_CELLS}) {
                long bytes = allocated(() -> storage.sketch(from, Long.MAX_VALUE, cells));
                long most = 300L * Slice.MAX / 2 + SKETCH_BYTES;
                assertTrue(bytes < most, "allocated " + bytes);
            }
            long bytes = allocated(() -> storage.digests(from, Long.MAX_VALUE));
            assertTrue(bytes < 300L * Slice.MAX / 2, "allocated " + bytes);
        }
    }

    @Test
    void aSliceBeyondTheFirstTakesRoomForItsSketches() {
        Bucket.Keys keys = new Bucket.Keys(List.of(News.KEY));
        Bucket bucket = new Bucket(0, keys, new Chunks(new Spare()), 1 << 20);
        AtomicLong used = new AtomicLong();
        Room all = new Room(used, Long.MAX_VALUE, log);
        for (int i = 0; i < Slice.MAX; i++) {
            assertNotEquals(Chunks.NONE, add(bucket, keys, i, all));
        }
        long before = used.get();
        long least = before + SKETCH_BYTES;
        assertEquals(Chunks.NONE, add(bucket, keys, Slice.MAX, new Room(used, least - 1,
                log)));
        assertEquals(before, used.get());
        int handle = add(bucket, keys, Slice.MAX, new Room(used, least, log));
        assertNotEquals(Chunks.NONE, handle);
        assertEquals(least, used.get());
        assertEquals(used.get() + SKETCH_BYTES, bucket.bytes(), "the first one's are the caller's");
        Data last = data(Slice.MAX);
        assertEquals(SKETCH_BYTES, bucket.remove(handle, last, keys, keys.hash(last)));
        assertEquals(-1, bucket.remove(handle, last, keys, keys.hash(last)));
    }

    private static Data data(int i) {
        return News.data("id" + i, "raw", i);
    }

    private static int add(Bucket bucket, Bucket.Keys keys, int i, Room room) {
        return bucket.add(data(i), keys, keys.hash(data(i)), room);
    }
}
