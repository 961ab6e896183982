package bcast.storage;

import bcast.data.Data;
import bcast.data.SipHash;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.TestClock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures a bucket of 10,000, 100,000 and 1,000,000 records, by turns with one that is
 * {@link SortedWhenRead}: the read after a late record, records of which half come in no order
 * while others read, and the sum of a part. Prints a row for each.
 */
final class OrderBench {

    private static final int[] SIZES = {10_000, 100_000, 1_000_000};
    private static final int ROUNDS = 20;
    /** Records that come in no order between two reads. */
    private static final int PORTION = 4_096;
    private static final SipHash KEY = new SipHash(1, 2);
    private static final HashKeys KEYS = new HashKeys(List.of(KEY));

    /** Either of the two. */
    private interface Kept {
        void add(Data data);

        List<Data> page(long fromMs, int limit);

        Sketch sum(long fromMs, int cells);
    }

    private static final class Now implements Kept {
        private final Bucket order = new Bucket(0);
        private final MemoryLimit limit = noLimit();

        @Override
        public void add(Data data) {
            order.add(KEYS.hash(data), limit);
        }

        @Override
        public List<Data> page(long fromMs, int limit) {
            List<Data> page = new ArrayList<>();
            order.page(new Position(fromMs, ""), Long.MAX_VALUE, limit, page);
            return page;
        }

        @Override
        public Sketch sum(long fromMs, int cells) {
            Sketch sum = new Sketch(cells);
            order.addTo(sum, fromMs, Long.MAX_VALUE, KEY);
            return sum;
        }
    }

    private static final class WhenRead implements Kept {
        private final SortedWhenRead order = new SortedWhenRead();
        private final MemoryLimit limit = noLimit();

        /** Takes a monitor and counts memory as a bucket does: only the order is compared. */
        @Override
        public synchronized void add(Data data) {
            mustBe(limit.take(RecordBytes.of(data)));
            order.add(data, KEY);
        }

        @Override
        public List<Data> page(long fromMs, int limit) {
            List<Data> page = new ArrayList<>();
            order.page(fromMs, limit, page);
            return page;
        }

        @Override
        public Sketch sum(long fromMs, int cells) {
            Sketch sum = new Sketch(cells);
            order.addTo(sum, fromMs, KEY);
            return sum;
        }
    }

    /** What was measured of one of the two, in milliseconds. */
    private record Times(double fill, double late, double heal, double sum) {}

    private OrderBench() {}

    public static void main(String[] args) {
        System.out.printf("%-12s %-34s %14s %14s%n", "records", "ms", "sorted on read", "in order");
        for (int warmUp = 0; warmUp < 5; warmUp++) {
            measure(new WhenRead(), SIZES[0]);
            measure(new Now(), SIZES[0]);
        }
        for (int size : SIZES) {
            Times before = measure(new WhenRead(), size);
            Times after = measure(new Now(), size);
            row(size, "add all in order", before.fill, after.fill);
            row(size, "a late record and a read, longest", before.late, after.late);
            row(size, "add half in no order, and read", before.heal, after.heal);
            row(size, "sum of a part, longest", before.sum, after.sum);
        }
    }

    private static MemoryLimit noLimit() {
        return new MemoryLimit(new AtomicLong(), Long.MAX_VALUE,
                Contexts.quiet(TestClock.standing(0)).log());
    }

    private static void row(int size, String name, double before, double after) {
        System.out.printf(Locale.ROOT, "%-12d %-34s %14.3f %14.3f%n", size, name, before, after);
    }

    private static Data record(int i, long timestamp) {
        return News.data(String.format(Locale.ROOT, "%036d", i),
                String.format(Locale.ROOT, "%0100d", i), timestamp);
    }

    private static Times measure(Kept kept, int size) {
        Random random = new Random(size);
        List<Data> all = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            all.add(record(i, i));
        }
        long startNs = System.nanoTime();
        all.forEach(kept::add);
        double fillMs = ms(startNs);
        double[] late = new double[ROUNDS];
        double[] sums = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            Data data = record(size + i, random.nextInt(size));
            startNs = System.nanoTime();
            kept.add(data);
            mustBe(kept.page(data.timestamp(), 2).contains(data));
            late[i] = ms(startNs);
            startNs = System.nanoTime();
            Sketch sum = kept.sum(random.nextInt(size), i % 2 == 0 ? 1 : StoreView.PREFIX_CELLS);
            sums[i] = ms(startNs);
            mustBe(sum.cell(0).count() > 0);
        }
        return new Times(fillMs, Arrays.stream(late).max().getAsDouble(), heal(kept, all),
                Arrays.stream(sums).max().getAsDouble());
    }

    /** As many records as are held, each after one of them, in no order. */
    private static double heal(Kept kept, List<Data> held) {
        List<Data> others = new ArrayList<>();
        for (int i = 0; i < held.size() / 2; i++) {
            others.add(record(-1 - i, held.get(2 * i).timestamp()));
        }
        Collections.shuffle(others, new Random(held.size()));
        long startNs = System.nanoTime();
        for (int i = 0; i < others.size(); i++) {
            kept.add(others.get(i));
            if (i % PORTION == 0) {
                mustBe(kept.page(others.get(i).timestamp(), 3).contains(others.get(i)));
            }
        }
        return ms(startNs);
    }

    private static double ms(long startNs) {
        return (System.nanoTime() - startNs) / 1e6;
    }

    private static void mustBe(boolean condition) {
        if (!condition) {
            throw new AssertionError("a record is missing");
        }
    }
}
