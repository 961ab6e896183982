package bcast.base;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * The values of a node's metrics: counts of events since the start, gauges of current values, and
 * histograms of durations. Safe for use by any thread.
 */
public final class Counters {

    private final Map<Metric, LongAdder> counts = new ConcurrentHashMap<>();
    private final Map<Metric, DoubleSupplier> gauges = new ConcurrentHashMap<>();
    private final Map<Metric, Histogram> histograms = new ConcurrentHashMap<>();

    /** Without any metrics. */
    public Counters() {}

    /**
     * Adds counters and histograms before their first event: a rate needs the 0 before it.
     *
     * @param metrics those that are not added yet are
     */
    public void declare(List<Metric> metrics) {
        for (Metric metric : metrics) {
            if (metric.kind() == Metric.Kind.HISTOGRAM) {
                histograms.putIfAbsent(metric, new Histogram());
            } else {
                counts.putIfAbsent(metric, new LongAdder());
            }
        }
    }

    /**
     * Adds one.
     *
     * @param counter a counter that was declared
     */
    public void count(Metric counter) {
        add(counter, 1);
    }

    /**
     * Adds several.
     *
     * @param counter a counter that was declared
     * @param n number to add; not negative
     */
    public void add(Metric counter, long n) {
        LongAdder count = counts.get(counter);
        assert count != null : counter + " was not declared";
        count.add(n);
    }

    /**
     * {@return the value of a counter, 0 if it was not declared}
     *
     * @param counter a counter
     */
    public long get(Metric counter) {
        LongAdder count = counts.get(counter);
        return count == null ? 0 : count.sum();
    }

    /**
     * Adds a gauge.
     *
     * @param gauge the gauge
     * @param value reads it, on any thread and without blocking
     */
    public void gauge(Metric gauge, DoubleSupplier value) {
        gauges.put(gauge, value);
    }

    /**
     * Removes a gauge, unless its value was replaced since.
     *
     * @param gauge the gauge
     * @param value the value that was added
     */
    public void removeGauge(Metric gauge, DoubleSupplier value) {
        gauges.remove(gauge, value);
    }

    /**
     * Adds a duration to a histogram.
     *
     * @param histogram a histogram that was declared
     * @param seconds the duration
     */
    public void observe(Metric histogram, double seconds) {
        Histogram known = histograms.get(histogram);
        assert known != null : histogram + " was not declared";
        known.observe(seconds);
    }

    /**
     * {@return the values of a histogram}
     *
     * @param histogram one of {@link #metrics}
     */
    public Histogram histogram(Metric histogram) {
        return histograms.get(histogram);
    }

    /** {@return all metrics, ordered by name and labels} */
    public List<Metric> metrics() {
        List<Metric> all = new ArrayList<>(counts.keySet());
        all.addAll(gauges.keySet());
        all.addAll(histograms.keySet());
        all.sort(null);
        return all;
    }

    /**
     * {@return the current value of a counter or a gauge, 0 if there is none}
     *
     * @param metric either
     */
    public double value(Metric metric) {
        DoubleSupplier gauge = gauges.get(metric);
        return gauge == null ? get(metric) : gauge.getAsDouble();
    }

    /** {@return all counters that are not 0, such as {@code a_total=1 b_total=2}} */
    @Override
    public String toString() {
        StringJoiner all = new StringJoiner(" ");
        counts.keySet().stream().sorted().filter(each -> get(each) > 0)
                .forEach(each -> all.add(each + "=" + get(each)));
        return all.toString();
    }
}
