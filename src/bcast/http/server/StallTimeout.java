package bcast.http.server;

import java.util.OptionalLong;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;

/**
 * Disconnects a client that takes none of the bytes written to it for a time; one that takes some,
 * however slowly, stays connected. Progress is visible only when the client's system reports it:
 * Linux opens a full window once a sixteenth of the receive buffer is free again, 400 KB of 6 MB.
 * Restarted by the request's thread, evaluated by the watchdog's.
 */
final class StallTimeout implements LongUnaryOperator {

    /** Time between two looks at what a client has taken. */
    static final long LOOK_MS = 2_000;

    private final Supplier<OptionalLong> waiting;
    private final long limitMs;
    private OptionalLong before;
    private long lookedMs;
    private long progressMs;

    /** Disconnects after this time without a change of the bytes that wait, if known. */
    StallTimeout(Supplier<OptionalLong> waiting, long limitMs) {
        this.waiting = waiting;
        this.limitMs = limitMs;
        restart();
    }

    /** A write begins. */
    synchronized void restart() {
        before = null;
        lookedMs = 0;
        progressMs = 0;
    }

    /** When to cut the client, counted from the beginning of the write that goes on. */
    @Override
    public synchronized long applyAsLong(long takenMs) {
        if (takenMs < lookedMs + LOOK_MS) {
            return Long.MAX_VALUE;
        }
        lookedMs = takenMs;
        OptionalLong now = waiting.get();
        if (before != null && !before.equals(now)) {
            progressMs = takenMs;
        }
        before = now;
        return progressMs + limitMs;
    }
}
