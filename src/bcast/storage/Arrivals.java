package bcast.storage;

import bcast.data.Data;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The store's index by arrival: its entries in the order in which this node stored their records,
 * by sequence numbers from 1 on. Entries are added at the end only, so a reader that continues
 * after the last number it read misses nothing. Numbers of removed entries are not used again; a
 * row of numbers is dropped once all its entries are removed. Guarded by its own monitor, on which
 * readers wait for the next record.
 */
final class Arrivals {

    /** Sequence numbers of a row. */
    private static final int ROW = 1_024;

    /** Flag bit of the stored sequence number: the record came from a peer or from disk. */
    private static final long FROM_PEER = 1L << 62;

    /** The entries of consecutive sequence numbers, null where one was removed. */
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

    Arrivals() {
        rows.put(newest.number, newest);
    }

    /** Appends an entry and sets its sequence number. */
    synchronized void add(Entry entry, boolean fromPeer) {
        if (++last / ROW != newest.number) {
            // No entry is added to the previous row any more, and it may be empty already.
            dropIfEmpty(newest);
            newest = new Row(last / ROW);
            rows.put(newest.number, newest);
        }
        newest.entries[(int) (last % ROW)] = entry;
        newest.held++;
        entry.arrival = fromPeer ? last | FROM_PEER : last;
        notifyAll();
    }

    /** Replaces the record of an entry, which gets a new sequence number. */
    synchronized void replace(Entry entry, Data winner, boolean fromPeer) {
        remove(entry);
        entry.data = winner;
        add(entry, fromPeer);
    }

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

    /** The sequence number of an entry if it holds an equal record, else 0. */
    synchronized long seq(Entry entry, Data data) {
        return entry.data.equals(data) ? seq(entry) : 0;
    }

    private void dropIfEmpty(Row row) {
        if (row.held == 0) {
            rows.remove(row.number);
        }
    }

    /** The highest sequence number in use; 0 before the first. */
    synchronized long last() {
        return last;
    }

    /** Appends the records that follow a sequence number to a page of at most a limit. */
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
                    page.add(new Arrival(first + i, entry.data,
                            (entry.arrival & FROM_PEER) != 0));
                }
            }
        }
    }

    /** Waits for a record with a higher number. Returns whether there is one; may return early. */
    synchronized boolean await(long seq, long ms) throws InterruptedException {
        if (last <= seq) {
            wait(Math.max(1, ms));
        }
        return last > seq;
    }
}
