package bcast.storage;

import bcast.base.Log;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A limit of the store. Once a record was refused for it, it is full until a part of it is free
 * again, so that a node does not call itself full and not full in turn. A large record may be
 * refused while small ones still fit. Safe for use by any thread.
 */
final class Room {

    /** Full until below this share of the limit. */
    private static final double AGAIN_SHARE = 0.95;

    private final AtomicLong usedBytes;
    private final long limitBytes;
    private final Log log;
    private volatile boolean full;
    /** Whose record was refused last. */
    private String whose = "";
    /** Cost of the largest record that was refused though it is not full; 0 if none was. */
    private volatile long refusedCost;

    /** A limit of what all rooms use together. */
    Room(AtomicLong usedBytes, long limitBytes, Log log) {
        this.usedBytes = usedBytes;
        this.limitBytes = limitBytes;
        this.log = log;
    }

    /** Takes memory if it leaves the limit kept; a negative number gives it back. */
    boolean take(long bytes) {
        if (usedBytes.addAndGet(bytes) <= limitBytes || bytes < 0) {
            return true;
        }
        usedBytes.addAndGet(-bytes);
        return false;
    }

    /**
     * A record was refused for lack of room.
     *
     * @param cost memory that it would have taken
     * @param from whose it was, in words
     */
    synchronized void refused(long cost, String from) {
        long used = usedBytes.get();
        String limits = used + " of " + limitBytes + " bytes are taken; see -maxbytes";
        if (!full && used >= limitBytes * AGAIN_SHARE) {
            full = true;
            log.warn("the store is full and refused a record of " + from + ": " + limits);
        } else if (!full && refusedCost == 0) {
            log.warn("the store has no room for a large record of " + from + ": " + limits);
        }
        whose = from;
        refusedCost = full ? 0 : Math.max(refusedCost, cost);
    }

    /** Whose large record was refused that would still not fit; empty if none was. */
    synchronized Optional<String> lacking() {
        if (refusedCost > 0 && usedBytes.get() + refusedCost <= limitBytes) {
            refusedCost = 0;
            log.info("the store has room again for large records of " + whose);
        }
        return refusedCost > 0 ? Optional.of(whose) : Optional.empty();
    }

    /** Whether records are refused. */
    boolean full() {
        // Asked for each record of a client, mostly while none was refused.
        return (full || refusedCost > 0) && stillFull();
    }

    private synchronized boolean stillFull() {
        lacking();
        if (full && usedBytes.get() < limitBytes * AGAIN_SHARE) {
            full = false;
            log.info("the store has room again for records of " + whose);
        }
        return full;
    }
}
