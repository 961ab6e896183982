package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Data;
import bcast.data.JsonCursor;
import bcast.data.SipHash;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.TestClock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The order of a bucket, held against a sorted list. */
final class OrderTest {

    private static final HashKeys KEYS = new HashKeys(List.of(News.KEY));
    private static final SipHash OTHER_KEY = new SipHash(3, 4);
    private static final int SKETCH_BYTES = StoreView.PREFIX_CELLS * Sketch.Cell.BYTES;

    private final AtomicLong used = new AtomicLong();
    private final MemoryLimit limit = new MemoryLimit(used, Long.MAX_VALUE,
            Contexts.quiet(TestClock.standing(0)).log());
    private final Bucket order = new Bucket(0);
    private final TreeSet<Data> expected = new TreeSet<>(Data.BY_TIME);

    private static Data data(int id, long timestamp) {
        return News.data("id" + id, "raw", timestamp);
    }

    private void add(Data data) {
        assertEquals(Bucket.Added.YES, order.add(KEYS.hash(data), limit));
        assertEquals(used.get(), order.bytes());
    }

    private void addExpected(Data data) {
        expected.add(data);
        add(data);
    }

    /** Adds a record and returns the bytes that it took for sketches. */
    private long sketched(Data data) {
        long before = order.bytes();
        addExpected(data);
        return order.bytes() - before - RecordBytes.of(data);
    }

    private List<Data> page(Position from, long toMs, int limit) {
        List<Data> page = new ArrayList<>();
        order.page(from, toMs, limit, page);
        return page;
    }

    private static void assertSum(List<Data> all, SipHash key, Sketch sum) {
        Sketch made = new Sketch(sum.cells());
        all.forEach(data -> made.toggle(data.hash(key), 1));
        for (int i = 0; i < sum.cells(); i++) {
            assertEquals(made.cell(i), sum.cell(i));
        }
    }

    private void assertSums(SipHash key, int cells, long fromMs, long toMs) {
        Sketch sum = new Sketch(cells);
        assertTrue(order.addTo(sum, fromMs, toMs, key));
        assertSum(expected.stream().filter(data -> data.timestamp() >= fromMs
                && data.timestamp() < toMs).toList(), key, sum);
    }

    private void assertPinned(long fromMs) {
        PinnedRecords records = new PinnedRecords();
        Sketch sum = new Sketch(1);
        assertTrue(order.appendTo(records, fromMs, sum, News.KEY));
        List<Data> all = expected.stream().filter(data -> data.timestamp() >= fromMs)
                .toList();
        assertSum(all, News.KEY, sum);
        Snapshot snapshot = records.snapshot(sum.cell(0).sum());
        assertEquals(all.size(), snapshot.size());
        assertEquals(all.stream().mapToLong(Data::jsonLength).sum(), snapshot.jsonBytes());
        JsonCursor json = snapshot.json().get();
        for (Data each : all) {
            assertTrue(json.next());
            byte[] written = new byte[json.length()];
            assertEquals(written.length, json.write(0, written, 0));
            assertArrayEquals(each.json(), written);
        }
        assertFalse(json.next());
    }

    private void assertAsExpected(Random random, int spanMs) {
        assertEquals(List.copyOf(expected), page(Position.START, Long.MAX_VALUE,
                Integer.MAX_VALUE));
        for (int span = 0; span < 4; span++) {
            long fromMs = random.nextInt(spanMs + 1);
            long toMs = random.nextInt(spanMs + 1);
            assertSums(News.KEY, 1, fromMs, toMs);
            assertSums(News.KEY, StoreView.PREFIX_CELLS, fromMs, Long.MAX_VALUE);
            Sketch none = new Sketch(3);
            assertEquals(expected.isEmpty(),
                    order.addTo(none, fromMs, Long.MAX_VALUE, OTHER_KEY));
            assertSum(List.of(), OTHER_KEY, none);
            assertPinned(fromMs);
        }
        assertSums(News.KEY, StoreView.PREFIX_CELLS, 0, Long.MAX_VALUE);
    }

    private void remove(Data data) {
        int before = order.slices();
        assertTrue(expected.remove(data));
        long free = order.remove(KEYS.hash(data));
        assertEquals(RecordBytes.of(data) + (before - order.slices()) * SKETCH_BYTES, free);
        used.addAndGet(-free);
    }

