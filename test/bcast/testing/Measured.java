package bcast.testing;

import bcast.base.Counters;
import bcast.base.Metric;
import java.util.NoSuchElementException;

/** Values of metrics by their names. */
public final class Measured {

    private Measured() {}

    /**
     * Reads a counter or a gauge by its name and labels, as in Prometheus. Fails if there is none,
     * since a mistyped one would be 0 for ever.
     */
    public static double of(Counters counters, String series) {
        Metric metric = counters.metrics().stream().filter(each -> each.toString().equals(series))
                .findFirst().orElseThrow(() -> new NoSuchElementException(series));
        return counters.value(metric);
    }
}
