package bcast.http.server;

import bcast.base.Counters;
import bcast.base.Metric;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts concurrent requests by address, and refuses those beyond a limit, so that one address does
 * not take all slots. Safe for use by any thread.
 */
public final class RequestsPerAddress {

    static final Metric REFUSED = Metric.counter("bcast_http_refused_total",
            "Requests refused because their address had too many concurrent ones.");

    /** Count of an entry that is being removed from the map. */
    private static final int GONE = -1;

    private final int most;
    private final Counters counters;
    private final ConcurrentMap<InetAddress, AtomicInteger> underWay = new ConcurrentHashMap<>();

    /**
     * Limits the concurrent requests of each address.
     *
     * @param most the limit
     * @param counters counts the requests refused
     */
    public RequestsPerAddress(int most, Counters counters) {
        this.most = most;
        this.counters = counters;
        counters.declare(List.of(REFUSED));
    }

    /** The limit for each address. */
    int most() {
        return most;
    }

    /**
     * A request begins, if the limit of its address allows.
     *
     * @param address of its client
     * @return whether it may go on; {@link #leave} follows if so
     */
    public boolean enter(InetAddress address) {
        while (true) {
            AtomicInteger requests = underWay.computeIfAbsent(address, any -> new AtomicInteger());
            int before = requests.get();
            if (before >= most) {
                counters.count(REFUSED);
                return false;
            }
            if (before == GONE) {
                underWay.remove(address, requests);
            } else if (requests.compareAndSet(before, before + 1)) {
                return true;
            }
        }
    }

    /**
     * A request that could enter is over.
     *
     * @param address of its client
     */
    public void leave(InetAddress address) {
        AtomicInteger requests = underWay.get(address);
        if (requests.decrementAndGet() == 0 && requests.compareAndSet(0, GONE)) {
            underWay.remove(address, requests);
        }
    }
}
