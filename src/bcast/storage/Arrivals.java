package bcast.storage;

import bcast.data.Data;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The order in which records were stored, without those that are gone: readers that follow it miss
 * nothing, since no record ever comes in before one that they have seen. Guarded by its own
 * monitor, on which readers also wait for news.
 */
final class Arrivals {

    private static final int ROW = 1_024;

    /** Flag in the place that is noted with a record: it came from a peer. */
    private static final long FROM_PEER = 1L << 62;

    /** Consecutive places. */
    private static final class Row {
        private final long number;
        private final int[] handles = new int[ROW];
        private int held;

        Row(long number) {
            this.number = number;
        }
    }

    private final Chunks chunks;
    private final TreeMap<Long, Row> rows = new TreeMap<>();
    private Row newest = new Row(0);
    private long last;
    private int waiting;

    /** The order of records whose bytes are in these chunks. */
    Arrivals(Chunks chunks) {
        this.chunks = chunks;
        rows.put(newest.number, newest);
    }

    /** Appends a record, and notes its place, from 1 on, with it, and who brought it. */
    synchronized void add(int handle, boolean fromPeer) {
        if (++last / ROW != newest.number) {
            // Nothing is added to the one before any more; it may be empty already.
            dropIfEmpty(newest);
            newest = new Row(last / ROW);
            rows.put(newest.number, newest);
        }
        newest.handles[(int) (last % ROW)] = handle;
        newest.held++;
        chunks.seq(handle, fromPeer ? last | FROM_PEER : last);
        if (waiting > 0) {
            notifyAll();
        }
    }

    /** Takes a record out of its place. */
    synchronized void remove(int handle) {
        long seq = seq(handle);
        Row row = rows.get(seq / ROW);
        row.handles[(int) (seq % ROW)] = Chunks.NONE;
        row.held--;
        if (row != newest) {
            dropIfEmpty(row);
        }
    }

    /** The place of a record. */
    long seq(int handle) {
        return chunks.seq(handle) & ~FROM_PEER;
    }

    private void dropIfEmpty(Row row) {
        if (row.held == 0) {
            rows.remove(row.number);
        }
    }

    /** The place of the record that came last; 0 before the first. */
    synchronized long last() {
        return last;
    }

    /** Appends what follows a place, up to a number of records in all. */
    synchronized void after(long seq, int limit, List<Arrival> page) {
        if (seq >= last) {
            return;
        }
        long next = Math.max(seq, 0) + 1;
        for (Map.Entry<Long, Row> entry : rows.tailMap(next / ROW).entrySet()) {
            long first = entry.getKey() * ROW;
            for (int i = (int) Math.max(next - first, 0); i < ROW; i++) {
                if (page.size() >= limit) {
                    return;
                }
                int handle = entry.getValue().handles[i];
                if (handle != Chunks.NONE) {
                    Data data = chunks.data(handle);
                    page.add(new Arrival(first + i, data,
                            (chunks.seq(handle) & FROM_PEER) != 0));
                }
            }
        }
    }

    /** Waits for something after a place. Returns whether there is. */
    synchronized boolean await(long seq, long ms) throws InterruptedException {
        if (last <= seq) {
            waiting++;
            try {
                wait(Math.max(1, ms));
            } finally {
                waiting--;
            }
        }
        return last > seq;
    }
}
