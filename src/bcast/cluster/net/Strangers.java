package bcast.cluster.net;

import bcast.base.Counters;
import bcast.base.HostNetwork;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Who dials this node before anything is known of them. Each address may have some links that have
 * not greeted, and some that came to nothing within a minute; with more it is shut out. So a peer
 * that opens links and stays silent, or sends what is no greeting, costs little and keeps nobody
 * else away. Owned by the cluster's thread.
 */
public final class Strangers {

    /** Counts links refused since as many from their address had not greeted. */
    public static final String REFUSED_MANY = "links_refused_many";
    /** Counts links refused since their address is shut out. */
    public static final String REFUSED_SHUT_OUT = "links_refused_shut_out";
    /** Counts addresses shut out. */
    public static final String SHUT_OUT = "addresses_shut_out";

    /** Most links of an address that have not greeted; many nodes may share a host. */
    public static final int MAX_SILENT = 32;

    /** Most links of an address that came to nothing within {@link #WINDOW_MS}. */
    public static final int MAX_FAULTS = 256;

    /** Time in which faults are counted. */
    public static final long WINDOW_MS = 60_000;

    /** How long an address is shut out. */
    public static final long SHUT_OUT_MS = 60_000;

    /** Most addresses remembered; the one whose first fault is oldest goes first. */
    static final int MAX_ADDRESSES = 1_024;

    private static final class Faults {
        private int count;
        private long sinceMs;
        private long shutOutUntilMs;
    }

    private final Counters counters;
    private final Map<InetAddress, Faults> faults = new LinkedHashMap<>();
    private final Map<InetAddress, Integer> silent = new HashMap<>();

    /**
     * Knows nobody.
     *
     * @param counters where refusals are counted
     */
    public Strangers(Counters counters) {
        this.counters = counters;
    }

    /**
     * Decides about a link from an address.
     *
     * @param address who dialled
     * @param nowMs the steady clock
     * @return why it may not link, if so
     */
    public Optional<String> refused(InetAddress address, long nowMs) {
        InetAddress from = HostNetwork.of(address);
        Faults known = faults.get(from);
        if (known != null && nowMs < known.shutOutUntilMs) {
            counters.count(REFUSED_SHUT_OUT);
            return Optional.of("this address is shut out for " + SHUT_OUT_MS / 1_000
                    + " s: too many of its links came to nothing");
        }
        if (silent.getOrDefault(from, 0) >= MAX_SILENT) {
            counters.count(REFUSED_MANY);
            return Optional.of("as many links of this address have not greeted as may");
        }
        return Optional.empty();
    }

    /**
     * A link is open, and silent so far.
     *
     * @param address who dialled
     */
    public void opened(InetAddress address) {
        silent.merge(HostNetwork.of(address), 1, Integer::sum);
    }

    /**
     * A link is silent no more: it greeted, or is closed.
     *
     * @param address who dialled
     */
    public void settled(InetAddress address) {
        silent.computeIfPresent(HostNetwork.of(address), (any, links) ->
                links == 1 ? null : links - 1);
    }

    /**
     * A link came to nothing by the other side's fault.
     *
     * @param address the other side
     * @param nowMs the steady clock
     * @return whether the address is shut out from now on
     */
    public boolean fault(InetAddress address, long nowMs) {
        InetAddress from = HostNetwork.of(address);
        Faults known = faults.computeIfAbsent(from, any -> new Faults());
        if (nowMs - known.sinceMs >= WINDOW_MS) {
            known.sinceMs = nowMs;
            known.count = 0;
        }
        if (faults.size() > MAX_ADDRESSES) {
            Predicate<InetAddress> other = each -> !each.equals(from);
            faults.keySet().stream().filter(other).findFirst().ifPresent(faults::remove);
        }
        if (++known.count < MAX_FAULTS) {
            return false;
        }
        known.count = 0;
        known.shutOutUntilMs = nowMs + SHUT_OUT_MS;
        counters.count(SHUT_OUT);
        return true;
    }
}
