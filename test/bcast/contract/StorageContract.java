package bcast.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.JsonCursor;
import bcast.data.SipHash;
import bcast.storage.Arrival;
import bcast.storage.Position;
import bcast.storage.Sketch;
import bcast.storage.Snapshot;
import bcast.storage.Storage;
import bcast.storage.StoreView;
import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.TestClock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Storage} promises. */
public abstract class StorageContract {

    private static final long RETENTION_MS = 96_000;
    private static final long NOW_MS = 1_700_000_000_000L;
    private static final int WRITERS = 4;
    private static final int IDS = 50;
    private static final int RECORDS_EACH = 400;
    private static final int CELLS = 64;

    private final TestClock clock = TestClock.standing(NOW_MS);
    private Storage store;

    /** An empty store with room for 64 MiB; {@link News#KEY} is the key of its nodes' hashes. */
    protected abstract Storage newStorage(long retentionMs, Clock with) throws Exception;

    @BeforeEach
    final void makeStore() throws Exception {
        store = newStorage(RETENTION_MS, clock);
        store.start();
    }

    @AfterEach
    final void close() {
        store.close();
    }

    private static Data data(String id, String raw, long afterMs) {
        return News.data(id, raw, NOW_MS + afterMs);
    }

    private static List<Data> records(List<Arrival> arrivals) {
        return arrivals.stream().map(Arrival::data).toList();
    }

    private List<Data> arrived() {
        return records(store.arrivals(0, Integer.MAX_VALUE));
    }

    private static List<String> json(Snapshot snapshot) {
        List<String> all = new ArrayList<>();
        for (JsonCursor each = snapshot.json().get(); each.next();) {
            byte[] bytes = new byte[each.length()];
            assertEquals(bytes.length, each.write(0, bytes, 0));
            all.add(new String(bytes, StandardCharsets.UTF_8));
        }
        return all;
    }

    private static List<Sketch.Cell> cells(Sketch sketch) {
        return IntStream.range(0, sketch.cells()).mapToObj(sketch::cell).toList();
    }

    @Test
    void addKeepsWhatIsHeld() {
        Data first = data("id", "raw", 10);
        assertEquals(new Storage.Change.Added(first), store.add(first));
        assertEquals(new Storage.Change.Kept(first), store.add(first));
        assertEquals(new Storage.Change.Kept(first), store.add(data("id", "raw", 5)));
        assertEquals(new Storage.Change.Kept(first), store.add(data("id", "other", 5)));
        assertEquals(List.of(first), store.list());
    }

    @Test
    void mergeKeepsTheSmallestByTimeSignatureAndRaw() {
        Data held = Data.of("id", "raw", "b", NOW_MS);
        assertEquals(new Storage.Change.Added(held), store.merge(held));
        assertEquals(new Storage.Change.Kept(held), store.merge(held));
        assertEquals(new Storage.Change.Kept(held), store.merge(held.withTimestamp(NOW_MS + 1)));
        assertEquals(new Storage.Change.Kept(held), store.merge(held.withSignature("c")));
        for (Data winner : List.of(Data.of("id", "ra", "b", NOW_MS),
                Data.of("id", "z", "a", NOW_MS), Data.of("id", "z", "z", NOW_MS - 1))) {
            assertEquals(new Storage.Change.Replaced(winner, held), store.merge(winner));
            held = winner;
        }
        assertEquals(List.of(held), store.list());
        assertEquals(1, store.size());
    }

    @Test
    void restoreMerges() {
        store.restore(data("id", "raw", 1));
        store.restore(data("id", "raw", 0));
        store.restore(data("id", "raw", 2));
        assertEquals(List.of(data("id", "raw", 0)), store.list());
    }

    @Test
    void findsByIdWhateverIsAskedFor() {
        Data held = data("id", "raw", 0);
        store.add(held);
        assertEquals(Optional.of(held), store.get("id"));
        assertTrue(store.holds(held));
        assertFalse(store.holds(data("id", "raw", 1)));
        for (String id : List.of("", "i", "id2", "\"", "\ud800", "x".repeat(1_000))) {
            assertEquals(Optional.empty(), store.get(id));
        }
    }

