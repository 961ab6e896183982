package bcast.http;

import bcast.base.Counters;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;

/**
 * Limits concurrent requests. When all slots are taken, the one makes room that has waited longest
 * for its headers, which a client sends at once, and before which its address is not known; or for
 * the rest of a body after its answer. Safe for use by any thread.
 */
final class RequestSlots {

    /** Counts requests that made room for others. */
    static final String EVICTED = "http_requests_evicted";

    /** Counts requests refused because none of the others could make room. */
    static final String REFUSED = "http_requests_refused";

    /** Of the slots, one in this many may be taken twice: by a request that still has to end. */
    static final int ENDING_SHARE = 4;

    private final int most;
    private final Counters counters;
    private final Set<Slot> evictable = new LinkedHashSet<>();
    private int taken;
    private int ending;

    /** Limits the requests to a number. */
    RequestSlots(int most, Counters counters) {
        this.most = most;
        this.counters = counters;
    }

    /** Most requests that have a thread: those that still have to end included. */
    static int threads(int most) {
        return most + most / ENDING_SHARE;
    }

    /**
     * Takes a slot for a request whose headers are to be read.
     *
     * @param evict ends that request at once; called on the thread that needs its slot
     * @throws RejectedExecutionException if there is none
     */
    Slot take(Runnable evict) {
        Slot slot = new Slot(evict);
        Slot oldest = null;
        synchronized (this) {
            if (taken == most) {
                Iterator<Slot> oldestFirst = evictable.iterator();
                if (!oldestFirst.hasNext() || ending >= most / ENDING_SHARE) {
                    counters.count(REFUSED);
                    throw new RejectedExecutionException("too many requests");
                }
                oldest = oldestFirst.next();
                oldestFirst.remove();
                oldest.evicted = true;
                ending++;
                taken--;
            }
            taken++;
            evictable.add(slot);
        }
        if (oldest != null) {
            counters.count(EVICTED);
            oldest.evict.run();
        }
        return slot;
    }

    /** The place of one request. */
    final class Slot {
        private final Runnable evict;
        private boolean evicted;

        private Slot(Runnable evict) {
            this.evict = evict;
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
                    evictable.add(this);
                }
            }
        }

        /** The request has ended. */
        void free() {
            synchronized (RequestSlots.this) {
                evictable.remove(this);
                if (evicted) {
                    ending--;
                } else {
                    taken--;
                }
            }
        }
    }
}
