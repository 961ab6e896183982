package bcast.cluster.net;

import bcast.base.Counters;
import bcast.base.HostNetwork;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shuts out addresses of which too many links failed within a minute, so that a host that sends
 * anything but greetings costs little. Addresses are counted as by {@link HostNetwork}.
 */
final class AddressFaults {

    /** Most links of an address that may fail within {@link #WINDOW_MS}. */
    static final int MAX_FAULTS = 256;

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

    AddressFaults(Counters counters) {
        this.counters = counters;
        counters.declare(List.of(LinkCounts.REFUSED_SHUT_OUT, LinkCounts.SHUT_OUT));
    }

    /** Whether an address is shut out, and may not open another link. */
    boolean refuse(InetAddress address, long nowMs) {
        Faults known = faults.get(HostNetwork.of(address));
        boolean refused = known != null && nowMs < known.shutOutUntilMs;
        counters.add(LinkCounts.REFUSED_SHUT_OUT, refused ? 1 : 0);
        return refused;
    }

    /** A link of an address failed. Returns whether the address is shut out from now on. */
    boolean add(InetAddress address, long nowMs) {
        Faults known = faults.computeIfAbsent(HostNetwork.of(address), any -> new Faults());
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
