package bcast.cluster.gossip.repair;

import bcast.base.Metric;
import java.util.List;

/** The counters of repair. */
public final class RepairCounts {

    public static final Metric ROUNDS = Metric.counter("bcast_sync_rounds_total",
            "Rounds begun to compare stores with a peer.");

    public static final Metric ROUNDS_DIFFERENT = Metric.counter(
            "bcast_sync_rounds_different_total", "Rounds that found the stores different.");

    public static final Metric ROUNDS_STALLED = Metric.counter("bcast_sync_rounds_stalled_total",
            "Rounds given up.");

    private static final Metric MEANS = Metric.counter("bcast_sync_means_total",
            "What rounds needed beyond the small sketch.");

    public static final Metric BULK = MEANS.with("means", "all_records");
    public static final Metric LARGE = MEANS.with("means", "large_sketch");
    public static final Metric BUCKETS = MEANS.with("means", "buckets");

    public static final Metric OVERFLOWED = Metric.counter("bcast_link_backlogs_dropped_total",
            "Backlogs of slow peers dropped; repair makes up for them.");

    public static final List<Metric> ALL = List.of(ROUNDS, ROUNDS_DIFFERENT, ROUNDS_STALLED, BULK,
            LARGE, BUCKETS, OVERFLOWED);

    private RepairCounts() {}
}
