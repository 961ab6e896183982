package bcast.http;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Delivers the lines of a batch, in order. It begins on the thread that reads them; the lines of a
 * batch that goes on are delivered on another thread while the next ones are read. That thread gets
 * them as soon as the reader would have to wait for more, so no line waits for another to come.
 * Belongs to the reader's thread.
 */
final class LineDelivery implements AutoCloseable {

    /** What a thread of its own costs is little to so many lines. */
    static final int ALONE_LINES = 512;

    /** Lines handed over at once, which costs some microseconds. */
    private static final int HANDED_LINES = 64;

    /** So far the reader may be ahead. It then waits until half of that is delivered. */
    static final int MAX_AHEAD_BYTES = 512 * 1024;

    /** Memory for lines that wait. */
    interface Memory {
        /** Takes memory, which is given back with the request's. */
        void take(int bytes) throws HttpError;
    }

    private record Block(List<PostedLine> lines, int bytes) {}

    private final Consumer<PostedLine> deliver;
    private final Executor threads;
    private final Memory memory;
    private long lines;
    private List<PostedLine> next = new ArrayList<>(HANDED_LINES);
    private int nextBytes;
    /** Whether there is a thread, or none could be had. */
    private boolean decided;
    private boolean ownThread;

    private final Object lock = new Object();
    /** The following belong to the lock. */
    private final Queue<Block> handed = new ArrayDeque<>();
    private final List<PostedLine> delivered = new ArrayList<>();
    private volatile boolean anyDelivered;
    private int aheadBytes;
    private boolean over;
    private Throwable fault;

    /**
     * Nothing to deliver yet.
     *
     * @param deliver delivers a line and notes the answer, on some thread
     * @param threads where a thread for a long batch comes from
     * @param memory for lines that wait
     */
    LineDelivery(Consumer<PostedLine> deliver, Executor threads, Memory memory) {
        this.deliver = deliver;
        this.threads = threads;
        this.memory = memory;
    }

    /** Adds a line of so many bytes, which is delivered after those before it. */
    void add(PostedLine line, int bytes) throws IOException {
        lines++;
        next.add(line);
        nextBytes += bytes;
        if (next.size() == HANDED_LINES || nextBytes >= MAX_AHEAD_BYTES / 4) {
            handOn();
        }
    }

    /** Lets go of all lines added so far: who reads may have to wait now. */
    void handOn() throws IOException {
        if (next.isEmpty()) {
            return;
        }
        if (lines > ALONE_LINES && !decided) {
            decided = true;
            ownThread = started();
        }
        Block block = new Block(next, nextBytes);
        next = new ArrayList<>(HANDED_LINES);
        nextBytes = 0;
        if (ownThread) {
            handOver(block);
        } else {
            block.lines.forEach(deliver);
            delivered(block);
        }
    }

    private boolean started() {
        try {
            memory.take(MAX_AHEAD_BYTES);
            threads.execute(this::deliverHanded);
            return true;
        } catch (HttpError | RejectedExecutionException full) {
            // It goes on as it did.
            return false;
        }
    }

    private void handOver(Block block) throws IOException {
        synchronized (lock) {
            if (aheadBytes + block.bytes > MAX_AHEAD_BYTES) {
                awaitAhead(MAX_AHEAD_BYTES / 2);
            }
            handed.add(block);
            aheadBytes += block.bytes;
            lock.notifyAll();
        }
    }

    /** Waits until the reader is no farther ahead, even if it is interrupted. */
    private void awaitAhead(int bytes) throws IOException {
        boolean interrupted = false;
        while (aheadBytes > bytes && fault == null) {
            try {
                lock.wait();
            } catch (InterruptedException cut) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (fault != null) {
            throw new IOException("lines were not delivered", fault);
        }
    }

    /** Appends the lines that were delivered since the last call, in order. */
    void takeDelivered(List<PostedLine> taken) {
        if (anyDelivered) {
            synchronized (lock) {
                taken.addAll(delivered);
                delivered.clear();
                anyDelivered = false;
            }
        }
    }

    private void delivered(Block block) {
        synchronized (lock) {
            delivered.addAll(block.lines);
            anyDelivered = true;
        }
    }

    /** Waits until all lines are delivered. */
    void finish() throws IOException {
        handOn();
        synchronized (lock) {
            awaitAhead(0);
        }
    }

    /** Delivers what was added, and lets the thread go. */
    @Override
    public void close() throws IOException {
        try {
            finish();
        } finally {
            synchronized (lock) {
                over = true;
                lock.notifyAll();
            }
        }
    }

    // ---- on the other thread

    private void deliverHanded() {
        try {
            for (Block block = await(); block != null; block = await()) {
                block.lines.forEach(deliver);
                synchronized (lock) {
                    delivered(block);
                    boolean far = aheadBytes > MAX_AHEAD_BYTES / 2;
                    aheadBytes -= block.bytes;
                    if (aheadBytes == 0 || far && aheadBytes <= MAX_AHEAD_BYTES / 2) {
                        lock.notifyAll();
                    }
                }
            }
        } catch (InterruptedException | RuntimeException | Error e) {
            synchronized (lock) {
                fault = e;
                lock.notifyAll();
            }
        }
    }

    /** The next block, or null if none will come. */
    private Block await() throws InterruptedException {
        synchronized (lock) {
            while (handed.isEmpty() && !over) {
                lock.wait();
            }
            return handed.poll();
        }
    }
}
