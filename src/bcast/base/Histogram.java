package bcast.base;

import java.util.Arrays;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts durations up to each of several bounds, from a tenth of a millisecond to an hour.
 * Safe for use by any thread.
 */
public final class Histogram {

    private static final double[] BOUNDS_SECONDS = {0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5,
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60, 600, 3_600};

    private final LongAdder[] counts = new LongAdder[BOUNDS_SECONDS.length + 1];
    private final DoubleAdder sum = new DoubleAdder();

    /** Without any durations. */
    Histogram() {
        Arrays.setAll(counts, any -> new LongAdder());
    }

    /**
     * Adds a duration.
     *
     * @param seconds the duration; not negative
     */
    public void observe(double seconds) {
        int at = Arrays.binarySearch(BOUNDS_SECONDS, seconds);
        counts[at < 0 ? -at - 1 : at].increment();
        sum.add(seconds);
    }

    /** {@return the bounds in seconds, ascending} */
    public static double[] bounds() {
        return BOUNDS_SECONDS.clone();
    }

    /** {@return the number of durations up to each bound, and last the number of all} */
    public long[] cumulative() {
        long[] all = new long[counts.length];
        long before = 0;
        for (int i = 0; i < counts.length; i++) {
            before += counts[i].sum();
            all[i] = before;
        }
        return all;
    }

    /** {@return the sum of all durations in seconds} */
    public double sum() {
        return sum.sum();
    }
}
