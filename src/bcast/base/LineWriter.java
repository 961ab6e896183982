package bcast.base;

import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Writes the lines of all threads on its own thread, {@code log}: a write to a pipe that is not
 * read blocks, so no other thread may write. Once its queue is full, lines are dropped and counted
 * until all of it is written; then a line reports their number. Safe for use by any thread.
 */
public final class LineWriter implements Consumer<String> {

    /** Counts lines dropped because the queue was full. */
    public static final Metric DROPPED = Metric.counter("bcast_log_lines_dropped_total",
            "Log lines dropped because those before them were not read in time.");

    /** Most lines in the queue. */
    public static final int MAX_LINES = 8_192;

    /** Most memory of the lines in the queue, in bytes, two for each character. */
    public static final int MAX_BYTES = 1 << 20;

    /** Lines are written together up to about this length: each write is a system call. */
    private static final int PIECE_CHARS = 8 * 1024;

    private final PrintStream target;
    private final Clock clock;
    private final Counters counters;
    private final Thread thread;
    private final Queue<String> lines = new ArrayDeque<>();
    private long bytes;
    private long dropped;
    /** Whether the thread holds lines that it has not written. */
    private boolean writing;
    private byte[] urgent;
    private int urgentLength;

    /**
     * Writes nothing before {@link #start}.
     *
     * @param target receives the lines
     * @param clock for the time of its own lines
     * @param counters counts dropped lines
     */
    public LineWriter(PrintStream target, Clock clock, Counters counters) {
        this.target = target;
        this.clock = clock;
        this.counters = counters;
        this.thread = new Thread(this::run, "log");
        thread.setDaemon(true);
        // Created now, since there may be no memory for it later.
        counters.declare(List.of(DROPPED));
    }

    /** Starts to write. */
    public void start() {
        thread.start();
    }

    /**
     * Queues a line; never waits for the target.
     *
     * @param line the line, without its end
     */
    @Override
    public synchronized void accept(String line) {
        if (dropped > 0 || lines.size() >= MAX_LINES || bytes + bytes(line) > MAX_BYTES) {
            drop();
        } else {
            queue(line);
        }
    }

    private synchronized void drop() {
        dropped++;
        counters.count(DROPPED);
        notifyAll();
    }

    private static long bytes(String line) {
        return (long) Character.BYTES * line.length();
    }

    private void queue(String line) {
        lines.add(line);
        bytes += bytes(line);
        notifyAll();
    }

    private void run() {
        try {
            while (true) {
                writeSome();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void writeSome() throws InterruptedException {
        try {
            String piece = take();
            if (!piece.isEmpty()) {
                target.print(piece);
                target.flush();
            }
            writeUrgent();
        } catch (OutOfMemoryError e) {
            // Lines are lost, and the thread continues with the next ones.
            drop();
        }
    }

    /** Waits for lines and takes some; returns an empty text for an urgent message. */
    private synchronized String take() throws InterruptedException {
        writing = false;
        notifyAll();
        while (lines.isEmpty() && dropped == 0 && urgent == null) {
            wait();
        }
        if (urgent != null) {
            return "";
        }
        writing = true;
        if (lines.isEmpty()) {
            queue(Log.line(clock, Log.Level.WARN, dropped
                    + " log lines were dropped because those before them were not read in time"));
            dropped = 0;
        }
        StringBuilder piece = new StringBuilder(2 * PIECE_CHARS);
        while (!lines.isEmpty() && piece.length() < PIECE_CHARS) {
            String line = lines.remove();
            bytes -= bytes(line);
            piece.append(line).append(System.lineSeparator());
        }
        return piece.toString();
    }

    private synchronized void writeUrgent() {
        if (urgent != null) {
            target.write(urgent, 0, urgentLength);
            target.flush();
            urgent = null;
            notifyAll();
        }
    }

    /**
     * Waits until all queued lines are written, up to a limit of time.
     *
     * @param ms longest wait in milliseconds
     */
    public synchronized void flush(long ms) {
        await(true, ms);
    }

    /**
     * Writes a message before all queued lines and waits for it, up to a limit of time. Allocates
     * no memory.
     *
     * @param message bytes of one or more whole lines
     * @param length number of the bytes
     * @param ms longest wait in milliseconds
     */
    public synchronized void urgent(byte[] message, int length, long ms) {
        urgent = message;
        urgentLength = length;
        notifyAll();
        await(false, ms);
    }

    /** Waits until the urgent message is written, or also all lines. Allocates no memory. */
    private void await(boolean all, long ms) {
        long untilMs = clock.steadyMs() + ms;
        try {
            while ((urgent != null || all && (writing || !lines.isEmpty() || dropped > 0))
                    && clock.steadyMs() < untilMs) {
                wait(untilMs - clock.steadyMs() + 1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
