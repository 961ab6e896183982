package bcast.base;

import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * What a node measures: counts of events since the start, gauges of current values, and histograms
 * of durations. Names are constants of the measuring module, never text from outside, so their
 * number is bounded. Safe for use by any thread.
 */
public final class Counters {

    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
    private final Map<String, DoubleSupplier> gauges = new ConcurrentHashMap<>();
    private final Map<String, Histogram> histograms = new ConcurrentHashMap<>();

    /** No counts yet. */
    public Counters() {}

    /**
     * Adds one.
     *
     * @param name name of the count
     */
    public void count(String name) {
        add(name, 1);
    }

    /**
     * Adds several.
     *
     * @param name name of the count
     * @param n number to add; not negative
     */
    public void add(String name, long n) {
        LongAdder known = counts.get(name);
        (known != null ? known : counts.computeIfAbsent(name, any -> new LongAdder())).add(n);
    }

    /**
     * Reads one count.
     *
     * @param name name of the count
     * @return its value, 0 if it never happened
     */
    public long get(String name) {
        LongAdder count = counts.get(name);
        return count == null ? 0 : count.sum();
    }

    /**
     * Adds a gauge.
     *
     * @param name name of the gauge
     * @param value reads it, on any thread and without blocking
     */
    public void gauge(String name, DoubleSupplier value) {
        gauges.put(name, value);
    }

    /**
     * Removes a gauge, unless another was added under its name since.
     *
     * @param name name of the gauge
     * @param value the value that was added
     */
    public void removeGauge(String name, DoubleSupplier value) {
        gauges.remove(name, value);
    }

    /**
     * Adds a duration to a histogram.
     *
     * @param name name of the histogram
     * @param seconds the duration
     */
    public void observe(String name, double seconds) {
        histogram(name).observe(seconds);
    }

    /**
     * Looks up a histogram, or adds an empty one.
     *
     * @param name name of the histogram
     * @return the histogram
     */
    public Histogram histogram(String name) {
        Histogram known = histograms.get(name);
        return known != null ? known : histograms.computeIfAbsent(name, any -> new Histogram());
    }

    /** {@return the current counts by name} */
    public Map<String, Long> counts() {
        Map<String, Long> now = new TreeMap<>();
        counts.forEach((name, count) -> now.put(name, count.sum()));
        return now;
    }

    /** {@return the current values of all gauges by name} */
    public Map<String, Double> gauges() {
        Map<String, Double> now = new TreeMap<>();
        gauges.forEach((name, value) -> now.put(name, value.getAsDouble()));
        return now;
    }

    /** {@return all histograms by name} */
    public Map<String, Histogram> histograms() {
        return new TreeMap<>(histograms);
    }

    /** {@return all counts by name, such as {@code a=1 b=2}} */
    @Override
    public String toString() {
        StringJoiner all = new StringJoiner(" ");
        counts().forEach((name, count) -> all.add(name + "=" + count));
        return all.toString();
    }
}
