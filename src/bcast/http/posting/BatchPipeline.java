package bcast.http.posting;

import bcast.http.server.HttpError;
import bcast.http.server.MemoryBudget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Delivers the records of a batch, in order. It begins on the thread that reads them; those of a
 * long batch are delivered on another thread while the next ones are read. They are handed over
 * before the reader may block, so no record waits for another to arrive. Belongs to the reader's
 * thread.
 */
final class BatchPipeline implements AutoCloseable {

    /** Lines that repay the cost of a second thread. */
    static final int ALONE_LINES = 512;

    /** Lines to process before asking again for a second thread. */
    static final int AGAIN_LINES = 4_096;

    /** Lines handed over at once, which costs some microseconds. */
    private static final int HANDED_LINES = 64;

    /** Most bytes read and not delivered. The reader then waits until half of it is delivered. */
    static final int MAX_AHEAD_BYTES = 512 * 1024;

    /** Memory of a line in addition to its bytes, so that an empty one takes some. */
    static final int LINE_BYTES = 256;

    /** Time between checks of the other thread's progress. */
    private static final long LOOK_MS = 500;

    private record Block(List<PostedRecord> lines, int bytes) {}

    private final Consumer<PostedRecord> deliver;
    private final Executor threads;
    private final MemoryBudget.Account memory;
    private final Runnable extend;
    private long lines;
    private List<PostedRecord> next = new ArrayList<>(HANDED_LINES);
    private int nextBytes;
    private long askAtLine = ALONE_LINES + 1;
    private boolean ownThread;

    private final Object lock = new Object();
    /** Guards the following fields. */
    private final Queue<Block> handed = new ArrayDeque<>();
    private final List<PostedRecord> delivered = new ArrayList<>();
    private volatile boolean anyDelivered;
    private int aheadBytes;
    private boolean over;
    private Thread deliverer;
    private Throwable fault;

    /**
     * Nothing to deliver yet.
     *
     * @param deliver delivers a record and notes the reply, on any thread
     * @param threads runs the delivery of a long batch, or rejects it
     * @param memory of the request
     * @param extend called when records were delivered while the reader waited
     */
    BatchPipeline(Consumer<PostedRecord> deliver, Executor threads, MemoryBudget.Account memory,
            Runnable extend) {
        this.deliver = deliver;
        this.threads = threads;
        this.memory = memory;
        this.extend = extend;
    }

    /** Adds a record of a length in bytes, which is delivered after those before it. */
    void add(PostedRecord line, int bytes) {
        lines++;
        next.add(line);
        nextBytes += bytes + LINE_BYTES;
        if (next.size() == HANDED_LINES || nextBytes >= MAX_AHEAD_BYTES / 4) {
            handOn();
        }
    }

    /** Hands on all records added before, because the reader may block now. */
    void handOn() {
        if (next.isEmpty()) {
            return;
        }
        if (!ownThread && lines >= askAtLine) {
            askAtLine = lines + AGAIN_LINES;
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
        } catch (HttpError full) {
            // The reader's thread delivers on.
            return false;
        }
        try {
            threads.execute(this::deliverHanded);
            return true;
        } catch (RejectedExecutionException full) {
            memory.giveBack(MAX_AHEAD_BYTES);
            return false;
        }
    }

    private void handOver(Block block) {
        synchronized (lock) {
            if (aheadBytes + block.bytes > MAX_AHEAD_BYTES) {
                awaitAhead(MAX_AHEAD_BYTES / 2);
            }
            failIfBroken();
            handed.add(block);
            aheadBytes += block.bytes;
            lock.notifyAll();
        }
    }

    /**
     * Waits until at most this much is undelivered. If the wait is interrupted because nothing
     * made progress for too long, so is the other thread, until it makes progress, since it may
     * only be starting. All that was read is delivered.
     */
    private void awaitAhead(int bytes) {
        // An interrupt before was meant for the reader.
        boolean before = Thread.interrupted();
        boolean cut = false;
        while (aheadBytes > bytes && fault == null) {
            int was = aheadBytes;
            try {
                lock.wait(LOOK_MS);
            } catch (InterruptedException tooLong) {
                cut = true;
            }
            if (aheadBytes < was) {
                extend.run();
            } else if (cut && deliverer != null) {
                deliverer.interrupt();
            }
        }
        if (before || cut) {
            Thread.currentThread().interrupt();
        }
    }

    private void failIfBroken() {
        if (fault != null) {
            throw new IllegalStateException("a record was not delivered: " + fault, fault);
        }
    }

    /** Appends the records that were delivered since the last call, in order. */
    void takeDelivered(List<PostedRecord> taken) {
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

    /** Waits until all records are delivered. */
    void finish() {
        handOn();
        synchronized (lock) {
            awaitAhead(0);
            failIfBroken();
        }
    }

    /** Delivers what was added, and ends the other thread's work. */
    @Override
    public void close() {
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
        synchronized (lock) {
            deliverer = Thread.currentThread();
        }
        try {
            for (Block block = nextBlock(); block != null; block = nextBlock()) {
                for (PostedRecord line : block.lines) {
                    // An interrupt was meant for the record before.
                    Thread.interrupted();
                    deliver.accept(line);
                }
                synchronized (lock) {
                    delivered(block);
                    boolean far = aheadBytes > MAX_AHEAD_BYTES / 2;
                    aheadBytes -= block.bytes;
                    if (aheadBytes == 0 || far && aheadBytes <= MAX_AHEAD_BYTES / 2) {
                        lock.notifyAll();
                    }
                }
            }
        } catch (RuntimeException | Error e) {
            synchronized (lock) {
                fault = e;
                lock.notifyAll();
            }
        } finally {
            synchronized (lock) {
                // The thread serves other batches from now on.
                deliverer = null;
            }
        }
    }

    /** The next block, or null if none will come; the reader closes even if it fails. */
    private Block nextBlock() {
        synchronized (lock) {
            while (handed.isEmpty() && !over) {
                try {
                    lock.wait();
                } catch (InterruptedException late) {
                    // An interrupt was meant for a record before.
                    continue;
                }
            }
            return handed.poll();
        }
    }
}
