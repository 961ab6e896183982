package bcast.sim;

import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs seeds, as many at a time as there are processors: {@code SimMain FIRST COUNT}; or until one
 * fails: {@code SimMain find FIRST COUNT}; or one with its whole story: {@code SimMain SEED}.
 */
final class SimMain {

    private static final int MAX_REASON_CHARS = 200;

    private SimMain() {}

    public static void main(String[] args) throws InterruptedException {
        if (args.length == 1) {
            System.exit(replay(Long.parseLong(args[0])) ? 0 : 1);
        }
        boolean find = args[0].equals("find");
        long first = Long.parseLong(args[args.length - 2]);
        long count = Long.parseLong(args[args.length - 1]);
        long start = System.nanoTime();
        long failed = run(first, count, find);
        System.out.printf("%d seeds from %d: %d failed, %.1f s%n", count, first, failed,
                (System.nanoTime() - start) / 1e9);
        System.exit(failed == 0 ? 0 : 1);
    }

    private static long run(long first, long count, boolean find) throws InterruptedException {
        ConcurrentSkipListMap<Long, String> failures = new ConcurrentSkipListMap<>();
        AtomicLong next = new AtomicLong(first);
        int threads = Runtime.getRuntime().availableProcessors();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        for (int i = 0; i < threads; i++) {
            pool.execute(() -> {
                long seed = next.getAndIncrement();
                while (seed < first + count && !(find && !failures.isEmpty())) {
                    long mine = seed;
                    reason(mine).ifPresent(why -> {
                        failures.put(mine, why);
                        System.out.println("make sim SEED=" + mine + "  # " + why);
                    });
                    seed = next.getAndIncrement();
                }
            });
        }
        pool.shutdown();
        pool.awaitTermination(Long.MAX_VALUE, TimeUnit.SECONDS);
        return failures.size();
    }

    /** Why a seed fails, if it does. */
    private static Optional<String> reason(long seed) {
        try {
            new Scenario(seed, false).run();
            return Optional.empty();
        } catch (AssertionError | RuntimeException e) {
            String what = e.toString();
            return Optional.of(what.substring(0, Math.min(MAX_REASON_CHARS, what.length())));
        }
    }

    private static boolean replay(long seed) {
        Scenario scenario = new Scenario(seed, true);
        String end;
        boolean kept = false;
        try {
            end = scenario.run();
            kept = true;
        } catch (AssertionError | RuntimeException e) {
            end = "seed " + seed + ": " + e;
        }
        scenario.lines().forEach(System.out::println);
        System.out.println(end);
        return kept;
    }
}
