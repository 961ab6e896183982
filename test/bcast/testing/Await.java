package bcast.testing;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for conditions, never for time. */
public final class Await {

    private static final long CHECK_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private Await() {}

    /** Waits until a condition holds. */
    public static void until(String what, double seconds, Callable<Boolean> condition)
            throws Exception {
        until(() -> what, seconds, condition);
    }

    /** Waits until a condition holds; the text is made when it does not. */
    public static void until(Supplier<String> what, double seconds, Callable<Boolean> condition)
            throws Exception {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + seconds + " s: " + what.get());
            }
            LockSupport.parkNanos(CHECK_NS);
        }
    }

    /** Checks that a condition holds the whole time. */
    public static void always(String what, double seconds, Callable<Boolean> condition)
            throws Exception {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        do {
            if (!condition.call()) {
                throw new AssertionError("no longer: " + what);
            }
            LockSupport.parkNanos(CHECK_NS);
        } while (System.nanoTime() < end);
    }
}
