package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Data;
import bcast.data.JsonCursor;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.Stores;
import bcast.testing.TestClock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** The order of arrival, which cursors and event streams follow. */
@Isolated("measures the heap")
final class ArrivalsTest {

    private static final long NOW = 1_700_000_000_000L;
    private static final long HOUR_MS = 3_600_000;

    private final TestClock clock = TestClock.standing(NOW);
    private final MapStorage storage = Stores.map(HOUR_MS, 300_000, 1 << 28, Contexts.quiet(clock));

    private List<String> ids(long after, int limit) {
        return storage.arrivals(after, limit).stream().map(each -> each.data().id()).toList();
    }

    @Test
    void recordsComeInTheOrderInWhichTheyWereStoredWhateverTheirTime() {
        storage.merge(News.data("b", "raw", NOW - 5));
        storage.merge(News.data("a", "raw", NOW - 50));
        storage.add(News.data("c", "raw", NOW));
        assertEquals(List.of("b", "a", "c"), ids(0, 10));
        assertEquals(List.of("b", "a"), ids(0, 2));
        assertEquals(List.of("c"), ids(2, 10));
        assertEquals(List.of(), ids(3, 10));
        assertEquals(3, storage.lastArrival());
    }

    @Test
    void whatReplacesAnotherComesAnew() {
        storage.merge(News.data("a", "raw", NOW - 1));
        storage.merge(News.data("b", "raw", NOW));
        storage.merge(News.data("a", "other", NOW - 5));
        assertEquals(List.of(2L, 3L), storage.arrivals(0, 10).stream().map(Arrival::seq).toList());
        assertEquals(List.of("a"), ids(2, 10));
    }

    @Test
    void whatExpiredIsPassedOverAtOnceAndForgottenWhenSwept() {
        for (int i = 0; i < 5_000; i++) {
            storage.merge(News.data("old" + i, "raw", NOW - HOUR_MS + 1));
        }
        storage.merge(News.data("new", "raw", NOW));
        clock.advance(1);
        assertEquals(List.of("new"), ids(0, 10));
        clock.advance(HOUR_MS / 2);
        storage.sweep();
        assertEquals(List.of("new"), ids(0, 10));
        assertEquals(1, storage.size());
    }