    @Test
    void pagesAreInTheOrderOfTimeAndOfTheIdsBytes() {
        // By UTF-16 the last two would change places.
        List<Data> all = List.of(data("z", "raw", 0), data("Z", "raw", 1), data("a", "raw", 1),
                data("\uffee", "raw", 1), data("\ud83d\ude00", "raw", 1), data("a2", "raw", 2));
        List<Data> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, new Random(1));
        shuffled.forEach(store::merge);
        assertEquals(all, store.list());
        assertEquals(all, store.page(Position.START, Long.MAX_VALUE, all.size()));
        assertEquals(all.subList(0, 3), store.page(Position.START, Long.MAX_VALUE, 3));
        assertEquals(all.subList(1, 6), store.page(new Position(NOW_MS + 1, ""),
                Long.MAX_VALUE, 10));
        assertEquals(all.subList(1, 5), store.page(new Position(NOW_MS + 1, ""), NOW_MS + 2, 10));
        assertEquals(List.of(), store.page(new Position(NOW_MS + 2, ""), NOW_MS + 1, 10));
        for (int i = 0; i < all.size(); i++) {
            assertEquals(all.subList(i + 1, 6),
                    store.page(Position.after(all.get(i)), Long.MAX_VALUE, 10));
        }
    }

    @Test
    void arrivalsAreInTheOrderOfStoringAndAWinnerArrivesAnew() {
        assertEquals(0, store.lastArrival());
        Data one = data("1", "raw", 9);
        Data two = data("2", "raw", 8);
        Data winner = data("1", "raw", 7);
        store.add(one);
        store.merge(two);
        assertEquals(List.of(one, two), arrived());
        List<Arrival> before = store.arrivals(0, 10);
        assertEquals(1, before.get(0).seq());
        assertFalse(before.get(0).fromPeer());
        assertTrue(before.get(1).fromPeer());
        store.merge(winner);
        store.merge(one);
        assertEquals(List.of(two, winner), arrived());
        List<Arrival> anew = store.arrivals(before.get(1).seq(), 10);
        assertEquals(List.of(winner), records(anew));
        assertTrue(anew.get(0).fromPeer());
        assertEquals(store.lastArrival(), anew.get(0).seq());
        assertEquals(List.of(two), records(store.arrivals(0, 1)));
        assertEquals(List.of(), store.arrivals(store.lastArrival(), 10));
        assertEquals(anew.get(0).seq(), store.seq(winner));
        assertEquals(0, store.seq(one));
    }

    @Test
    void awaitArrivalReturnsOnceThereIsOne() throws Exception {
        assertFalse(store.awaitArrival(0, 1));
        store.add(data("1", "raw", 0));
        assertTrue(store.awaitArrival(0, 60_000));
        Thread writer = new Thread(() -> store.add(data("2", "raw", 0)));
        writer.start();
        while (!store.awaitArrival(1, 60_000)) {
            assertTrue(store.lastArrival() <= 2, "it may return early");
        }
        assertEquals(2, store.lastArrival());
        writer.join();
    }

    @Test
    void snapshotsHaveASpanOfTimeAndAreNamedByIt() {
        store.add(data("a", "raw", 0));
        store.add(data("b", "raw \u00e4\"", 5));
        Snapshot all = store.snapshot(0);
        assertEquals(store.list().stream().map(Data::toString).toList(), json(all));
        assertEquals(2, all.size());
        assertEquals(json(all).stream().mapToInt(each -> each.getBytes(
                StandardCharsets.UTF_8).length).sum(), all.jsonBytes());
        assertEquals(NOW_MS, all.oldestMs());
        assertEquals(all.name(), store.snapshot(NOW_MS).name());
        Snapshot later = store.snapshot(NOW_MS + 1);
        assertEquals(List.of(data("b", "raw \u00e4\"", 5).toString()), json(later));
        assertNotEquals(all.name(), later.name());
        Snapshot none = store.snapshot(NOW_MS + 6);
        assertEquals(List.of(), json(none));
        assertEquals(0, none.oldestMs());
    }

    @Test
    void whatExpiredIsHiddenAtOnce() {
        Data old = data("old", "raw", 0);
        Data fresh = data("fresh", "raw", 1);
        store.add(old);
        store.add(fresh);
        clock.advance(RETENTION_MS - 1);
        assertEquals(List.of(old, fresh), store.list());
        clock.advance(1);
        assertEquals(Optional.empty(), store.get("old"));
        assertFalse(store.holds(old));
        assertEquals(0, store.seq(old));
        assertEquals(List.of(fresh), store.list());
        assertEquals(List.of(fresh), store.page(Position.START, Long.MAX_VALUE, 1));
        assertEquals(List.of(fresh), records(store.arrivals(0, 1)));
        assertTrue(records(store.arrivalsWithExpired(0, 10)).contains(fresh));
        assertEquals(List.of(fresh.toString()), json(store.snapshot(0)));
        StoreView view = store.keyed(News.KEY);
        assertEquals(Map.of(fresh.hash(News.KEY), fresh),
                view.findAll(List.of(old.hash(News.KEY), fresh.hash(News.KEY))));
        assertEquals(1, view.sketch(0, Long.MAX_VALUE, 1).cell(0).count());
        assertEquals(1, view.digests(0, Long.MAX_VALUE).stream().mapToInt(each -> each.count())
                .sum());
        assertEquals(2, store.lastArrival());
    }

    @Test
    void theIdOfWhatExpiredIsFree() {
        store.add(data("id", "raw", 0));
        clock.advance(RETENTION_MS);
        Data again = data("id", "another", RETENTION_MS);
        assertEquals(new Storage.Change.Added(again), store.add(again));
        Data other = data("id2", "raw", RETENTION_MS);
        store.add(data("id2", "raw", 0));
        assertEquals(List.of(again), records(store.arrivals(1, 1)));
        assertTrue(store.lastArrival() >= 2, "no sequence number is used twice");
        assertFalse(store.holds(other));
    }

    /** A store of the eight methods only, whose others are those of the interface. */
    private record Bare(Storage store) implements Storage {
        @Override
        public Change add(Data data) {
            return store.add(data);
        }

        @Override
        public Change merge(Data data) {
            return store.merge(data);
        }

        @Override
        public Optional<Data> get(String id) {
            return store.get(id);
        }

        @Override
        public List<Data> page(Position from, long toMs, int limit) {
            return store.page(from, toMs, limit);
        }

        @Override
        public List<Arrival> arrivals(long afterSeq, int limit) {
            return store.arrivals(afterSeq, limit);
        }

        @Override
        public long lastArrival() {
            return store.lastArrival();
        }

        @Override
        public int size() {
            return store.size();
        }

        @Override
        public long retentionMs() {
            return store.retentionMs();
        }
    }

    private List<Data> fill(int count) {
        Random random = new Random(2);
        List<Data> given = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Data data = data("id" + random.nextInt(count), "raw" + i,
                    random.nextInt((int) RETENTION_MS) - RETENTION_MS + 1);
            given.add(data);
            store.merge(data);
        }
        return given;
    }

    @Test
    void whatIsOverriddenAnswersAsTheDefaultMethodsDo() {
        List<Data> given = fill(3_000);
        clock.advance(RETENTION_MS / 3);
        Storage bare = new Bare(store);
        assertEquals(bare.list(), store.list());
        for (long sinceMs : new long[] {0, NOW_MS - RETENTION_MS / 2, NOW_MS + 1}) {
            Snapshot expected = bare.snapshot(sinceMs);
            Snapshot found = store.snapshot(sinceMs);
            assertEquals(json(expected), json(found));
            assertEquals(expected.size(), found.size());
            assertEquals(expected.jsonBytes(), found.jsonBytes());
            assertEquals(expected.oldestMs(), found.oldestMs());
        }
        for (Data data : given.subList(0, 100)) {
            assertEquals(bare.holds(data), store.holds(data));
            assertEquals(bare.seq(data), store.seq(data));
        }
        for (SipHash key : List.of(News.KEY, new SipHash(3, 4))) {
            assertViewsAgree(bare.keyed(key), store.keyed(key), given);
        }
    }

    private void assertViewsAgree(StoreView bare, StoreView view, List<Data> given) {
        assertEquals(bare.bucketMs(), view.bucketMs());
        List<Hash128> hashes = given.stream().map(view::hash).toList();
        assertEquals(given.stream().map(bare::hash).toList(), hashes);
        assertEquals(bare.findAll(hashes), view.findAll(hashes));
        assertFalse(view.isEmpty());
        long middle = NOW_MS - RETENTION_MS / 3 + 77;
        long[][] spans = {{0, Long.MAX_VALUE}, {middle, Long.MAX_VALUE}, {0, middle},
            {middle, middle + 1_234}, {middle, middle}};
        for (long[] span : spans) {
            assertEquals(bare.digests(span[0], span[1]), view.digests(span[0], span[1]));
            for (int cells : new int[] {1, CELLS, StoreView.PREFIX_CELLS + 1}) {
                assertEquals(cells(bare.sketch(span[0], span[1], cells)),
                        cells(view.sketch(span[0], span[1], cells)));
            }
            assertEquals(bare.page(new Position(span[0], ""), span[1], 99),
                    view.page(new Position(span[0], ""), span[1], 99));
        }
    }

    @Test
    void viewsOfEqualKeysAreEqual() {
        StoreView view = store.keyed(News.KEY);
        assertEquals(view, store.keyed(new SipHash(1, 2)));
        assertNotEquals(view, store.keyed(new SipHash(2, 1)));
        assertEquals(view, store.keyed(new SipHash(2, 1)).keyed(News.KEY));
        assertTrue(view.isEmpty());
    }

    /** Competing records of few ids, in an order of its own. */
    private static List<Data> competitors(int writer) {
        Random random = new Random(writer);
        List<Data> all = new ArrayList<>();
        for (int i = 0; i < RECORDS_EACH; i++) {
            all.add(data("id" + random.nextInt(IDS), "raw" + random.nextInt(5),
                    random.nextInt(20)));
        }
        return all;
    }

    @Test
    void mergesUnderContentionConvergeAndReadersOfArrivalsMissNothing() throws Exception {
        Map<String, Data> winners = new HashMap<>();
        List<Thread> writers = new ArrayList<>();
        CountDownLatch together = new CountDownLatch(1);
        for (int i = 0; i < WRITERS; i++) {
            List<Data> own = competitors(i);
            own.forEach(data -> winners.merge(data.id(), data,
                    (a, b) -> Data.MERGE.compare(a, b) <= 0 ? a : b));
            writers.add(new Thread(() -> {
                try {
                    together.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                own.forEach(store::merge);
            }));
        }
        AtomicBoolean written = new AtomicBoolean();
        Map<String, Data> read = new HashMap<>();
        Thread reader = new Thread(() -> {
            long seq = 0;
            boolean last = false;
            while (!last) {
                last = written.get();
                for (Arrival each : store.arrivals(seq, 7)) {
                    assertTrue(each.seq() > seq);
                    seq = each.seq();
                    read.put(each.data().id(), each.data());
                    last = false;
                }
            }
        });
        writers.forEach(Thread::start);
        reader.start();
        together.countDown();
        for (Thread writer : writers) {
            writer.join();
        }
        written.set(true);
        reader.join(10_000);
        assertEquals(winners, read, "the last record read of each id");
        assertEquals(winners.values().stream().sorted(Data.BY_TIME).toList(), store.list());
        assertEquals(IDS, store.size());
        assertEquals(cells(new Bare(store).keyed(News.KEY).sketch(0, Long.MAX_VALUE, CELLS)),
                cells(store.keyed(News.KEY).sketch(0, Long.MAX_VALUE, CELLS)));
    }

    @Test
    void ofManyAddsOfOneIdOneIsStored() throws Exception {
        List<Storage.Change> changes = Collections.synchronizedList(new ArrayList<>());
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            String raw = "raw" + i;
            clients.add(new Thread(() -> {
                for (int n = 0; n < IDS; n++) {
                    changes.add(store.add(data("id" + n, raw, n)));
                }
            }));
        }
        clients.forEach(Thread::start);
        for (Thread client : clients) {
            client.join();
        }
        assertEquals(IDS, changes.stream().filter(Storage.Change.Added.class::isInstance).count());
        assertEquals(IDS, store.list().size());
    }

    @Test
    void whoWaitsForAnArrivalSeesIt() throws Exception {
        AtomicBoolean seen = new AtomicBoolean();
        Thread reader = new Thread(() -> {
            try {
                while (!store.awaitArrival(0, 60_000)) {
                    seen.set(false);
                }
                seen.set(store.arrivals(0, 1).size() == 1);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        reader.start();
        store.add(data("id", "raw", 0));
        Await.until("it is read", 5, seen::get);
        reader.join();
    }
}
