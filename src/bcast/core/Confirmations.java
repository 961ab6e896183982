package bcast.core;

import bcast.base.Clock;
import bcast.data.Data;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Clients' records of which a peer has to say that it holds them. Safe for use by any thread. */
final class Confirmations {

    /** Longest wait for a peer, in milliseconds. */
    static final long WAIT_MS = 5_000;

    /** Most records that wait; the one that waits longest is given up for another. */
    static final int MAX_WAITING = 65_536;

    /** Has the cluster ask for a record, which may have been stored before. */
    interface Ask {
        void of(Data data, boolean again);
    }

    private final Clock clock;
    private final Ask ask;
    private final Map<Data, CompletableFuture<Boolean>> waiting = new LinkedHashMap<>();

    /**
     * Nothing waits.
     *
     * @param clock for the wait
     * @param ask has the cluster ask for a record
     */
    Confirmations(Clock clock, Ask ask) {
        this.clock = clock;
        this.ask = ask;
    }

    /** Asks for a record that is stored just now. */
    void want(Data data) {
        expect(data, false);
    }

    /** Asks for a record, unless that was done already. */
    private CompletableFuture<Boolean> expect(Data data, boolean again) {
        CompletableFuture<Boolean> fresh = new CompletableFuture<>();
        synchronized (this) {
            CompletableFuture<Boolean> known = waiting.putIfAbsent(data, fresh);
            if (known != null) {
                return known;
            }
            if (waiting.size() > MAX_WAITING) {
                Iterator<CompletableFuture<Boolean>> first = waiting.values().iterator();
                first.next().complete(false);
                first.remove();
            }
        }
        ask.of(data, again);
        return fresh;
    }

    /** A peer holds a record. */
    synchronized void confirmed(Data data) {
        CompletableFuture<Boolean> known = waiting.get(data);
        if (known != null) {
            known.complete(true);
        }
    }

    private synchronized void forget(Data data, CompletableFuture<Boolean> known) {
        waiting.remove(data, known);
    }

    /** Waits until peers hold all of these; whether they do. */
    boolean await(Collection<Data> records) throws InterruptedException {
        long deadlineMs = clock.steadyMs() + WAIT_MS;
        List<CompletableFuture<Boolean>> expected = new ArrayList<>(records.size());
        records.forEach(data -> expected.add(expect(data, true)));
        boolean all = true;
        Iterator<Data> each = records.iterator();
        for (CompletableFuture<Boolean> one : expected) {
            all &= await(one, deadlineMs - clock.steadyMs());
            forget(each.next(), one);
        }
        return all;
    }

    private static boolean await(CompletableFuture<Boolean> one, long ms)
            throws InterruptedException {
        try {
            return one.get(Math.max(0, ms), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a confirmation failed", e);
        }
    }
}
