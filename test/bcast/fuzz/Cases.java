package bcast.fuzz;

import java.io.IOException;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs cases side by side. Each has its own chance, of the seed and its number alone, so that one
 * can be had again without the others.
 */
final class Cases {

    /** One kind of cases. */
    interface Case {
        /** Whether there are to be more. */
        boolean more();

        /** Runs one; several threads do at a time. */
        void run(Random random) throws IOException;
    }

    private static final int CHECK_EVERY = 256;

    private final long seed;
    private final OptionalLong only;

    /** Cases of a seed: all of them, or only one. */
    Cases(long seed, OptionalLong only) {
        this.seed = seed;
        this.only = only;
    }

    long seed() {
        return seed;
    }

    /** Runs cases, so many side by side, until there are enough. Returns how many. */
    long run(String name, Case kind, int side, Vitals vitals) throws InterruptedException {
        AtomicLong next = new AtomicLong();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        if (only.isPresent()) {
            run(name, kind, only.getAsLong(), vitals, failure);
        } else {
            Thread[] threads = new Thread[side];
            for (int i = 0; i < side; i++) {
                threads[i] = new Thread(() -> {
                    while (kind.more() && failure.get() == null) {
                        run(name, kind, next.getAndIncrement(), vitals, failure);
                    }
                }, name + " " + i);
                threads[i].start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get().getMessage(), failure.get().getCause());
        }
        return next.get();
    }

    private void run(String name, Case kind, long number, Vitals vitals,
            AtomicReference<Throwable> failure) {
        try {
            kind.run(Seeds.of(seed, number));
            if (number % CHECK_EVERY == 0) {
                vitals.check();
            }
        } catch (IOException | RuntimeException | Error e) {
            failure.compareAndSet(null, new AssertionError(name + ": SEED=" + seed + " CASE="
                    + number + ", if not one just before: " + why(e, vitals), e));
        }
    }

    /** What the node itself says comes first. */
    private static Throwable why(Throwable seen, Vitals vitals) {
        try {
            vitals.check();
            return seen;
        } catch (AssertionError said) {
            return said;
        }
    }
}
