package bcast.http.server;

import bcast.base.Counters;
import bcast.base.Metric;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts concurrent requests by address, and refuses those beyond a limit, so that one address does
 * not take all slots. Safe for use by any thread.
 */
public final class RequestsPerAddress {

    static final Metric REFUSED = Metric.counter("bcast_http_refused_total",
            "Requests refused because their address had too many concurrent ones.");

    private final int most;
    private final Counters counters;
    private final Map<InetAddress, Integer> underWay = new HashMap<>();

    public RequestsPerAddress(int most, Counters counters) {
        this.most = most;
        this.counters = counters;
        counters.declare(List.of(REFUSED));
    }

    /** The limit for each address. */
    int most() {
        return most;
    }

    /** Whether a request of an address may go on; if so, {@link #leave} follows. */
    public synchronized boolean enter(InetAddress address) {
        int before = underWay.getOrDefault(address, 0);
        if (before >= most) {
            counters.count(REFUSED);
            return false;
        }
        underWay.put(address, before + 1);
        return true;
    }

    /** A request that entered is over. */
    public synchronized void leave(InetAddress address) {
        underWay.computeIfPresent(address, (key, before) -> before == 1 ? null : before - 1);
    }
}
