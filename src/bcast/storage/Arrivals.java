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

    private static final int CHUNK = 1_024;

    /** So many places in a row. */
    private static final class Chunk {
        private final Data[] places = new Data[CHUNK];
        private int held;
    }

    private final TreeMap<Long, Chunk> chunks = new TreeMap<>();
    private long last;
    private int waiting;

    /** Appends a record. Returns its place, from 1 on. */
    synchronized long add(Data data) {
        Chunk chunk = chunks.get(++last / CHUNK);
        if (chunk == null) {
            chunks.values().removeIf(each -> each.held == 0);
            chunk = new Chunk();
            chunks.put(last / CHUNK, chunk);
        }
        chunk.places[(int) (last % CHUNK)] = data;
        chunk.held++;
        if (waiting > 0) {
            notifyAll();
        }
        return last;
    }

    /** Takes a record out of its place. */
    synchronized void remove(long seq) {
        Chunk chunk = chunks.get(seq / CHUNK);
        chunk.places[(int) (seq % CHUNK)] = null;
        chunk.held--;
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
        for (Map.Entry<Long, Chunk> entry : chunks.tailMap(next / CHUNK).entrySet()) {
            long first = entry.getKey() * CHUNK;
            for (int i = (int) Math.max(next - first, 0); i < CHUNK; i++) {
                if (page.size() >= limit) {
                    return;
                }
                Data data = entry.getValue().places[i];
                if (data != null) {
                    page.add(new Arrival(first + i, data));
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
