package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Context;
import bcast.base.Log;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import bcast.testing.Await;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.Stores;
import bcast.testing.TestClock;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.AbstractList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What buckets cost: memory, and work, which shows in the objects it makes. */
final class BucketTest {

    private static final long NOW = 1_700_000_000_000L;
    private static final long DAY_MS = 24 * 3_600_000L;
    private static final int MANY = 200_000;
    private static final SipHash OTHER_KEY = new SipHash(3, 4);
    private static final int SKETCH_BYTES = StoreView.PREFIX_CELLS * Sketch.Cell.BYTES;

    private final TestClock clock = TestClock.standing(NOW);
    private final Context context = Contexts.quiet(clock);
    private final Log log = context.log();

    private List<SipHash> keys = List.of(News.KEY);

    private MapStorage oneBucket() {
        MapStorage storage = Stores.map(DAY_MS, 300_000, 1 << 30, context);
        for (int i = 0; i < MANY; i++) {
            storage.merge(News.data("id" + i, "raw", start(storage) + i));
        }
        return storage;
    }

    private static long start(MapStorage storage) {
        long bucketMs = storage.keyed(News.KEY).bucketMs();
        return NOW / bucketMs * bucketMs - bucketMs;
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
                long bytes = allocated(() ->
                        storage.keyed(News.KEY).sketch(from, Long.MAX_VALUE, cells));
                long most = 300L * Slice.MAX / 2 + SKETCH_BYTES;
                assertTrue(bytes < most, "allocated " + bytes);
            }
            long bytes = allocated(() -> storage.keyed(News.KEY).digests(from, Long.MAX_VALUE));
            assertTrue(bytes < 300L * Slice.MAX / 2, "allocated " + bytes);
        }
    }

    @Test
    void eachSliceTakesMemoryForItsSketches() {
        HashKeys keys = new HashKeys(List.of(News.KEY));
        Bucket bucket = new Bucket(0);
        AtomicLong used = new AtomicLong();
        MemoryLimit all = new MemoryLimit(used, Long.MAX_VALUE, log);
        long first = RecordBytes.of(data(0)) + SKETCH_BYTES;
        assertEquals(Bucket.Added.NO_ROOM, add(bucket, keys, data(0), new MemoryLimit(used,
                first - 1, log)));
        assertEquals(0, used.get());
        assertEquals(Bucket.Added.YES, add(bucket, keys, data(0), new MemoryLimit(used, first,
                log)));
        for (int i = 1; i < Slice.MAX; i++) {
            assertEquals(Bucket.Added.YES, add(bucket, keys, data(i), all));
        }
        long before = used.get();
        Data last = data(Slice.MAX);
        long least = before + RecordBytes.of(last) + SKETCH_BYTES;
        assertEquals(Bucket.Added.NO_ROOM, add(bucket, keys, last, new MemoryLimit(used, least - 1,
                log)));
        assertEquals(before, used.get());
        assertEquals(Bucket.Added.YES, add(bucket, keys, last, new MemoryLimit(used, least, log)));
        assertEquals(least, used.get());
        assertEquals(used.get(), bucket.bytes());
        assertEquals(RecordBytes.of(last) + SKETCH_BYTES,
                bucket.remove(keys.hash(last)));
        assertEquals(0, bucket.remove(keys.hash(last)));
        assertEquals(before, bucket.close(new PinnedRecords()));
        assertEquals(Bucket.Added.CLOSED, add(bucket, keys, last, all));
    }

    /** Records of which the hashes take long enough to be seen, and no sketch of them by a key. */
    private MapStorage longRecords() {
        MapStorage storage = new MapStorage(new MapStorage.Limits(DAY_MS, 300_000, 1 << 30),
                () -> keys, context);
        String raw = "r".repeat(2_000);
        for (int i = 0; i < 50_000; i++) {
            storage.merge(Data.of("id" + i, raw, "s", start(storage) + i));
        }
        keys = List.of(OTHER_KEY);
        storage.buckets.keysAnew();
        return storage;
    }

    private static Hash128 sum(MapStorage storage, SipHash key) {
        Sketch sum = new Sketch(1);
        storage.list().forEach(data -> sum.toggle(data.hash(key), 1));
        return sum.cell(0).sum();
    }

    private void assertHashesWithoutAMonitor(Function<MapStorage, Hash128> read)
            throws Exception {
        MapStorage storage = longRecords();
        assertEquals(sum(storage, OTHER_KEY), read.apply(storage));
        AtomicBoolean end = new AtomicBoolean();
        Thread reader = new Thread(() -> {
            while (!end.get()) {
                read.apply(storage);
            }
        });
        reader.start();
        AtomicInteger seen = new AtomicInteger();
        try {
            Await.until("the reader is seen at hashing", 20, () -> {
                ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(
                        new long[] {reader.getId()}, true, false)[0];
                // To look a sketch up by its key compares keys, under the monitor.
                if (Stream.of(info.getStackTrace()).anyMatch(frame ->
                        frame.getClassName().equals(SipHash.class.getName())
                        && frame.getMethodName().equals("hash"))) {
                    assertEquals(List.of(), List.of(info.getLockedMonitors()));
                    seen.incrementAndGet();
                }
                return seen.get() >= 10;
            });
        } finally {
            end.set(true);
            reader.join();
        }
    }

    @Test
    void aSumByAKeyThatIsNotKeptYetIsMadeWithoutTheMonitor() throws Exception {
        assertHashesWithoutAMonitor(storage -> storage.keyed(OTHER_KEY)
                .sketch(0, Long.MAX_VALUE, 1).cell(0).sum());
    }

    @Test
    void digestsByAKeyThatIsNotKeptYetAreMadeWithoutTheMonitor() throws Exception {
        assertHashesWithoutAMonitor(storage -> storage.keyed(OTHER_KEY)
                .digests(0, Long.MAX_VALUE).get(0).sum());
    }

    @Test
    void aSnapshotByAKeyThatIsNotKeptYetIsMadeWithoutTheMonitor() throws Exception {
        assertHashesWithoutAMonitor(storage -> storage.snapshot(0).sum());
    }

    @Test
    void otherKeysReachEachSliceThoughAnEarlierOneEmptiesMeanwhile() {
        HashKeys keys = new HashKeys(List.of(News.KEY));
        Bucket bucket = new Bucket(0);
        AtomicLong used = new AtomicLong();
        MemoryLimit all = new MemoryLimit(used, Long.MAX_VALUE, log);
        Data[] records = new Data[3 * Slice.MAX];
        for (int i = 0; i < records.length; i++) {
            records[i] = data(i);
            add(bucket, keys, records[i], all);
        }
        for (int i = 1; i < Slice.MAX; i++) {
            bucket.remove(keys.hash(records[i]));
        }
        long left = bucket.bytes() - 3 * SKETCH_BYTES - RecordBytes.of(records[0]);
        AtomicInteger slices = new AtomicInteger();
        // Asked for its first key whenever a slice turns to it.
        List<SipHash> each = new AbstractList<>() {
            @Override
            public SipHash get(int i) {
                if (i == 0 && slices.incrementAndGet() == 2) {
                    bucket.remove(keys.hash(records[0]));
                }
                return i == 0 ? OTHER_KEY : News.KEY;
            }

            @Override
            public int size() {
                return 2;
            }
        };
        used.set(0);
        bucket.rekey(new HashKeys(each), used);
        assertEquals(3 * SKETCH_BYTES, used.get());
        assertEquals(left + 2 * 2 * SKETCH_BYTES, bucket.bytes());
    }

    private static Data data(int i) {
        return News.data("id" + i, "raw", i);
    }

    private static Bucket.Added add(Bucket bucket, HashKeys keys, Data data, MemoryLimit limit) {
        return bucket.add(keys.hash(data), limit);
    }
}
