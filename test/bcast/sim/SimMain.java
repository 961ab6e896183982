package bcast.sim;

import java.util.ArrayList;
import java.util.List;

/** Runs seeds: {@code SimMain FIRST COUNT}, or {@code SimMain SEED} with its whole story. */
final class SimMain {

    private SimMain() {}

    public static void main(String[] args) {
        if (args.length == 1) {
            System.exit(replay(Long.parseLong(args[0])) ? 0 : 1);
        }
        long first = Long.parseLong(args[0]);
        long count = Long.parseLong(args[1]);
        long start = System.nanoTime();
        List<String> failures = new ArrayList<>();
        for (long seed = first; seed < first + count; seed++) {
            try {
                new Scenario(seed, false).run();
            } catch (AssertionError | RuntimeException e) {
                String what = e.toString();
                failures.add("make sim SEED=" + seed + "  # "
                        + what.substring(0, Math.min(200, what.length())));
                System.out.println(failures.get(failures.size() - 1));
            }
        }
        System.out.printf("%d seeds from %d: %d failed, %.1f s%n", count, first, failures.size(),
                (System.nanoTime() - start) / 1e9);
        System.exit(failures.isEmpty() ? 0 : 1);
    }

    private static boolean replay(long seed) {
        Scenario scenario = new Scenario(seed, true);
        try {
            String summary = scenario.run();
            scenario.lines().forEach(System.out::println);
            System.out.println(summary);
            return true;
        } catch (AssertionError | RuntimeException e) {
            scenario.lines().forEach(System.out::println);
            System.out.println("seed " + seed + ": " + e);
            return false;
        }
    }
}
