package bcast.base;

/**
 * Something that a node measures, under its name in Prometheus: a constant of the class that
 * measures it. Two are equal if their names and labels are. Immutable.
 */
public final class Metric implements Comparable<Metric> {

    /** How a metric is measured, named as in Prometheus. */
    public enum Kind {
        /** A number of events since the start. */
        COUNTER,
        /** A value that goes up and down. */
        GAUGE,
        /** Durations in seconds; has no labels. */
        HISTOGRAM
    }

    private final Kind kind;
    private final String name;
    private final String labels;
    private final String help;
    private final String series;

    private Metric(Kind kind, String name, String labels, String help) {
        this.kind = kind;
        this.name = name;
        this.labels = labels;
        this.help = help;
        this.series = labels.isEmpty() ? name : name + "{" + labels + "}";
    }

    /**
     * {@return a count of events; see {@link Counters#declare}}
     *
     * @param name its name, which ends in {@code _total}
     * @param help its meaning, one sentence
     */
    public static Metric counter(String name, String help) {
        return new Metric(Kind.COUNTER, name, "", help);
    }

    /**
     * {@return a current value; see {@link Counters#gauge}}
     *
     * @param name its name
     * @param help its meaning, one sentence
     */
    public static Metric gauge(String name, String help) {
        return new Metric(Kind.GAUGE, name, "", help);
    }

    /**
     * {@return a distribution of durations; see {@link Counters#declare}}
     *
     * @param name its name, which ends in {@code _seconds}
     * @param help its meaning, one sentence
     */
    public static Metric histogram(String name, String help) {
        return new Metric(Kind.HISTOGRAM, name, "", help);
    }

    /**
     * {@return one of several metrics with this name, which differ by labels}
     *
     * @param label name of the label
     * @param value a constant, without quotes and backslashes
     */
    public Metric with(String label, String value) {
        return new Metric(kind, name, (labels.isEmpty() ? "" : labels + ",") + label + "=\"" + value
                + "\"", help);
    }

    /** {@return how it is measured} */
    public Kind kind() {
        return kind;
    }

    /** {@return its name, without labels} */
    public String name() {
        return name;
    }

    /** {@return its meaning} */
    public String help() {
        return help;
    }

    @Override
    public int compareTo(Metric other) {
        return series.compareTo(other.series);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Metric metric && series.equals(metric.series);
    }

    @Override
    public int hashCode() {
        return series.hashCode();
    }

    /** {@return name and labels, as in Prometheus} */
    @Override
    public String toString() {
        return series;
    }
}
