package bcast.http.server;

import bcast.base.Clock;
import bcast.base.Counters;
import bcast.base.Metric;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Limits concurrent requests. When all slots are taken, a new request evicts the one that has
 * waited longest for its headers or for the rest of a body after its answer: clients send headers
 * at once, and before them the address of a client is unknown. One that has hardly begun is not
 * evicted, since it may only wait for a processor. Safe for use by any thread.
 */
final class RequestSlots {

    static final Metric EVICTED = Metric.counter("bcast_http_requests_evicted_total",
            "Requests cut while they sent headers, or the rest of a body after its answer.");

    static final Metric REFUSED = Metric.counter("bcast_http_requests_refused_total",
            "Connections closed because too many requests were being answered.");

    /** One slot in this many may be taken twice: by an evicted request and its successor. */
    static final int ENDING_SHARE = 4;

    /** Shortest time for the headers of a request. */
    static final long HEADERS_MS = 50;

    /** Longest time for which a request waits for a slot; it holds no buffer by then. */
    private static final long MAX_WAIT_MS = 1_000;

    /** Most requests that wait for a slot, where each of them needs a thread. */
    private static final int MAX_WAITING = 1_024;

    private final int most;
    private final long maxWaitMs;
    private final Clock clock;
    private final Counters counters;
    private final Set<Slot> evictable = new LinkedHashSet<>();
    private int taken;
    private int ending;

    RequestSlots(int most, Clock clock, Counters counters) {
        this(most, MAX_WAIT_MS, clock, counters);
    }

    RequestSlots(int most, long maxWaitMs, Clock clock, Counters counters) {
        this.most = most;
        this.maxWaitMs = maxWaitMs;
        this.clock = clock;
        this.counters = counters;
        counters.declare(List.of(EVICTED, REFUSED));
    }

    /** Most requests that have a thread, including those that still have to end, or to begin. */
    static int threads(int most) {
        return most + most / ENDING_SHARE + MAX_WAITING;
    }

    /**
     * Takes a slot for a request whose headers are read next; empty if there was none in time, or
     * the thread is interrupted. Requests that still wait for a processor hold none, or a burst
     * would evict requests whose headers have arrived.
     *
     * @param evict ends that request at once; called on the thread that needs its slot
     */
    Optional<Slot> take(Runnable evict) {
        Slot slot = new Slot(evict);
        Slot oldest = null;
        synchronized (this) {
            if (!awaitRoom()) {
                counters.count(REFUSED);
                return Optional.empty();
            }
            if (taken == most) {
                Iterator<Slot> oldestFirst = evictable.iterator();
                oldest = oldestFirst.next();
                oldestFirst.remove();
                oldest.evicted = true;
                ending++;
                taken--;
            }
            taken++;
            slot.waitForClient();
        }
        if (oldest != null) {
            counters.count(EVICTED);
            oldest.evict.run();
        }
        return Optional.of(slot);
    }

    private boolean awaitRoom() {
        long end = clock.steadyMs() + maxWaitMs;
        while (taken == most) {
            long now = clock.steadyMs();
            long evictableMs = evictable.isEmpty() || ending >= most / ENDING_SHARE
                    ? Long.MAX_VALUE : evictable.iterator().next().waitsSinceMs + HEADERS_MS;
            if (evictableMs <= now) {
                return true;
            }
            if (end <= now) {
                return false;
            }
            try {
                wait(Math.min(evictableMs, end) - now);
            } catch (InterruptedException cut) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    final class Slot {
        private final Runnable evict;
        private long waitsSinceMs;
        private boolean evicted;

        private Slot(Runnable evict) {
            this.evict = evict;
        }

        private void waitForClient() {
            waitsSinceMs = clock.steadyMs();
            evictable.add(this);
        }

        /** The headers are read: the request keeps its slot until it is answered. */
        void headersRead() {
            synchronized (RequestSlots.this) {
                evictable.remove(this);
            }
        }

        /** The request is answered, and only waits for the rest of its body. */
        void answered() {
            synchronized (RequestSlots.this) {
                if (!evicted) {
                    waitForClient();
                    RequestSlots.this.notify();
                }
            }
        }

        void free() {
            synchronized (RequestSlots.this) {
                evictable.remove(this);
                if (evicted) {
                    ending--;
                } else {
                    taken--;
                }
                RequestSlots.this.notify();
            }
        }
    }
}
