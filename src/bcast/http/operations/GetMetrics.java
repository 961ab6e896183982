package bcast.http.operations;

import bcast.base.Counters;
import bcast.base.Histogram;
import bcast.http.server.Call;
import bcast.http.server.Handler;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code GET /metrics}: what the node measures, in Prometheus' text format 0.0.4. */
public final class GetMetrics implements Handler {

    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final Counters counters;
    private final SerialRenderer inTurn = new SerialRenderer();

    /**
     * Reports all that was counted.
     *
     * @param counters holds the values
     */
    public GetMetrics(Counters counters) {
        this.counters = counters;
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        call.setHeader("Cache-Control", "no-store");
        call.answerLarge(TYPE, inTurn.make(this::text));
    }

    /** Samples of one name belong together, whatever their labels. */
    private static final class Families {
        private final Map<String, StringBuilder> samples = new LinkedHashMap<>();

        void add(MetricNames.Metric metric, String type, String suffix, String labels,
                String value) {
            StringBuilder family = samples.computeIfAbsent(metric.name(), name ->
                    new StringBuilder("# HELP " + name + " " + metric.help() + "\n# TYPE " + name
                            + " " + type + "\n"));
            family.append(metric.name()).append(suffix);
            if (!labels.isEmpty()) {
                family.append('{').append(labels).append('}');
            }
            family.append(' ').append(value).append('\n');
        }

        String text() {
            return String.join("", samples.values());
        }
    }

    private String text() {
        Families families = new Families();
        Map<String, Long> counts = counters.counts();
        for (MetricNames.Metric metric : MetricNames.COUNTS) {
            // A count starts at 0, not at its first event, so that its rate is right from then on.
            families.add(metric, "counter", "", metric.labels(),
                    Long.toString(counts.getOrDefault(metric.key(), 0L)));
        }
        Map<String, Double> gauges = counters.gauges();
        for (MetricNames.Metric metric : MetricNames.GAUGES) {
            families.add(metric, "gauge", "", metric.labels(),
                    number(gauges.getOrDefault(metric.key(), 0.0)));
        }
        for (MetricNames.Metric metric : MetricNames.HISTOGRAMS) {
            histogram(families, metric, counters.histogram(metric.key()));
        }
        return families.text();
    }

    private static void histogram(Families families, MetricNames.Metric metric,
            Histogram histogram) {
        long[] cumulative = histogram.cumulative();
        double[] bounds = Histogram.bounds();
        for (int i = 0; i < cumulative.length; i++) {
            String bound = i < bounds.length ? number(bounds[i]) : "+Inf";
            families.add(metric, "histogram", "_bucket", "le=\"" + bound + "\"",
                    Long.toString(cumulative[i]));
        }
        families.add(metric, "histogram", "_sum", "", number(histogram.sum()));
        families.add(metric, "histogram", "_count", "",
                Long.toString(cumulative[cumulative.length - 1]));
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value)
                : BigDecimal.valueOf(value).toPlainString();
    }
}
