package bcast.base;

import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Named counts of what happened since start. Each only grows. Names are constants of the module
 * that counts, never text from outside, so their number is bounded. Safe for use by any thread.
 */
public final class Counters {

    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    /** No counts yet. */
    public Counters() {}

    /**
     * Adds one.
     *
     * @param name what happened
     */
    public void count(String name) {
        add(name, 1);
    }

    /**
     * Adds several.
     *
     * @param name what happened
     * @param n how often; not negative
     */
    public void add(String name, long n) {
        counts.computeIfAbsent(name, any -> new LongAdder()).add(n);
    }

    /**
     * Reads one count.
     *
     * @param name what to look up
     * @return how often it happened, 0 if never
     */
    public long get(String name) {
        LongAdder count = counts.get(name);
        return count == null ? 0 : count.sum();
    }

    /** {@return all counts by name, such as {@code a=1 b=2}} */
    @Override
    public String toString() {
        StringJoiner all = new StringJoiner(" ");
        new TreeMap<>(counts).forEach((name, count) -> all.add(name + "=" + count.sum()));
        return all.toString();
    }
}
