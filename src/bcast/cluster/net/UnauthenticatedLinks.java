package bcast.cluster.net;

import bcast.base.Counters;
import bcast.base.HostNetwork;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Limits the links that an address opens before anything is known of it. An address may have a
 * number of links that have not greeted, and a number of links that failed within a minute; then it
 * is shut out. So a host that opens links and stays silent, or sends anything but a greeting, costs
 * little and does not keep others out. Addresses are counted as by {@link HostNetwork}.
 */
final class UnauthenticatedLinks {

    /** Most links of an address that have not greeted; many nodes may share a host. */
    static final int MAX_SILENT = 32;

    /** Most links of an address that may fail within {@link #WINDOW_MS}. */
    static final int MAX_FAULTS = 256;

    /** Time in which faults are counted. */
    static final long WINDOW_MS = 60_000;

    /** How long an address is shut out. */
    static final long SHUT_OUT_MS = 60_000;

    /** Most addresses with faults; beyond it the one that was added first is forgotten. */
    static final int MAX_ADDRESSES = 1_024;

    private static final class Faults {
        private int count;
        private long sinceMs;
        private long shutOutUntilMs;
    }

    private final Counters counters;
    private final Map<InetAddress, Faults> faults = new LinkedHashMap<>();
    private final Map<InetAddress, Integer> silent = new HashMap<>();

    UnauthenticatedLinks(Counters counters) {
        this.counters = counters;
        counters.declare(List.of(LinkCounts.REFUSED_MANY, LinkCounts.REFUSED_SHUT_OUT,
                LinkCounts.SHUT_OUT));
    }

    /** Why an address may not open another link, if so. */
    Optional<String> refused(InetAddress address, long nowMs) {
        InetAddress from = HostNetwork.of(address);
        Faults known = faults.get(from);
        if (known != null && nowMs < known.shutOutUntilMs) {
            counters.count(LinkCounts.REFUSED_SHUT_OUT);
            return Optional.of("this address is shut out for " + SHUT_OUT_MS / 1_000
                    + " s: too many of its links failed");
        }
        if (silent.getOrDefault(from, 0) >= MAX_SILENT) {
            counters.count(LinkCounts.REFUSED_MANY);
            return Optional.of("too many links of this address have not greeted: " + MAX_SILENT);
        }
        return Optional.empty();
    }

    /** An address opened a link, which has not greeted yet. */
    void opened(InetAddress address) {
        silent.merge(HostNetwork.of(address), 1, Integer::sum);
    }

    /** A link of an address greeted, or was closed before it did. */
    void settled(InetAddress address) {
        silent.computeIfPresent(HostNetwork.of(address), (any, links) ->
                links == 1 ? null : links - 1);
    }

    /** A link of an address failed. Returns whether the address is shut out from now on. */
    boolean fault(InetAddress address, long nowMs) {
        InetAddress from = HostNetwork.of(address);
        Faults known = faults.computeIfAbsent(from, any -> new Faults());
        if (nowMs - known.sinceMs >= WINDOW_MS) {
            known.sinceMs = nowMs;
            known.count = 0;
        }
        if (faults.size() > MAX_ADDRESSES) {
            faults.remove(faults.keySet().iterator().next());
        }
        if (++known.count < MAX_FAULTS) {
            return false;
        }
        known.count = 0;
        known.shutOutUntilMs = nowMs + SHUT_OUT_MS;
        counters.count(LinkCounts.SHUT_OUT);
        return true;
    }
}
