package bcast.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;

/** Virtual time: what is to happen, ordered by time and then by the order of planning. */
final class Timeline {

    /** Start of all simulated wall clocks. */
    static final long EPOCH_MS = 1_700_000_000_000L;

    private record Plan(long atMs, long order, Runnable task) implements Comparable<Plan> {
        @Override
        public int compareTo(Plan other) {
            int byTime = Long.compare(atMs, other.atMs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    final Random random;
    private final PriorityQueue<Plan> plans = new PriorityQueue<>();
    private final List<String> lines = new ArrayList<>();
    private final boolean verbose;
    private long orders;
    private long nowMs;

    Timeline(long seed, boolean verbose) {
        this.random = new Random(seed);
        this.verbose = verbose;
    }

    long nowMs() {
        return nowMs;
    }

    void after(long delayMs, Runnable task) {
        plans.add(new Plan(nowMs + delayMs, orders++, task));
    }

    /** Lets everything happen that is planned up to a time. */
    void runUntil(long endMs) {
        while (!plans.isEmpty() && plans.peek().atMs <= endMs) {
            Plan plan = plans.poll();
            nowMs = plan.atMs;
            plan.task.run();
        }
        nowMs = endMs;
    }

    /** A number from one to another, both included. */
    long between(long from, long to) {
        return from + (long) (random.nextDouble() * (to - from + 1));
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    boolean verbose() {
        return verbose;
    }

    void note(String text) {
        if (verbose) {
            lines.add(String.format(Locale.ROOT, "%9.3f  %s", nowMs / 1e3, text));
        }
    }

    List<String> lines() {
        return lines;
    }
}
