package bcast.storage;

import bcast.base.Log;
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
    private final String whose;
    private final Log log;
    private boolean full;
    /** Cost of the largest record that was refused though it is not full; 0 if none was. */
    private long refusedCost;

    /** A limit of what all rooms use together. */
    Room(AtomicLong usedBytes, long limitBytes, String whose, Log log) {
        this.usedBytes = usedBytes;
        this.limitBytes = limitBytes;
        this.whose = whose;
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

    /** A record was refused for lack of room. */
    synchronized void refused(long cost) {
        long used = usedBytes.get();
        if (!full && used >= limitBytes * AGAIN_SHARE) {
            full = true;
            log.warn("the store is full for " + whose + ", who may fill it up to " + limitBytes
                    + " bytes: " + used + " are taken; see -maxbytes");
        } else if (!full && refusedCost == 0) {
            log.warn("the store has no room for a large record of " + whose
                    + ", who may fill it up to " + limitBytes + " bytes: " + used
                    + " are taken; see -maxbytes");
        }
        refusedCost = full ? 0 : Math.max(refusedCost, cost);
    }

    /** Whether a large record was refused that would still not fit. */
    synchronized boolean lacking() {
        if (refusedCost > 0 && usedBytes.get() + refusedCost <= limitBytes) {
            refusedCost = 0;
            log.info("the store has room again for large records of " + whose);
        }
        return refusedCost > 0;
    }

    /** Whether records are refused. */
    synchronized boolean full() {
        lacking();
        if (full && usedBytes.get() < limitBytes * AGAIN_SHARE) {
            full = false;
            log.info("the store has room again for " + whose);
        }
        return full;
    }
}
