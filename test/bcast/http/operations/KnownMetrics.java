package bcast.http.operations;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The things measured that have a name in {@code /metrics}. */
public final class KnownMetrics {

    private KnownMetrics() {}

    public static Set<String> keys() {
        return Stream.of(MetricNames.COUNTS, MetricNames.GAUGES, MetricNames.HISTOGRAMS)
                .flatMap(List::stream).map(MetricNames.Metric::key).collect(Collectors.toSet());
    }
}
