package bcast.http;

import bcast.base.Counters;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Who has requests under way: one address may not take all there is room for. Safe for use by any
 * thread.
 */
final class Guests {

    /** Most requests of one address under way: half of all connections. */
    static final int MAX_BY_ADDRESS = HttpModule.MAX_CONNECTIONS / 2;

    /** Counts requests refused since their address had as many under way as may be. */
    static final String REFUSED = "http_refused_address";

    private final int most;
    private final Counters counters;
    private final ConcurrentMap<InetAddress, Integer> underWay = new ConcurrentHashMap<>();

    /** So many requests of an address may be under way. */
    Guests(int most, Counters counters) {
        this.most = most;
        this.counters = counters;
    }

    /** A request begins; whether it may. */
    boolean enter(InetAddress address) {
        if (underWay.merge(address, 1, Integer::sum) <= most) {
            return true;
        }
        leave(address);
        counters.count(REFUSED);
        return false;
    }

    /** A request that could enter is over. */
    void leave(InetAddress address) {
        underWay.computeIfPresent(address, (any, requests) -> requests == 1 ? null : requests - 1);
    }
}
