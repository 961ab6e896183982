package bcast.http;

import bcast.base.Clock;
import bcast.base.Worker;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.LongUnaryOperator;

/**
 * Runs requests and cuts those whose client is too slow. The JDK's server has no such limits that
 * are of use: each request holds a thread from its first byte on. Interrupting that thread closes
 * its connection, and that is safe from another thread, where closing the exchange is not.
 */
final class Deadlines implements Executor {

    /** Longest time for request line and headers, from the first byte. */
    static final long HEADERS_MS = 10_000;

    /** Longest time for a body, and for a client to take each piece of an answer. */
    static final long PHASE_MS = 20_000;

    private static final long CHECK_MS = 250;
    private static final LongUnaryOperator HEADERS = taken -> HEADERS_MS;
    static final LongUnaryOperator PHASE = taken -> PHASE_MS;
    private static final LongUnaryOperator FOR_EVER = taken -> Long.MAX_VALUE;

    private final Map<Thread, Task> tasks = new ConcurrentHashMap<>();
    private final Executor threads;
    private final Clock clock;
    private final Worker watchdog;

    Deadlines(Executor threads, Clock clock, BiConsumer<String, Throwable> fault) {
        this.threads = threads;
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
    }

    @Override
    public void execute(Runnable request) {
        threads.execute(new Task(request));
    }

    /** The request of this thread; null if it runs none. */
    private Task current() {
        return tasks.get(Thread.currentThread());
    }

    /** Gives the request of this thread a new deadline: it made progress. */
    void extend() {
        extend(PHASE);
    }

    /**
     * The same with a patience of its own.
     *
     * @param patience gets how long this phase took so far and tells how long it may take, in
     *     milliseconds; called on the watchdog's thread
     */
    void extend(LongUnaryOperator patience) {
        Task task = current();
        if (task != null) {
            task.begin(patience);
        }
    }

    /** Lets the request of this thread wait for something that is not its client. */
    void suspend() {
        extend(FOR_EVER);
    }

    /** The time by which deadlines go. */
    long nowMs() {
        return clock.steadyMs();
    }

    /** Counts the request of this thread as cut. */
    void cutByHand() {
        Task task = current();
        if (task != null) {
            task.cut = true;
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
                task.cut();
            }
        }
    }

    private record Phase(long beganMs, LongUnaryOperator patience) {}

    private final class Task implements Runnable {
        private final Runnable request;
        private volatile Phase phase;
        private volatile boolean cut;
        private Thread thread;

        Task(Runnable request) {
            this.request = request;
        }

        @Override
        public void run() {
            Thread current = Thread.currentThread();
            begin(HEADERS);
            owner(current);
            tasks.put(current, this);
            try {
                request.run();
            } finally {
                tasks.remove(current);
                owner(null);
                // A cut that came late must not meet the thread's next request.
                Thread.interrupted();
            }
        }

        void begin(LongUnaryOperator patience) {
            phase = new Phase(clock.steadyMs(), patience);
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
