package bcast.http.server;

import bcast.base.Clock;
import bcast.base.FaultHandler;
import bcast.base.Worker;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.LongUnaryOperator;

/**
 * Runs requests and cuts those whose client is too slow: it interrupts the request's thread, which
 * closes the connection. That is safe from another thread; closing the exchange is not. The
 * limits of the JDK's server do not serve here, since a request holds a thread from its first byte.
 */
final class Deadlines implements Executor {

    /** Longest time for request line and headers, from the first byte. */
    static final long HEADERS_MS = 10_000;

    /** Longest time without progress, of a body that arrives or an answer that is sent. */
    static final long PHASE_MS = 20_000;

    /** Longest time to read and throw away what is left of a body after its answer. */
    static final long DRAIN_MS = 10_000;

    /** Longest time to answer a client before it is cut. */
    private static final long LAST_WORDS_MS = 1_000;

    /** Most clients that are answered at a time before they are cut; it takes microseconds. */
    private static final int MAX_LAST_WORDS = 32;

    private static final long CHECK_MS = 250;
    private static final BooleanSupplier NO_LAST_WORDS = () -> false;

    private final Map<Thread, Deadline> running = new ConcurrentHashMap<>();
    private final Executor threads;
    /** Not those of requests, which may all be busy. */
    private final ExecutorService lastWords = RequestThreads.forRequests(MAX_LAST_WORDS);
    private final RequestSlots slots;
    private final Clock clock;
    private final Worker watchdog;

    Deadlines(Executor threads, RequestSlots slots, Clock clock, FaultHandler fault) {
        this.threads = threads;
        this.slots = slots;
        this.clock = clock;
        this.watchdog = new Worker("http-watchdog", () -> {
            while (true) {
                Thread.sleep(CHECK_MS);
                cutLate();
            }
        }, fault);
    }

    void start() {
        watchdog.start();
    }

    void stop() {
        watchdog.stop();
        lastWords.shutdownNow();
    }

    @Override
    public void execute(Runnable request) {
        threads.execute(new Deadline(request));
    }

    /** The deadline of this thread's request; nothing watches it if the thread runs none. */
    Deadline current() {
        return running.getOrDefault(Thread.currentThread(), new Deadline(() -> { }));
    }

    private void cutLate() {
        long now = clock.steadyMs();
        for (Deadline deadline : running.values()) {
            Phase phase = deadline.phase;
            long takenMs = now - phase.beganMs;
            if (takenMs > phase.patience.applyAsLong(takenMs)) {
                deadline.late(phase);
            }
        }
    }

    private record Phase(long beganMs, LongUnaryOperator patience, BooleanSupplier lastWords) {}

    /** The deadline of one request, whose thread alone uses it; the watchdog cuts the request. */
    final class Deadline implements Runnable {
        private final Runnable request;
        private Optional<RequestSlots.Slot> slot = Optional.empty();
        private volatile Phase phase;
        private volatile boolean cut;
        private Thread thread;

        private Deadline(Runnable request) {
            this.request = request;
        }

        @Override
        public void run() {
            Thread current = Thread.currentThread();
            begin(takenMs -> HEADERS_MS, NO_LAST_WORDS);
            owner(current);
            running.put(current, this);
            try {
                slot = slots.take(this::cut);
                if (slot.isEmpty()) {
                    // Its first read fails, and the JDK's server removes the connection.
                    cut();
                }
                request.run();
            } finally {
                slot.ifPresent(RequestSlots.Slot::free);
                running.remove(current);
                owner(null);
                // A late interrupt must not reach the thread's next request.
                Thread.interrupted();
            }
        }

        void headersRead() {
            slot.ifPresent(RequestSlots.Slot::headersRead);
        }

        /** The request is answered, and reads what is left of its body. */
        void drain() {
            begin(takenMs -> DRAIN_MS, NO_LAST_WORDS);
            slot.ifPresent(RequestSlots.Slot::answered);
        }

        /** Begins anew, since the request made progress. */
        void extend() {
            extend(NO_LAST_WORDS);
        }

        /**
         * The same. Late clients get last words before they are cut, on another thread; if those
         * return false, the request goes on.
         */
        void extend(BooleanSupplier lastWords) {
            begin(takenMs -> PHASE_MS, lastWords);
        }

        /**
         * The same, with a function for the watchdog's thread from the time since the beginning to
         * the limit, in milliseconds.
         */
        void extend(LongUnaryOperator patience) {
            begin(patience, NO_LAST_WORDS);
        }

        /** Lets the request wait for something that is not its client. */
        void suspend() {
            begin(takenMs -> Long.MAX_VALUE, NO_LAST_WORDS);
        }

        private synchronized void begin(LongUnaryOperator patience, BooleanSupplier lastWords) {
            phase = new Phase(nowMs(), patience, lastWords);
        }

        long nowMs() {
            return clock.steadyMs();
        }

        /** Cuts the request unless it has gone on since, after its last words if it has some. */
        private synchronized void late(Phase late) {
            if (phase != late) {
                return;
            }
            if (late.lastWords == NO_LAST_WORDS) {
                cut();
                return;
            }
            // On a thread of its own, since the write blocks if the client reads nothing.
            begin(takenMs -> LAST_WORDS_MS, NO_LAST_WORDS);
            try {
                lastWords.execute(() -> {
                    if (late.lastWords.getAsBoolean()) {
                        cut();
                    }
                });
            } catch (RejectedExecutionException full) {
                cut();
            }
        }

        private synchronized void owner(Thread current) {
            thread = current;
        }

        /** Cuts the request, which must not go on; by any thread. */
        synchronized void cut() {
            if (thread != null) {
                cut = true;
                thread.interrupt();
            }
        }

        boolean wasCut() {
            return cut;
        }
    }
}