    @Test
    void aReaderThatFollowsSeesEachRecordOnceWhileOthersWrite() throws Exception {
        int writers = 4;
        int each = 20_000;
        CountDownLatch written = new CountDownLatch(writers);
        for (int w = 0; w < writers; w++) {
            String name = "w" + w + "-";
            new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    storage.merge(News.data(name + i, "raw", NOW - i % 1_000));
                }
                written.countDown();
            }).start();
        }
        Set<String> seen = new HashSet<>();
        long seq = 0;
        while (seen.size() < writers * each) {
            assertTrue(storage.awaitArrival(seq, 10_000), "after " + seq);
            for (Arrival arrival : storage.arrivals(seq, 777)) {
                assertTrue(arrival.seq() > seq);
                seq = arrival.seq();
                assertTrue(seen.add(arrival.data().id()), arrival.data().id() + " twice");
            }
        }
        written.await();
        assertEquals(writers * each, seq);
    }

    @Test
    @Timeout(20)
    void whoWaitsIsWoken() throws Exception {
        assertFalse(storage.awaitArrival(0, 1));
        AtomicBoolean came = new AtomicBoolean();
        Thread reader = new Thread(() -> {
            try {
                while (!storage.awaitArrival(0, 60_000)) {
                    Thread.onSpinWait();
                }
                came.set(true);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        reader.start();
        storage.add(News.data("a", "raw", NOW));
        reader.join();
        assertTrue(came.get());
    }

    private static List<String> json(Snapshot snapshot) {
        List<String> all = new ArrayList<>();
        for (JsonCursor cursor = snapshot.json().get(); cursor.next();) {
            byte[] json = new byte[cursor.length()];
            assertEquals(json.length, cursor.write(0, json, 0));
            all.add(new String(json, StandardCharsets.UTF_8));
        }
        return all;
    }

    @Test
    void equalStoresHaveEqualSumsFromAnyTimeOn() {
        MapStorage other = Stores.map(HOUR_MS, 300_000, 1 << 28, Contexts.quiet(clock));
        List<Data> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            all.add(News.data("id" + i, "raw", NOW - i * 3_000L));
        }
        all.forEach(storage::merge);
        for (int i = all.size() - 1; i >= 0; i--) {
            other.merge(all.get(i));
        }
        for (long since : new long[] {0, NOW - 1_000_000, NOW - 1_234_567, NOW, NOW + 1}) {
            assertEquals(storage.snapshot(since).sum(), other.snapshot(since).sum());
            List<String> listed = storage.list().stream()
                    .filter(data -> data.timestamp() >= since).map(Data::toString).toList();
            for (Snapshot snapshot : List.of(storage.snapshot(since), other.snapshot(since))) {
                assertEquals(listed, json(snapshot));
                assertEquals(listed.size(), snapshot.size());
                assertEquals(listed.stream().mapToLong(String::length).sum(),
                        snapshot.jsonBytes());
            }
        }
        assertEquals(all.size(), storage.snapshot(0).size());
        Data shorter = News.data("id5", "r", NOW - 5 * 3_000L - 1);
        assertInstanceOf(Storage.Change.Replaced.class, other.merge(shorter));
        assertEquals(other.list().stream().mapToLong(Data::jsonLength).sum(),
                other.snapshot(0).jsonBytes());
        other.merge(News.data("more", "raw", NOW));
        assertFalse(storage.snapshot(0).sum().equals(other.snapshot(0).sum()));
    }

    private static final int MANY = 1_000_000;

    private final Arrivals order = new Arrivals();

    /** So many entries, of the same record. */
    private static Entry[] entries(int count) {
        Data data = Data.of("i", "r", "s", NOW);
        Entry[] entries = new Entry[count];
        Arrays.setAll(entries, any -> new Entry(data));
        return entries;
    }

    /** Bytes in use, without garbage. */
    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    /** A place takes four bytes at least: kept, those of all would be much more. */
    private static void assertForgotten(long heapBefore) {
        long more = heap() - heapBefore;
        assertTrue(more < MANY, () -> more + " bytes more");
    }

    private void assertOnlyLast(long last) {
        assertEquals(last, order.last());
        List<Arrival> page = new ArrayList<>();
        order.after(0, 10, page);
        assertEquals(List.of(last), page.stream().map(Arrival::seq).toList());
    }

    @Test
    void placesOfOldRecordsThatAreGoneTakeNoMemory() {
        Entry[] entries = entries(MANY + 2);
        long before = heap();
        for (int i = 0; i <= MANY; i++) {
            order.add(entries[i], false);
        }
        for (int i = MANY - 1; i >= 0; i--) {
            order.remove(entries[i]);
        }
        assertForgotten(before);
        assertOnlyLast(MANY + 1);
        order.add(entries[MANY + 1], false);
        order.remove(entries[MANY]);
        assertOnlyLast(MANY + 2);
    }

    @Test
    void placesThatWereEmptyBeforeOthersCameTakeNoMemory() {
        Entry[] entries = entries(MANY);
        long before = heap();
        for (Entry entry : entries) {
            order.add(entry, false);
            order.remove(entry);
        }
        assertForgotten(before);
        assertEquals(MANY, order.last());
        order.add(entries[0], false);
        assertOnlyLast(MANY + 1);
    }

    @Test
    void aRecordAmongManyThatAreGoneKeepsItsPlace() {
        Entry[] entries = entries(10_000);
        for (Entry entry : entries) {
            order.add(entry, false);
        }
        List<Long> left = new ArrayList<>();
        for (int i = 1; i <= entries.length; i++) {
            if (i % 3_000 == 1_023 || i % 3_000 == 1_024) {
                left.add((long) i);
            } else {
                order.remove(entries[i - 1]);
            }
        }
        List<Arrival> page = new ArrayList<>();
        order.after(0, 100, page);
        assertEquals(left, page.stream().map(Arrival::seq).toList());
        for (int i = 0; i < left.size(); i++) {
            List<Arrival> next = new ArrayList<>();
            order.after(left.get(i) - 1, 1, next);
            assertEquals(left.get(i), next.get(0).seq());
        }
    }
}
