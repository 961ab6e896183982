package bcast.cluster.net;

import bcast.base.Metric;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.net.discovery.Admission;

/** The counters of links, except {@link Admission#REFUSED_FAR}. */
public final class LinkCounts {

    public static final Metric SYNC_BYTES = Metric.counter("bcast_sync_sent_bytes_total",
            "Bytes sent to compare stores, the records themselves left out.");
    public static final Metric TOO_MUCH_WAITS = Link.CLOSED.with("reason", "too_much_waits");
    public static final Metric BROKE_PROTOCOL = Link.CLOSED.with("reason", "protocol");
    /** Links refused because too many from their address had not greeted. */
    public static final Metric REFUSED_MANY = Admission.REFUSED.with("reason", "silent_address");
    public static final Metric REFUSED_SHUT_OUT =
            Admission.REFUSED.with("reason", "address_shut_out");
    public static final Metric SHUT_OUT = Metric.counter("bcast_addresses_shut_out_total",
            "Addresses shut out because too many of their links failed.");

    private LinkCounts() {}
}
