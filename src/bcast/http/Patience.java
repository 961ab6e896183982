package bcast.http;

import java.util.OptionalLong;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;

/**
 * How long a client may take no byte of what is written to it. A client that takes some, however
 * slowly, is never cut. What a client reads shows only when its system says so: Linux opens a
 * window that was full once a sixteenth of the receive buffer is free again, 400 KB of one of 6 MB.
 * Restarted by the request's thread, asked by the watchdog's.
 */
final class Patience implements LongUnaryOperator {

    /** Time between two looks at what a client has taken. */
    static final long LOOK_MS = 2_000;

    private final Supplier<OptionalLong> waiting;
    private final long limitMs;
    private OptionalLong before;
    private long lookedMs;
    private long progressMs;

    /**
     * Lets a client take nothing for a while.
     *
     * @param waiting bytes that the client has not taken yet, if that is known
     * @param limitMs how long it may take none
     */
    Patience(Supplier<OptionalLong> waiting, long limitMs) {
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

    /**
     * Judges a write that goes on.
     *
     * @param takenMs for how long
     * @return when to cut the client, counted from the write's beginning
     */
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
