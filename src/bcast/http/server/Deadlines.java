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

    private static final long CHECK_MS = 250;
    private static final LongUnaryOperator HEADERS = taken -> HEADERS_MS;
    static final LongUnaryOperator PHASE = taken -> PHASE_MS;
    private static final LongUnaryOperator DRAIN = taken -> DRAIN_MS;
    private static final LongUnaryOperator LAST_WORDS = taken -> LAST_WORDS_MS;
    private static final LongUnaryOperator FOR_EVER = taken -> Long.MAX_VALUE;

    private static final BooleanSupplier NOTHING = () -> false;

    /** Most clients that are answered at a time before they are cut; it takes microseconds. */
    private static final int MAX_LAST_WORDS = 32;

    private final Map<Thread, Task> tasks = new ConcurrentHashMap<>();
    private final Executor threads;
    /** Not those of requests, which may all be busy. */
    private final ExecutorService lastWords = RequestThreads.forRequests(MAX_LAST_WORDS);
    private final RequestSlots slots;
    private final Clock clock;
    private final Worker watchdog;

    Deadlines(Executor threads, RequestSlots slots, Clock clock,
            FaultHandler fault) {
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
        threads.execute(new Task(request));
    }

    /** The headers of this thread's request are read. */
    void headersRead() {
        Task task = current();
        if (task != null) {
            task.slot.ifPresent(RequestSlots.Slot::headersRead);
        }
    }

    /** The request of this thread; null if it runs none. */
    private Task current() {
        return tasks.get(Thread.currentThread());
    }

    /** The request of this thread is answered, and reads what is left of its body. */
    void drain() {
        Task task = current();
        if (task != null) {
            task.begin(DRAIN, NOTHING);
            task.slot.ifPresent(RequestSlots.Slot::answered);
        }
    }

    /** Gives the request of this thread a new deadline: it made progress. */
    void extend() {
        extend(PHASE);
    }

    /**
     * The same with a limit of its own.
     *
     * @param patience maps the time since the phase began to the time that it may take, in
     *     milliseconds; called on the watchdog's thread
     */
    void extend(LongUnaryOperator patience) {
        extend(patience, NOTHING);
    }

    /**
     * The same with last words for the client.
     *
     * @param lastWords answers the client before it is cut, on another thread; returns whether it
     *     did, and if not, the request goes on
     */
    void extend(LongUnaryOperator patience, BooleanSupplier lastWords) {
        Task task = current();
        if (task != null) {
            task.begin(patience, lastWords);
        }
    }

    /** Lets the request of this thread wait for something that is not its client. */
    void suspend() {
        extend(FOR_EVER);
    }

    /** The present time of the clock that deadlines use. */
    long nowMs() {
        return clock.steadyMs();
    }

    /** Cuts the request of this thread, which must not go on. */
    void cut() {
        Task task = current();
        if (task != null) {
            task.cut();
        }
    }

    /** Whether the request of this thread was cut. */
    boolean wasCut() {
        Task task = current();
        return task != null && task.cut;
    }

    private void cutLate() {
        long now = clock.steadyMs();
        for (Task task : tasks.values()) {
            Phase phase = task.phase;
            long takenMs = now - phase.beganMs;
            if (takenMs > phase.patience.applyAsLong(takenMs)) {
                task.late(phase);
            }
        }
    }

    private record Phase(long beganMs, LongUnaryOperator patience, BooleanSupplier lastWords) {}

    private final class Task implements Runnable {
        private final Runnable request;
        /** Known to the request's thread only. */
        private Optional<RequestSlots.Slot> slot = Optional.empty();
        private volatile Phase phase;
        private volatile boolean cut;
        private Thread thread;

        Task(Runnable request) {
            this.request = request;
        }

        @Override
        public void run() {
            Thread current = Thread.currentThread();
            begin(HEADERS, NOTHING);
            owner(current);
            tasks.put(current, this);
            try {
                slot = slots.take(this::cut);
                if (slot.isEmpty()) {
                    // Its first read fails, and the JDK's server removes the connection.
                    cut();
                }
                request.run();
            } finally {
                slot.ifPresent(RequestSlots.Slot::free);
                tasks.remove(current);
                owner(null);
                // A late interrupt must not reach the thread's next request.
                Thread.interrupted();
            }
        }

        synchronized void begin(LongUnaryOperator patience, BooleanSupplier lastWords) {
            phase = new Phase(clock.steadyMs(), patience, lastWords);
        }

        /** Cuts the request unless it has gone on since, after its last words if it has some. */
        synchronized void late(Phase late) {
            if (phase != late) {
                return;
            }
            if (late.lastWords == NOTHING) {
                cut();
                return;
            }
            // On a thread of its own, since the write blocks if the client reads nothing.
            begin(LAST_WORDS, NOTHING);
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

        synchronized void cut() {
            if (thread != null) {
                cut = true;
                thread.interrupt();
            }
        }
    }
}
