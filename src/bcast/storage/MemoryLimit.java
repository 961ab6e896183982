package bcast.storage;

import bcast.base.Log;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A limit on the memory of a store. Once a record is refused the store counts as full until 5 % of
 * the limit is free, so that a node does not alternate. A large record may be refused while small
 * ones still fit. Safe for use by any thread.
 */
final class MemoryLimit {

    /** The store is full until less than this share of the limit is used. */
    private static final double AGAIN_SHARE = 0.95;

    private final AtomicLong usedBytes;
    private final long limitBytes;
    private final Log log;
    private volatile boolean full;
    /** Source of the record that was refused last. */
    private String source = "";
    /** Bytes of the largest record refused while the store was not full; 0 if none was. */
    private volatile long refusedBytes;

    /** A limit on memory that is counted elsewhere, too: several limits share one count. */
    MemoryLimit(AtomicLong usedBytes, long limitBytes, Log log) {
        this.usedBytes = usedBytes;
        this.limitBytes = limitBytes;
        this.log = log;
    }

    /** Reserves memory unless that would exceed the limit. */
    boolean take(long bytes) {
        if (usedBytes.addAndGet(bytes) <= limitBytes) {
            return true;
        }
        usedBytes.addAndGet(-bytes);
        return false;
    }

    /** Notes that a record of some bytes from a source, such as "a peer", was refused. */
    synchronized void refused(long bytes, String from) {
        long used = usedBytes.get();
        String limits = used + " of " + limitBytes + " bytes are used; see -maxbytes";
        if (!full && used >= limitBytes * AGAIN_SHARE) {
            full = true;
            log.warn("the store is full and refused a record of " + from + ": " + limits);
        } else if (!full && refusedBytes == 0) {
            log.warn("the store has no room for a large record of " + from + ": " + limits);
        }
        source = from;
        refusedBytes = full ? 0 : Math.max(refusedBytes, bytes);
    }

    /** Source of a large record that was refused and would still not fit; empty if none was. */
    synchronized Optional<String> largeRecordsRejectedFrom() {
        if (refusedBytes > 0 && usedBytes.get() + refusedBytes <= limitBytes) {
            refusedBytes = 0;
            log.info("the store has room again for large records of " + source);
        }
        return refusedBytes > 0 ? Optional.of(source) : Optional.empty();
    }

    /** Whether records are refused. */
    boolean full() {
        // Called for each record of a client; mostly none was refused, and no lock is needed.
        return (full || refusedBytes > 0) && stillFull();
    }

    private synchronized boolean stillFull() {
        largeRecordsRejectedFrom();
        if (full && usedBytes.get() < limitBytes * AGAIN_SHARE) {
            full = false;
            log.info("the store has room again for records of " + source);
        }
        return full;
    }
}
