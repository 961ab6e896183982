package bcast.storage;

import bcast.base.Log;

/**
 * A limit of the store. Once a record was refused for it, it is full until a part of it is free
 * again, so that a node does not call itself full and not full in turn. Safe for use by any
 * thread.
 */
final class Room {

    /** Full until below this share of the limit. */
    private static final double AGAIN_SHARE = 0.95;

    final long limitBytes;
    private final String whose;
    private final Log log;
    private boolean full;

    Room(long limitBytes, String whose, Log log) {
        this.limitBytes = limitBytes;
        this.whose = whose;
        this.log = log;
    }

    /** A record was refused for lack of room. */
    synchronized void refused(long usedBytes) {
        if (!full && usedBytes >= limitBytes * AGAIN_SHARE) {
            full = true;
            log.warn("the store is full for " + whose + ": " + usedBytes + " of " + limitBytes
                    + " bytes are taken; see -maxbytes");
        }
    }

    /** Whether records are refused. */
    synchronized boolean full(long usedBytes) {
        if (full && usedBytes < limitBytes * AGAIN_SHARE) {
            full = false;
            log.info("the store has room again for " + whose);
        }
        return full;
    }
}
