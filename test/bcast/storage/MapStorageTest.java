package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Log;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.TestClock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class MapStorageTest {

    private static final long RETENTION_MS = 24 * 3_600_000L;
    private static final long SKEW_MS = 300_000;
    private static final long NOW = 1_700_000_000_000L;
    private static final long DAY_MS = 24 * 3_600_000L;

    private final TestClock clock = TestClock.standing(NOW);
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());

    private static final int BUCKET_BYTES = StoreView.PREFIX_CELLS * Sketch.Cell.BYTES;

    /** What one of the largest raws takes, which depends on the heap. */
    private static final long LARGE_BYTES = RecordBytes.of(
            data("id", "x".repeat(Data.MAX_RAW_BYTES), NOW));

    private List<SipHash> keys = List.of(News.KEY);

    private MapStorage storage(long maxBytes) {
        return new MapStorage(new MapStorage.Limits(RETENTION_MS, SKEW_MS, maxBytes), () -> keys,
                Contexts.logging(clock, Log.Level.INFO, log::add));
    }

    private final MapStorage storage = storage(1 << 30);

    private static StoreView view(MapStorage of) {
        return of.keyed(News.KEY);
    }

    private static Data data(String id, String raw, long timestamp) {
        return Data.of(id, raw, "s", timestamp);
    }

    @Test
    void aClientsRecordIsStoredOnlyIfItsIdIsFree() {
        Data first = data("id", "b", NOW);
        assertEquals(new Storage.Change.Added(first), storage.add(first));
        assertEquals(new Storage.Change.Kept(first), storage.add(data("id", "a", NOW - 1)));
        assertEquals(Optional.of(first), storage.get("id"));
        assertEquals(Optional.empty(), storage.get("other"));
        assertEquals(Optional.empty(), storage.get(""));
    }

    @Test
    void whatALargeRecordFindsNoRoomForIsLackingUntilThereIsRoom() {
        String large = "x".repeat(Data.MAX_RAW_BYTES);
        MapStorage small = storage(4 * LARGE_BYTES + LARGE_BYTES / 2);
        for (int i = 0; i < 4; i++) {
            small.merge(data("old" + i, large, NOW - DAY_MS + 1_000));
        }
        assertEquals(Optional.empty(), small.largeRecordsRejectedFrom());
        assertEquals(new Storage.Change.Full(), small.restore(data("kept", large, NOW)));
        assertEquals(Optional.of("the journal"), small.largeRecordsRejectedFrom());
        assertEquals(new Storage.Change.Full(), small.merge(data("late", large, NOW)));
        assertEquals(Optional.of("a peer"), small.largeRecordsRejectedFrom());
        assertFalse(small.full(), "small ones still fit");
        assertInstanceOf(Storage.Change.Added.class, small.merge(data("small", "raw", NOW)));
        assertEquals(1, log.stream().filter(line -> line.contains("no room for a large")).count());
        clock.advance(DAY_MS / MapStorage.BUCKETS + 1_000);
        small.sweep();
        assertEquals(Optional.empty(), small.largeRecordsRejectedFrom());
        assertInstanceOf(Storage.Change.Added.class, small.merge(data("late", large, NOW)));
    }

    @Test
    void thatClientsFindRoomAgainIsSaidEachTime() {
        String large = "x".repeat(Data.MAX_RAW_BYTES);
        MapStorage small = storage(5 * LARGE_BYTES);
        for (int time = 1; time <= 2; time++) {
            int taken = 0;
            while (small.add(data(time + "-" + taken, large, clock.wallMs()))
                    instanceof Storage.Change.Added) {
                taken++;
            }
            assertEquals(4, taken);
            assertFalse(small.fullForClients(), "small ones still fit");
            clock.advance(DAY_MS + DAY_MS / MapStorage.BUCKETS);
            small.sweep();
            assertFalse(small.fullForClients());
            assertEquals(time, log.stream().filter(line -> line.contains("room again")).count());
        }
    }

    @Test
    void aPeersRecordReplacesALoser() {
        Data later = data("id", "b", NOW);
        Data earlier = data("id", "a", NOW - 1);
        storage.merge(later);
        assertEquals(new Storage.Change.Replaced(earlier, later), storage.merge(earlier));
        assertEquals(new Storage.Change.Kept(earlier), storage.merge(later));
        assertEquals(List.of(earlier), storage.list());
        assertTrue(storage.holds(earlier));
        assertFalse(storage.holds(later));
    }

    @Test
    void allOrdersOfMergingGiveTheSameBytes() {
        Random random = new Random(3);
        List<Data> all = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            all.add(Data.of("id" + random.nextInt(60), "r" + random.nextInt(3),
                    "s" + random.nextInt(2), NOW - random.nextInt(4) * 600_000L));
        }
        all.forEach(storage::merge);
        for (int run = 0; run < 20; run++) {
            MapStorage other = storage(1 << 30);
            Collections.shuffle(all, random);
            all.forEach(other::merge);
            all.subList(0, 100).forEach(other::merge);
            assertEquals(storage.list(), other.list());
            assertEquals(storage.size(), other.size());
            assertEquals(view(storage).digests(0, Long.MAX_VALUE),
                    view(other).digests(0, Long.MAX_VALUE));
        }
        assertNothingLeft(storage);
    }

    /** What was added, replaced and taken out is balanced when all has expired. */
    private void assertNothingLeft(MapStorage of) {
        clock.advance(RETENTION_MS + RETENTION_MS / MapStorage.BUCKETS);
        of.sweep();
        assertEquals(0, of.size());
        assertEquals(0, of.bytes());
        assertEquals(List.of(), of.arrivalsWithExpired(0, 1));
    }

    @Test
    void mergesAtomicallyUnderContention() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Data> all = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            all.add(data("id" + i % 500, "r" + i % 7, NOW - i % 1_000 * 1_000));
        }
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            List<Data> mine = new ArrayList<>(all);
            Collections.shuffle(mine, new Random(t));
            done.add(threads.submit(() -> mine.forEach(storage::merge)));
        }
        for (Future<?> each : done) {
            each.get();
        }
        threads.shutdown();
        MapStorage calm = storage(1 << 30);
        all.forEach(calm::merge);
        assertEquals(calm.list(), storage.list());
        assertEquals(view(calm).digests(0, Long.MAX_VALUE),
                view(storage).digests(0, Long.MAX_VALUE));
        assertEquals(calm.size(), storage.size());
        assertNothingLeft(storage);
    }

    @Test
    void listsByTimeThenId() {
        List<Data> shuffled = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            shuffled.add(data("id" + i, "r", NOW - i % 50 * 60_000L));
        }
        Collections.shuffle(shuffled, new Random(5));
        shuffled.forEach(storage::merge);
        List<Data> sorted = new ArrayList<>(shuffled);
        sorted.sort(Data.BY_TIME);
        assertEquals(sorted, storage.list());
    }

    @Test
    void pagesCoverEverythingOnce() {
        for (int i = 0; i < 1_000; i++) {
            storage.merge(data("id" + i, "r", NOW - i / 3 * 20_000L));
        }
        for (int limit : new int[] {1, 7, 256, 999, 1_000, 1_001}) {
            List<Data> all = new ArrayList<>();
            Position at = Position.START;
            List<Data> page = storage.page(at, Long.MAX_VALUE, limit);
            while (!page.isEmpty()) {
                assertTrue(page.size() <= limit);
                all.addAll(page);
                at = Position.after(page.get(page.size() - 1));
                page = storage.page(at, Long.MAX_VALUE, limit);
            }
            assertEquals(storage.list(), all);
        }
        long to = NOW - 100 * 20_000L;
        assertTrue(storage.page(Position.START, to, 2_000).stream()
                .allMatch(d -> d.timestamp() < to));
    }

    @Test
    void digestsOfAPartAreThoseOfAStoreWithThatPart() {
        MapStorage part = storage(1 << 30);
        long from = NOW - 50 * 60_000L;
        long to = NOW - 20 * 60_000L;
        for (int i = 0; i < 200; i++) {
            Data each = data("id" + i, "r", NOW - i * 30_000L);
            storage.merge(each);
            if (each.timestamp() >= from && each.timestamp() < to) {
                part.merge(each);
            }
        }
        assertEquals(view(part).digests(0, Long.MAX_VALUE), view(storage).digests(from, to));
        assertNotEquals(view(storage).digests(from, to), view(storage).digests(from + 30_000, to));
    }

    @Test
    void theSketchIsThatOfTheRecordsHowTheyCame() {
        List<Data> all = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            all.add(data("id" + i % 400, "r" + i, NOW - i * 100_000L));
        }
        all.forEach(storage::merge);
        long from = NOW - 30_000_000;
        long to = NOW - 5_000_000;
        for (int cells : new int[] {1, 100, StoreView.PREFIX_CELLS, 3_000}) {
            Sketch expected = new Sketch(cells);
            storage.list().stream().filter(d -> d.timestamp() >= from && d.timestamp() < to)
                    .forEach(d -> expected.toggle(view(storage).hash(d), 1));
            Sketch sketch = view(storage).sketch(from, to, cells);
            for (int i = 0; i < cells; i++) {
                assertEquals(expected.cell(i), sketch.cell(i));
            }
        }
    }

    @Test
    void findsByHash() {
        Data one = data("one", "r", NOW);
        Data two = data("two", "r", NOW);
        storage.merge(one);
        storage.merge(two);
        Hash128 absent = view(storage).hash(data("three", "r", NOW));
        assertEquals(Map.of(view(storage).hash(two), two),
                view(storage).findAll(List.of(view(storage).hash(two), absent)));
        assertEquals(Map.of(), view(storage).findAll(List.of(absent)));
    }

    @Test
    void findsByHashHoweverManyPagesAMillisecondHas() {
        for (int count : new int[] {StoreView.PAGE - 1, StoreView.PAGE, StoreView.PAGE + 1,
            3 * StoreView.PAGE}) {
            MapStorage some = storage(1 << 26);
            for (int i = 0; i < count; i++) {
                some.merge(data("id" + i, "r", NOW));
            }
            List<Hash128> hashes = new ArrayList<>();
            some.list().forEach(each -> hashes.add(view(some).hash(each)));
            hashes.add(view(some).hash(data("absent", "r", NOW)));
            assertEquals(Set.copyOf(some.list()), Set.copyOf(view(some).findAll(hashes).values()));
            Hash128 last = hashes.get(count - 1);
            assertEquals(Map.of(last, some.list().get(count - 1)),
                    view(some).findAll(List.of(last)));
        }
    }

    @Test
    void expiredRecordsAreHiddenAtOnceAndDeletedByTheSweeper() {
        Data old = data("old", "r", NOW - RETENTION_MS + 1);
        storage.merge(old);
        storage.merge(data("young", "r", NOW));
        assertEquals(2, storage.list().size());
        clock.advance(1);
        assertEquals(1, storage.list().size());
        assertEquals(Optional.empty(), storage.get("old"));
        assertFalse(storage.holds(old));
        assertEquals(Map.of(), view(storage).findAll(List.of(view(storage).hash(old))));
        assertEquals(1, view(storage).digests(0, Long.MAX_VALUE).size());
        long before = storage.bytes();
        clock.advance(RETENTION_MS / MapStorage.BUCKETS);
        storage.sweep();
        assertEquals(1, storage.size());
        assertTrue(storage.bytes() < before);
        clock.advance(RETENTION_MS);
        clock.advance(RETENTION_MS / MapStorage.BUCKETS);
        storage.sweep();
        assertEquals(0, storage.size());
        assertEquals(0, storage.bytes());
    }

    @Test
    void anExpiredIdIsFreeAgain() {
        storage.add(data("id", "old", NOW - RETENTION_MS + 1));
        clock.advance(1);
        Data fresh = data("id", "new", NOW);
        assertEquals(new Storage.Change.Added(fresh), storage.add(fresh));
        assertEquals(List.of(fresh), storage.list());
        assertEquals(1, storage.size());
        clock.advance(RETENTION_MS / MapStorage.BUCKETS);
        storage.sweep();
        assertEquals(List.of(fresh), storage.list());
        assertEquals(RecordBytes.of(fresh) + BUCKET_BYTES, storage.bytes());
    }

    @Test
    void aClockJumpEmptiesNoStore() {
        storage.merge(data("id", "r", NOW));
        storage.sweep();
        clock.jump(2 * DAY_MS);
        storage.sweep();
        assertEquals(0, storage.list().size(), "hidden at once");
        assertEquals(1, storage.size(), "but not deleted");
        assertTrue(log.toString().contains("wall clock jumped"), log::toString);
        clock.jump(-2 * DAY_MS);
        storage.sweep();
        assertEquals(1, storage.list().size());
    }

    @Test
    void aClockThatStaysWhereItJumpedIsBelievedInTheEnd() {
        storage.merge(data("id", "r", NOW));
        clock.jump(2 * DAY_MS);
        storage.sweep();
        assertEquals(1, storage.size());
        for (int hour = 0; hour <= 24; hour++) {
            clock.advance(3_600_000);
            storage.sweep();
        }
        clock.advance(3_600_000);
        storage.sweep();
        assertEquals(0, storage.size());
    }

    @Test
    void theBudgetHoldsAtItsLimitAndPast() {
        Data sample = data("id00", "r".repeat(10_000), NOW);
        long cost = RecordBytes.of(sample);
        // Nine for clients, ten for peers, and the bucket that they are in.
        MapStorage small = storage((long) Math.ceil(
                (BUCKET_BYTES + 9 * cost) / MapStorage.CLIENT_SHARE));
        IntStream.range(0, 9).forEach(i -> assertInstanceOf(Storage.Change.Added.class,
                small.add(data("id0" + i, "r".repeat(10_000), NOW))));
        assertFalse(small.fullForClients());
        assertInstanceOf(Storage.Change.Full.class,
                small.add(data("id10", "r".repeat(10_000), NOW)));
        assertTrue(small.fullForClients());
        assertInstanceOf(Storage.Change.Full.class, small.add(data("tiny", "r", NOW)),
                "though it would fit, as the store says that it is full");
        assertInstanceOf(Storage.Change.Kept.class,
                small.add(data("id00", "r".repeat(10_000), NOW)), "held all the same");
        assertFalse(small.full(), "peers still have room");
        assertInstanceOf(Storage.Change.Added.class,
                small.merge(data("id10", "r".repeat(10_000), NOW)));
        assertInstanceOf(Storage.Change.Full.class,
                small.merge(data("id11", "r".repeat(10_000), NOW)));
        assertTrue(small.full());
        // Both are there for a moment.
        assertInstanceOf(Storage.Change.Full.class,
                small.merge(data("id10", "r".repeat(10_000), NOW - 1)));
        assertEquals(10 * cost + BUCKET_BYTES, small.bytes());
        clock.advance(RETENTION_MS + RETENTION_MS / MapStorage.BUCKETS);
        small.sweep();
        assertFalse(small.full());
        assertFalse(small.fullForClients());
        assertEquals(0, small.bytes());
    }

    @Test
    void idsMadeToCollideStillAreTellable() {
        // "Aa" and "BB" have one hash code; so has every word made of them.
        int words = 1 << 12;
        for (int i = 0; i < words; i++) {
            StringBuilder id = new StringBuilder();
            for (int bit = 0; bit < 12; bit++) {
                id.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            storage.add(data(id.toString(), "r", NOW));
        }
        assertEquals(words, storage.size());
    }

    @Test
    void aBucketTakesRoomByItself() {
        MapStorage small = storage(4 << 20);
        int taken = 0;
        // Far more spans of time than a retention has, as when clocks may be far apart.
        while (small.merge(data("id" + taken, "raw", NOW + taken * view(small).bucketMs()))
                instanceof Storage.Change.Added) {
            taken++;
        }
        long fit = (4 << 20) / (BUCKET_BYTES + RecordBytes.of(data("id00", "raw", NOW)));
        assertTrue(taken >= fit - 5 && taken <= fit + 1, "taken: " + taken);
        clock.advance(2 * DAY_MS + taken * view(small).bucketMs());
        small.sweep();
        small.sweep();
        assertEquals(0, small.bytes());
    }

    @Test
    void theFirstKeyIsAskedForOnceThoughManyNeedItAtOnce() throws Exception {
        int threads = 8;
        for (int round = 0; round < 20; round++) {
            AtomicInteger asked = new AtomicInteger();
            MapStorage fresh = new MapStorage(
                    new MapStorage.Limits(RETENTION_MS, SKEW_MS, 1 << 24), () -> {
                asked.incrementAndGet();
                return List.of(new SipHash(1, 2));
            }, Contexts.quiet(clock));
            assertEquals(0, asked.get());
            CyclicBarrier together = new CyclicBarrier(threads);
            List<Thread> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Data data = data("id" + i, "raw", NOW);
                all.add(new Thread(() -> {
                    try {
                        together.await();
                        fresh.merge(data);
                    } catch (InterruptedException | BrokenBarrierException e) {
                        throw new IllegalStateException(e);
                    }
                }));
            }
            all.forEach(Thread::start);
            for (Thread thread : all) {
                thread.join();
            }
            assertEquals(1, asked.get());
            Hash128[] sum = {new Hash128(0, 0)};
            fresh.list().forEach(data -> {
                Hash128 hash = data.hash(News.KEY);
                sum[0] = new Hash128(sum[0].hi() ^ hash.hi(), sum[0].lo() ^ hash.lo());
            });
            assertEquals(threads, fresh.size());
            assertEquals(sum[0], fresh.snapshot(0).sum());
        }
    }

    @Test
    void keysThatComeFirstAreTheOnlyOnes() {
        SipHash other = new SipHash(3, 4);
        keys = List.of(other);
        Data data = data("id", "raw", NOW);
        storage.merge(data);
        assertEquals(data.hash(other), storage.snapshot(0).sum());
    }

    @Test
    void sketchesOfAllKeysAgreeWithTheRecords() {
        SipHash other = new SipHash(3, 4);
        for (int i = 0; i < 100; i++) {
            storage.merge(data("before" + i, "raw", NOW - i * 800_000L));
        }
        Sketch onTheSpot = storage.keyed(other).sketch(0, Long.MAX_VALUE, 1_000);
        keys = List.of(News.KEY, other, News.KEY);
        assertSketchesAgree(other);
        storage.sweep();
        assertSketchesAgree(other);
        assertEquals(onTheSpot.cell(999), storage.keyed(other).sketch(0, Long.MAX_VALUE, 1_000)
                .cell(999));
        for (int i = 0; i < 100; i++) {
            storage.merge(data("after" + i, "raw", NOW - i * 800_000L));
        }
        assertSketchesAgree(other);
        keys = List.of(other);
        storage.sweep();
        assertSketchesAgree(other);
        long one = storage.bytes();
        keys = List.of(other, News.KEY);
        storage.sweep();
        assertTrue(storage.bytes() > one, "a second key takes room");
    }

    /** A sketch that buckets keep, and one that is made of the records, which are the same. */
    private void assertSketchesAgree(SipHash key) {
        StoreView view = storage.keyed(key);
        Sketch kept = view.sketch(0, Long.MAX_VALUE, StoreView.PREFIX_CELLS);
        Sketch made = view.sketch(0, Long.MAX_VALUE, StoreView.PREFIX_CELLS + 1);
        for (int i = 0; i < StoreView.PREFIX_CELLS; i++) {
            assertEquals(made.cell(i), kept.cell(i));
        }
        for (Data data : storage.list()) {
            assertEquals(Map.of(view.hash(data), data), view.findAll(List.of(view.hash(data))));
        }
        assertEquals(storage.size(), view.findAll(storage.list().stream().map(view::hash)
                .toList()).size());
    }
}
