package bcast.base;

import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Writes the lines of all threads by one thread of its own, {@code log}. A pipe that nobody reads
 * blocks whoever writes to it, so nobody else does. What waits is bounded: once it is full, lines
 * are dropped and counted until half of it is written, and then a line says how many were. Safe
 * for use by any thread.
 */
public final class LineWriter implements Consumer<String> {

    /** Counts lines dropped because those before them were not written yet. */
    public static final String DROPPED = "log_lines_dropped";

    /** Most lines that wait. */
    public static final int MAX_LINES = 8_192;

    /** Most memory of lines that wait, in bytes, two for each character. */
    public static final int MAX_BYTES = 1 << 20;

    /** Lines are written together up to about this length: each write is a call of the system. */
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
     * @param target where lines go
     * @param clock for the time of its own line
     * @param counters where dropped lines are counted
     */
    public LineWriter(PrintStream target, Clock clock, Counters counters) {
        this.target = target;
        this.clock = clock;
        this.counters = counters;
        this.thread = new Thread(this::run, "log");
        thread.setDaemon(true);
        // Made now, since there may be no memory for it later.
        counters.add(DROPPED, 0);
    }

    /** Begins to write. */
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
        if (dropped > 0 && lines.size() <= MAX_LINES / 2 && bytes <= MAX_BYTES / 2) {
            queueDropped();
        }
        if (dropped > 0 || lines.size() >= MAX_LINES || bytes + bytes(line) > MAX_BYTES) {
            dropped++;
            counters.count(DROPPED);
            return;
        }
        queue(line);
    }

    private static long bytes(String line) {
        return (long) Character.BYTES * line.length();
    }

    private void queue(String line) {
        lines.add(line);
        bytes += bytes(line);
        notifyAll();
    }

    private void queueDropped() {
        queue(Log.line(clock, Log.Level.WARN, dropped
                + " log lines were dropped because those before them were not read in time"));
        dropped = 0;
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
            lost();
        }
    }

    /** Some lines are lost for lack of memory, but the thread stays for those to come. */
    private synchronized void lost() {
        dropped++;
        counters.count(DROPPED);
    }

    /** Waits for lines, and takes some; returns an empty text for an urgent message. */
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
            queueDropped();
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
     * Waits until everything queued so far is written, if that does not take long.
     *
     * @param ms longest wait in milliseconds
     */
    public synchronized void flush(long ms) {
        long untilMs = clock.steadyMs() + ms;
        try {
            while ((writing || !lines.isEmpty() || dropped > 0) && clock.steadyMs() < untilMs) {
                wait(untilMs - clock.steadyMs() + 1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Writes a message before all lines, and waits until that is done, if it does not take long.
     * Allocates no memory.
     *
     * @param message bytes of one or more whole lines
     * @param length how many of them
     * @param ms longest wait in milliseconds
     */
    public synchronized void urgent(byte[] message, int length, long ms) {
        urgent = message;
        urgentLength = length;
        notifyAll();
        long untilMs = clock.steadyMs() + ms;
        try {
            while (urgent != null && clock.steadyMs() < untilMs) {
                wait(untilMs - clock.steadyMs() + 1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
