package bcast.storage;

import bcast.base.Log;

/**
 * A limit of the store. Once a record was refused for it, it is full until a part of it is free
 * again, so that a node does not call itself full and not full in turn. A large record may be
 * refused while small ones still fit. Safe for use by any thread.
 */
final class Room {

    /** Full until below this share of the limit. */
    private static final double AGAIN_SHARE = 0.95;

    final long limitBytes;
    private final String whose;
    private final Log log;
    private boolean full;
    /** Cost of the largest record that was refused though it is not full; 0 if none was. */
    private long refusedCost;

    Room(long limitBytes, String whose, Log log) {
        this.limitBytes = limitBytes;
        this.whose = whose;
        this.log = log;
    }

    /** A record was refused for lack of room. */
    synchronized void refused(long usedBytes, long cost) {
        if (!full && usedBytes >= limitBytes * AGAIN_SHARE) {
            full = true;
            log.warn("the store is full for " + whose + ", who may fill it up to " + limitBytes
                    + " bytes: " + usedBytes + " are taken; see -maxbytes");
        } else if (!full && refusedCost == 0) {
            log.warn("the store has no room for a large record of " + whose
                    + ", who may fill it up to " + limitBytes + " bytes: " + usedBytes
                    + " are taken; see -maxbytes");
        }
        refusedCost = full ? 0 : Math.max(refusedCost, cost);
    }

    /** Whether a large record was refused that would still not fit. */
    synchronized boolean lacking(long usedBytes) {
        if (refusedCost > 0 && usedBytes + refusedCost <= limitBytes) {
            refusedCost = 0;
            log.info("the store has room again for large records of " + whose);
        }
        return refusedCost > 0;
    }

    /** Whether records are refused. */
    synchronized boolean full(long usedBytes) {
        lacking(usedBytes);
        if (full && usedBytes < limitBytes * AGAIN_SHARE) {
            full = false;
            log.info("the store has room again for " + whose);
        }
        return full;
    }
}