    @Test
    void equalsASortedListWhateverIsAddedAndRemovedInWhateverOrder() {
        for (int seed = 1; seed <= 3; seed++) {
            Random random = new Random(seed);
            // From thousands of records a millisecond to less than one.
            int spanMs = 1 << 5 * seed;
            for (int step = 0; step < 5; step++) {
                for (int i = 0; i < 12_000; i++) {
                    addExpected(data(100_000 * step + 20_000_000 * seed + random.nextInt(50_000)
                            + 1_000_000 * i, random.nextInt(spanMs)));
                }
                List<Data> held = new ArrayList<>(expected);
                Collections.shuffle(held, random);
                held.subList(0, 1_000).forEach(this::remove);
                assertAsExpected(random, spanMs);
            }
            List<Data> rest = new ArrayList<>(expected);
            Collections.shuffle(rest, random);
            rest.forEach(this::remove);
            assertAsExpected(random, spanMs);
            assertEquals(0, order.slices());
            assertEquals(0, order.bytes());
        }
    }

    @Test
    void recordsInOrderFillEachSliceToItsLimit() {
        for (int i = 0; i < Slice.MAX; i++) {
            assertEquals(i == 0 ? SKETCH_BYTES : 0, sketched(data(i, i)));
        }
        assertEquals(1, order.slices());
        assertEquals(SKETCH_BYTES, sketched(data(Slice.MAX, Slice.MAX)));
        assertEquals(2, order.slices());
        for (int i = Slice.MAX + 1; i < 2 * Slice.MAX; i++) {
            addExpected(data(i, i));
        }
        assertEquals(2, order.slices());
        assertAsExpected(new Random(1), 2 * Slice.MAX);
    }

    @Test
    void aLateRecordSplitsAFullSliceWhereverItBelongs() {
        int half = Slice.MAX / 2;
        for (int at : new int[] {0, 1, half - 1, half, half + 1, Slice.MAX - 1}) {
            OrderTest fresh = new OrderTest();
            for (int i = 0; i < Slice.MAX; i++) {
                fresh.addExpected(data(i, 2 * i + 1));
            }
            Data late = data(Slice.MAX, 2 * at);
            assertEquals(SKETCH_BYTES, fresh.sketched(late));
            assertEquals(2, fresh.order.slices());
            fresh.assertAsExpected(new Random(at), 2 * Slice.MAX);
        }
    }

    @Test
    void descendingRecordsAreInOrder() {
        for (int i = 2 * Slice.MAX; i > 0; i--) {
            addExpected(data(i, i));
        }
        assertAsExpected(new Random(1), 2 * Slice.MAX);
    }

    @Test
    void ofTwoRecordsWithOneIdAndTimeTheOneThatIsNamedIsRemoved() {
        Data loser = News.data("id", "b", 5);
        Data winner = News.data("id", "a", 5);
        for (boolean first : new boolean[] {true, false}) {
            add(loser);
            add(winner);
            Data gone = first ? loser : winner;
            Data left = first ? winner : loser;
            assertEquals(RecordBytes.of(gone), order.remove(KEYS.hash(gone)));
            assertEquals(0, order.remove(KEYS.hash(gone)));
            assertEquals(List.of(left), page(Position.START, 9, 9));
            assertEquals(RecordBytes.of(left) + SKETCH_BYTES, order.remove(KEYS.hash(left)));
            assertEquals(List.of(), page(Position.START, 9, 9));
            used.set(0);
        }
    }

    @Test
    void pagesGoOnOverTheEndOfASlice() {
        for (int i = 0; i < Slice.MAX + 10; i++) {
            addExpected(data(i, i));
        }
        List<Data> all = List.copyOf(expected);
        Position at = Position.after(all.get(Slice.MAX - 3));
        assertEquals(all.subList(Slice.MAX - 2, Slice.MAX + 2), page(at, Long.MAX_VALUE, 4));
        assertEquals(all.subList(Slice.MAX - 2, Slice.MAX), page(at, Slice.MAX, 4));
        at = Position.after(all.get(Slice.MAX - 1));
        assertEquals(all.subList(Slice.MAX, Slice.MAX + 10), page(at, Long.MAX_VALUE, 99));
    }

    /** A record of a length as JSON; the signature is not checked here. */
    private static Data large(int id, long timestamp, int jsonLength) {
        int rest = Data.of(String.valueOf(id), "r", "s", timestamp).jsonLength() - 1;
        return Data.of(String.valueOf(id), "r".repeat(jsonLength - rest), "s", timestamp);
    }

    /** Bytes that one more record would take for sketches, which is not there afterwards. */
    private long sketchedAt(long timestamp) {
        Data data = large(0, timestamp, 100);
        long bytes = sketched(data);
        remove(data);
        return bytes;
    }

