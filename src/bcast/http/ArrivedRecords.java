package bcast.http;

import bcast.core.Core;
import bcast.data.Data;
import bcast.data.JsonCursor;
import bcast.storage.Arrival;
import java.util.Iterator;
import java.util.List;

/**
 * Records in the order in which this node accepted them, few of which are objects at a time.
 * Belongs to one thread.
 */
final class ArrivedRecords implements JsonCursor {

    private static final int READ_AT_ONCE = 256;

    /** What is in memory at a time, in bytes. */
    static final int MEMORY_BYTES = READ_AT_ONCE * 56;

    private final Core core;
    private final long sinceMs;
    private final long last;
    private Iterator<Arrival> read = List.<Arrival>of().iterator();
    private Data present;
    private long seq;

    /** Those dated from a time on, after one place and up to another. */
    ArrivedRecords(Core core, long sinceMs, long after, long last) {
        this.core = core;
        this.sinceMs = sinceMs;
        this.seq = after;
        this.last = last;
    }

    @Override
    public boolean next() {
        while (seq < last) {
            if (!read.hasNext()) {
                long upTo = core.lastArrival();
                read = core.arrivals(seq, READ_AT_ONCE).iterator();
                if (!read.hasNext()) {
                    // What was there has expired.
                    seq = Math.max(seq, upTo);
                    return false;
                }
            }
            Arrival arrival = read.next();
            if (arrival.seq() > last) {
                return false;
            }
            seq = arrival.seq();
            present = arrival.data();
            if (present.timestamp() >= sinceMs) {
                return true;
            }
        }
        return false;
    }

    /** Place of the present record; at the end, of the last one that was there. */
    long seq() {
        return seq;
    }

    @Override
    public int length() {
        return present.jsonLength();
    }

    @Override
    public int write(int from, byte[] target, int at) {
        return present.json(from, target, at);
    }
}
