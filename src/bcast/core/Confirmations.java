package bcast.core;

import bcast.base.Clock;
import bcast.data.Data;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** Clients' records that a peer has to confirm ({@code -ack=peer}). Safe for use by any thread. */
final class Confirmations {

    /** Longest wait for a peer, in milliseconds. */
    static final long WAIT_MS = 5_000;

    /** A record for which no client waits is forgotten after this time, confirmed or not. */
    static final long FORGET_MS = WAIT_MS + 1_000;

    /** Most records that are known; beyond it the eldest is given up. */
    static final int MAX_WAITING = 65_536;

    private static final class Entry {
        private final CountDownLatch done = new CountDownLatch(1);
        private final long sinceMs;
        private int waiters;
        /** Written before {@link #done}, read after it. */
        private boolean confirmed;

        private Entry(long nowMs) {
            this.sinceMs = nowMs;
        }

        /** Whether no client waits, and none can be about to. */
        private boolean old(long nowMs) {
            return waiters == 0 && nowMs - sinceMs >= FORGET_MS;
        }
    }

    private final Clock clock;
    private final BiConsumer<Data, Boolean> ask;
    /** In the order of insertion, the eldest first. */
    private final Map<Data, Entry> entries = new LinkedHashMap<>();

    /** Asks the cluster for a confirmation of a record, which may have been stored before. */
    Confirmations(Clock clock, BiConsumer<Data, Boolean> ask) {
        this.clock = clock;
        this.ask = ask;
    }

    /** Requests a confirmation of a record just stored, for which a client is about to wait. */
    void want(Data data) {
        request(data, false);
    }

    private Entry request(Data data, boolean waits) {
        Entry entry;
        boolean fresh;
        synchronized (this) {
            long nowMs = clock.steadyMs();
            Entry known = entries.get(data);
            if (known != null && known.old(nowMs)) {
                // The new entry goes to the end.
                entries.remove(data);
                known = null;
            }
            fresh = known == null;
            entry = fresh ? new Entry(nowMs) : known;
            entries.put(data, entry);
            entry.waiters += waits ? 1 : 0;
            forgetOld();
        }
        if (fresh) {
            ask.accept(data, waits);
        }
        return entry;
    }

    private synchronized void leave(Data data, Entry entry) {
        if (--entry.waiters == 0) {
            entries.remove(data, entry);
        }
    }

    /** Forgets records whose clients never came to wait, and the eldest beyond the limit. */
    synchronized void forgetOld() {
        Iterator<Entry> each = entries.values().iterator();
        while (each.hasNext()) {
            Entry first = each.next();
            if (!first.old(clock.steadyMs()) && entries.size() <= MAX_WAITING) {
                return;
            }
            first.done.countDown();
            each.remove();
        }
    }

    /** A peer holds a record. */
    synchronized void confirmed(Data data) {
        Entry known = entries.get(data);
        if (known != null) {
            known.confirmed = true;
            known.done.countDown();
        }
    }

    /** Waits until peers hold all these records; returns whether they do. */
    boolean await(Collection<Data> records) throws InterruptedException {
        long deadlineMs = clock.steadyMs() + WAIT_MS;
        List<Entry> entered = new ArrayList<>(records.size());
        records.forEach(data -> entered.add(request(data, true)));
        boolean all = true;
        try {
            for (Entry entry : entered) {
                long ms = deadlineMs - clock.steadyMs();
                all &= entry.done.await(ms, TimeUnit.MILLISECONDS) && entry.confirmed;
            }
        } finally {
            Iterator<Data> each = records.iterator();
            entered.forEach(entry -> leave(each.next(), entry));
        }
        return all;
    }
}