    @Test
    void aSliceOfLargeRecordsIsFullAtItsLimitOfBytes() {
        int each = Slice.MAX_JSON_BYTES / 8;
        for (int i = 0; i < 7; i++) {
            addExpected(large(i, i, each));
        }
        Data almost = large(7, 7, each - 1);
        addExpected(almost);
        assertEquals(0, sketchedAt(9), "a byte is missing");
        remove(almost);
        addExpected(large(7, 7, each));
        assertEquals(SKETCH_BYTES, sketchedAt(9));
        assertEquals(1, order.slices());
        addExpected(large(8, 8, 100));
        assertEquals(2, order.slices());
        assertAsExpected(new Random(1), 10);
    }

    @Test
    void aSliceHasTwoRecordsHoweverLarge() {
        String raw = "\u0001".repeat(Data.MAX_RAW_BYTES);
        for (int i = 1; i <= 4; i++) {
            Data data = Data.of("id" + i, raw, "s", 2 * i);
            assertTrue(data.jsonLength() > Slice.MAX_JSON_BYTES);
            assertEquals(i % 2 == 1 ? SKETCH_BYTES : 0, sketched(data));
        }
        assertEquals(2, order.slices());
        addExpected(Data.of("id5", raw, "s", 3));
        assertEquals(3, order.slices());
        assertAsExpected(new Random(1), 10);
    }

    @Test
    void aFullSliceOfLargeRecordsIsSplitInHalvesOfBytes() {
        // All small ones first: halves of their number would leave all bytes in one.
        for (int i = 0; i < 1_000; i++) {
            addExpected(large(i, 2 * i, 100));
        }
        int each = Slice.MAX_JSON_BYTES / 8;
        for (int i = 1_000; i < 1_008; i++) {
            addExpected(large(i, 2 * i, each));
        }
        assertEquals(1, order.slices());
        assertEquals(SKETCH_BYTES, sketched(large(2_000, 1, 100)));
        assertEquals(2, order.slices());
        for (int i = 0; i < 3; i++) {
            assertEquals(0, sketchedAt(1));
            assertEquals(0, sketchedAt(9_000));
            addExpected(large(3_000 + i, 2 * i + 3, each));
            addExpected(large(4_000 + i, 5_000 + i, each));
        }
        assertEquals(2, order.slices());
        assertAsExpected(new Random(1), 3_000);
    }

    @Test
    void largeRecordsInAnyOrderEqualASortedList() {
        Random random = new Random(1);
        for (int i = 0; i < 1_500; i++) {
            addExpected(large(i, random.nextInt(2_000), 100 + random.nextInt(60_000)));
        }
        long bytes = expected.stream().mapToLong(Data::jsonLength).sum();
        assertTrue(order.slices() >= bytes / (Slice.MAX_JSON_BYTES + 60_100),
                order.slices() + " slices for " + bytes + " bytes");
        assertTrue(order.slices() <= bytes / (Slice.MAX_JSON_BYTES / 3) + 1,
                order.slices() + " slices for " + bytes + " bytes");
        assertAsExpected(random, 2_000);
        List<Data> held = new ArrayList<>(expected);
        Collections.shuffle(held, random);
        held.forEach(this::remove);
        assertEquals(0, order.slices());
    }

    @Test
    void otherKeysAreForAllSlices() {
        for (int i = 0; i < 2 * Slice.MAX; i++) {
            addExpected(data(i, i));
        }
        HashKeys both = new HashKeys(List.of(OTHER_KEY, News.KEY));
        long records = order.bytes() - 2 * SKETCH_BYTES;
        assertTrue(order.rekeyOne(both, used));
        assertEquals(records + 3 * SKETCH_BYTES, order.bytes());
        assertFalse(order.addTo(new Sketch(1), 0, Long.MAX_VALUE, OTHER_KEY), "not all keep it");
        assertEquals(2 * SKETCH_BYTES, sketched(data(-1, 7)));
        assertEquals(3, order.slices());
        assertTrue(order.rekeyOne(both, used));
        assertFalse(order.rekeyOne(both, used));
        assertEquals(records + RecordBytes.of(data(-1, 7)) + 6 * SKETCH_BYTES, order.bytes());
        assertEquals(used.get(), order.bytes());
        assertSums(OTHER_KEY, StoreView.PREFIX_CELLS, 0, Long.MAX_VALUE);
        assertSums(News.KEY, StoreView.PREFIX_CELLS, 5, 9_000);
    }
}
