package bcast.http.operations;

import bcast.base.Counters;
import bcast.base.Histogram;
import bcast.base.Metric;
import bcast.http.server.Call;
import bcast.http.server.Handler;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Locale;

/** {@code GET /metrics}: what the node measures, in Prometheus' text format 0.0.4. */
public final class GetMetrics implements Handler {

    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final Counters counters;
    private final SerialRenderer inTurn = new SerialRenderer();

    public GetMetrics(Counters counters) {
        this.counters = counters;
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        call.setHeader("Cache-Control", "no-store");
        call.answerLarge(TYPE, inTurn.make(this::text));
    }

    /** Metrics of one name follow one another, as the format requires. */
    private String text() {
        StringBuilder text = new StringBuilder();
        String name = "";
        for (Metric metric : counters.metrics()) {
            if (!metric.name().equals(name)) {
                name = metric.name();
                text.append("# HELP ").append(name).append(' ').append(metric.help())
                        .append("\n# TYPE ").append(name).append(' ')
                        .append(metric.kind().name().toLowerCase(Locale.ROOT)).append('\n');
            }
            if (metric.kind() == Metric.Kind.HISTOGRAM) {
                histogram(text, name, counters.histogram(metric));
            } else {
                sample(text, metric.toString(), number(counters.value(metric)));
            }
        }
        return text.toString();
    }

    private static void sample(StringBuilder text, String series, String value) {
        text.append(series).append(' ').append(value).append('\n');
    }

    private static void histogram(StringBuilder text, String name, Histogram histogram) {
        long[] cumulative = histogram.cumulative();
        double[] bounds = Histogram.bounds();
        for (int i = 0; i < cumulative.length; i++) {
            String bound = i < bounds.length ? number(bounds[i]) : "+Inf";
            sample(text, name + "_bucket{le=\"" + bound + "\"}", Long.toString(cumulative[i]));
        }
        sample(text, name + "_sum", number(histogram.sum()));
        sample(text, name + "_count", Long.toString(cumulative[cumulative.length - 1]));
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value)
                : BigDecimal.valueOf(value).toPlainString();
    }
}
