package bcast.cluster.gossip.spread;

import bcast.base.Metric;
import java.util.List;

/** The counters of spreading. */
public final class SpreadCounts {

    public static final Metric RECEIVED = Metric.counter("bcast_link_records_received_total",
            "Records received on links.");

    public static final Metric DUPLICATES = Metric.counter("bcast_link_records_duplicate_total",
            "Records received on links that this node already held.");

    public static final Metric SENT = Metric.counter("bcast_link_records_sent_total",
            "Records sent on links.");

    public static final Metric GRAFTS = Metric.counter("bcast_grafts_total",
            "Announced records that this node requested.");

    public static final Metric PARENT_CHANGES = Metric.counter("bcast_tree_parent_changes_total",
            "Changes of this node's parent in the tree.");

    public static final List<Metric> ALL =
            List.of(RECEIVED, DUPLICATES, SENT, GRAFTS, PARENT_CHANGES);

    private SpreadCounts() {}
}
