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

    /** Flag in the place that an entry keeps: the record came from a peer. */
    private static final long FROM_PEER = 1L << 62;

    /** Consecutive places. */
    private static final class Row {
        private final long number;
        private final Entry[] entries = new Entry[ROW];
        private int held;

        Row(long number) {
            this.number = number;
        }
    }

    private final TreeMap<Long, Row> rows = new TreeMap<>();
    private Row newest = new Row(0);
    private long last;
    private int waiting;

    Arrivals() {
        rows.put(newest.number, newest);
    }

    /** Appends an entry, and notes its place, from 1 on, and who brought it. */
    synchronized void add(Entry entry, boolean fromPeer) {
        if (++last / ROW != newest.number) {
            // Nothing is added to the one before any more; it may be empty already.
            dropIfEmpty(newest);
            newest = new Row(last / ROW);
            rows.put(newest.number, newest);
        }
        newest.entries[(int) (last % ROW)] = entry;
        newest.held++;
        entry.arrival = fromPeer ? last | FROM_PEER : last;
        if (waiting > 0) {
            notifyAll();
        }
    }

    /** Has an entry hold another record, which arrives now. */
    synchronized void replace(Entry entry, Data winner, boolean fromPeer) {
        remove(entry);
        entry.data(winner);
        add(entry, fromPeer);
    }

    /** Takes an entry out of its place. */
    synchronized void remove(Entry entry) {
        long seq = seq(entry);
        Row row = rows.get(seq / ROW);
        row.entries[(int) (seq % ROW)] = null;
        row.held--;
        if (row != newest) {
            dropIfEmpty(row);
        }
    }

    private static long seq(Entry entry) {
        return entry.arrival & ~FROM_PEER;
    }

    /** The place of an entry if it holds an equal record, else 0. */
    synchronized long seq(Entry entry, Data data) {
        return entry.data().equals(data) ? seq(entry) : 0;
    }

    private void dropIfEmpty(Row row) {
        if (row.held == 0) {
            rows.remove(row.number);
        }
    }

    /** The place of the entry that came last; 0 before the first. */
    synchronized long last() {
        return last;
    }

    /** Appends what follows a place, up to a number of records in all. */
    synchronized void after(long seq, int limit, List<Arrival> page) {
        if (seq >= last) {
            return;
        }
        long next = Math.max(seq, 0) + 1;
        for (Map.Entry<Long, Row> each : rows.tailMap(next / ROW).entrySet()) {
            long first = each.getKey() * ROW;
            for (int i = (int) Math.max(next - first, 0); i < ROW; i++) {
                if (page.size() >= limit) {
                    return;
                }
                Entry entry = each.getValue().entries[i];
                if (entry != null) {
                    page.add(new Arrival(first + i, entry.data(),
                            (entry.arrival & FROM_PEER) != 0));
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
