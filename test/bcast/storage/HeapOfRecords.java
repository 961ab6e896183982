package bcast.storage;

import bcast.data.Data;
import bcast.testing.Contexts;
import bcast.testing.Stores;
import bcast.testing.TestClock;
import java.util.Locale;

/**
 * Fills stores to their budget with records of one length after another, and prints a line for
 * each: the length of the texts, how many records fit, what they take of the heap, and what the
 * store counts, in bytes.
 */
final class HeapOfRecords {

    private static final long NOW = 1_700_000_000_000L;
    private static final long BUDGET = 64L << 20;
    private static final int PLAIN_BYTES = 10_000;
    /** A control character has this many bytes in JSON. */
    private static final int ESCAPED = 6;
    private static final String SIGNATURE = "0123456789abcdef0123456789abcdef";

    private HeapOfRecords() {}

    public static void main(String[] lengths) {
        for (String length : lengths) {
            long before = heap();
            MapStorage storage = fill(Integer.parseInt(length));
            long taken = heap() - before;
            System.out.println(length + " " + storage.size() + " " + taken + " "
                    + storage.bytes());
        }
    }

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

    private static MapStorage fill(int length) {
        MapStorage storage = Stores.map(86_400_000, 300_000, BUDGET,
                Contexts.quiet(TestClock.standing(NOW)));
        String tail = length <= PLAIN_BYTES ? "x".repeat(length)
                : "\u0001".repeat(length / ESCAPED);
        long i = 0;
        Storage.Change change;
        do {
            String number = String.format(Locale.ROOT, "%036d", i);
            change = storage.merge(Data.of(number, tail, SIGNATURE, NOW - i++ % 80_000_000));
        } while (change instanceof Storage.Change.Added);
        return storage;
    }
}
