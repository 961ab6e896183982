package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import bcast.data.Data;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.Stores;
import bcast.testing.TestClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Holds the byte budget against the heap: fills a store to it and looks. */
@Isolated("measures the heap")
final class MemoryTest {

    private static final long NOW = 1_700_000_000_000L;
    private static final long BUDGET = 64L << 20;

    /** The heap in use after garbage collection, when it no longer changes much. */
    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        long last = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            System.gc();
            long used = runtime.totalMemory() - runtime.freeMemory();
            if (Math.abs(last - used) < 64 * 1024) {
                return used;
            }
            last = used;
        }
        return last;
    }

    private static MapStorage fill(int rawBytes) {
        TestClock clock = TestClock.standing(NOW);
        MapStorage storage = Stores.map(86_400_000, 300_000, BUDGET, Contexts.quiet(clock));
        String tail = "x".repeat(rawBytes - 12);
        long i = 0;
        while (!storage.full()) {
            String id = String.format("%036d", i);
            storage.merge(Data.of(id, String.format("%012d", i) + tail,
                    "0123456789abcdef0123456789abcdef", NOW - i++ % 80_000_000));
        }
        return storage;
    }

    private static void check(int rawBytes) {
        long before = heap();
        MapStorage storage = fill(rawBytes);
        long taken = heap() - before;
        System.out.printf("raw of %d bytes: %d records, heap %.3f of the budget, %d bytes each%n",
                rawBytes, storage.size(), (double) taken / BUDGET, taken / storage.size());
        assertEquals(BUDGET, taken, 0.15 * BUDGET);
        assertEquals(BUDGET, storage.bytes(), 0.01 * BUDGET);
    }

    @Test
    void smallRecords() {
        check(100);
    }

    @Test
    void largeRecords() {
        check(10_000);
    }
}
