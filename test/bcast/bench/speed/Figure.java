package bcast.bench.speed;

import bcast.testing.Json;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One thing that was measured several times.
 *
 * @param jdk version of the JDK
 * @param part what it belongs to
 * @param name what it is
 * @param unit of {@code ours} and {@code floor}
 * @param ours what a node did, each time
 * @param floor what the floor did next to it, each time; empty if there is none
 * @param judged what the target is about: the ratios of the pairs, or {@code ours}
 * @param target the target, none if it is only reported
 */
record Figure(String jdk, String part, String name, String unit, double[] ours, double[] floor,
        double[] judged, Target target) {

    /** Beyond it a figure is said to be noisy. */
    private static final double NOISY = 0.15;
    /** All digits that count: what is judged is what is written. */
    private static final MathContext DIGITS = new MathContext(5);

    Figure {
        ours = rounded(ours);
        floor = rounded(floor);
        judged = rounded(judged);
    }

    private static double[] rounded(double[] values) {
        return Arrays.stream(values).map(Figure::rounded).toArray();
    }

    private static double rounded(double value) {
        return new BigDecimal(value).round(DIGITS).doubleValue();
    }

    /**
     * What a median should be.
     *
     * @param least whether it should be at least so large, else at most
     * @param value the bound
     */
    record Target(boolean least, double value) {

        /** For what is only reported. */
        static final Target NONE = new Target(true, Double.NaN);

        static Target atLeast(double value) {
            return new Target(true, value);
        }

        static Target atMost(double value) {
            return new Target(false, value);
        }

        boolean isNone() {
            return Double.isNaN(value);
        }

        boolean metBy(double figure) {
            return isNone() || (least ? figure >= value : figure <= value);
        }

        private String json() {
            return isNone() ? "{}" : "{" + quoted(least ? "least" : "most") + ": " + value + "}";
        }

        private static Target from(Map<?, ?> json) {
            return json.containsKey("least") ? atLeast((double) json.get("least"))
                    : json.containsKey("most") ? atMost((double) json.get("most")) : NONE;
        }

        @Override
        public String toString() {
            return isNone() ? "" : (least ? "≥ " : "≤ ") + Figure.text(value);
        }
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle]
                : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    double median() {
        return median(judged);
    }

    /** Whether it compares a node with a floor. */
    boolean isRatio() {
        return floor.length > 0;
    }

    /** Largest distance from the median, as a part of it, to a thousandth; 0 and 1 around 0. */
    double spread() {
        double median = median();
        double most = Arrays.stream(judged).map(each -> Math.abs(each - median)).max().orElse(0);
        return most == 0 ? 0 : median == 0 ? 1 : Math.round(1_000 * most / median) / 1_000.0;
    }

    /** Whether the median meets its target, and whether the runs agree. */
    String verdict() {
        if (target.isNone()) {
            return "";
        }
        long met = Arrays.stream(judged).filter(target::metBy).count();
        String verdict = target.metBy(median()) ? "pass" : "MISSED";
        return spread() <= NOISY ? verdict : "noisy: " + met + " of " + judged.length + " pass";
    }

    /** A number with as many digits as are of use. */
    static String text(double value) {
        double size = Math.abs(value);
        if (size >= 1_000) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f",
                value);
    }

    private static String json(double[] values) {
        return Arrays.stream(values).mapToObj(Double::toString)
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }

    /** One line of JSON. */
    String json() {
        return "{\"jdk\": " + quoted(jdk) + ", \"part\": " + quoted(part) + ", \"name\": "
                + quoted(name) + ", \"unit\": " + quoted(unit) + ", \"ours\": " + json(ours)
                + ", \"floor\": " + json(floor) + ", \"judged\": " + json(judged)
                + ", \"median\": " + rounded(median()) + ", \"spread\": " + spread()
                + ", \"target\": " + target.json() + ", \"verdict\": " + quoted(verdict()) + "}";
    }

    /** What {@link #json} wrote, as {@link Json} reads it. */
    static Figure from(Map<?, ?> json) {
        return new Figure((String) json.get("jdk"), (String) json.get("part"),
                (String) json.get("name"), (String) json.get("unit"), numbers(json.get("ours")),
                numbers(json.get("floor")), numbers(json.get("judged")),
                Target.from((Map<?, ?>) json.get("target")));
    }

    private static double[] numbers(Object json) {
        return ((List<?>) json).stream().mapToDouble(number -> (double) number).toArray();
    }

    /** The median, how far the runs are apart, and the target. */
    String brief() {
        return text(median()) + apart() + (target.isNone() ? "" : " (" + target + ")");
    }

    private String apart() {
        return judged.length > 1 ? String.format(Locale.ROOT, " ±%.1f %%", 100 * spread()) : "";
    }

    /** One line for people. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%-8s %-10s %-44s %10s%s %s%s%s %s %s", jdk, part, name,
                text(median(ours)), isRatio() ? " / " + text(median(floor)) : "", unit,
                isRatio() ? " ratio " + text(median()) : "", apart(), target, verdict())
                .stripTrailing();
    }
}
