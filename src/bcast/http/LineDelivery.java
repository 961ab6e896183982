package bcast.http;

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

    /** Lines to process before asking again for a second thread. */
    static final int AGAIN_LINES = 4_096;

    /** Lines handed over at once, which costs some microseconds. */
    private static final int HANDED_LINES = 64;

    /** So far the reader may be ahead. It then waits until half of that is delivered. */
    static final int MAX_AHEAD_BYTES = 512 * 1024;

    /** Memory of a line in addition to its bytes, so that an empty one takes some. */
    static final int LINE_BYTES = 256;

    /** Time between looks at whether the other thread gets on. */
    private static final long LOOK_MS = 500;

    private record Block(List<PostedLine> lines, int bytes) {}

    private final Consumer<PostedLine> deliver;
    private final Executor threads;
    private final SharedMemory.Account memory;
    private final Runnable extend;
    private long lines;
    private List<PostedLine> next = new ArrayList<>(HANDED_LINES);
    private int nextBytes;
    private long askAtLine = ALONE_LINES + 1;
    private boolean ownThread;

    private final Object lock = new Object();
    /** The following belong to the lock. */
    private final Queue<Block> handed = new ArrayDeque<>();
    private final List<PostedLine> delivered = new ArrayList<>();
    private volatile boolean anyDelivered;
    private int aheadBytes;
    private boolean over;
    private Thread deliverer;
    private Throwable fault;

    /**
     * Nothing to deliver yet.
     *
     * @param deliver delivers a line and notes the answer, on some thread
     * @param threads where a thread for a long batch comes from
     * @param memory of the request whose lines they are
     * @param extend called when lines were delivered while the request's client did nothing
     */
    LineDelivery(Consumer<PostedLine> deliver, Executor threads, SharedMemory.Account memory,
            Runnable extend) {
        this.deliver = deliver;
        this.threads = threads;
        this.memory = memory;
        this.extend = extend;
    }

    /** Adds a line of so many bytes, which is delivered after those before it. */
    void add(PostedLine line, int bytes) {
        lines++;
        next.add(line);
        nextBytes += bytes + LINE_BYTES;
        if (next.size() == HANDED_LINES || nextBytes >= MAX_AHEAD_BYTES / 4) {
            handOn();
        }
    }

    /** Lets go of all lines added so far: who reads may have to wait now. */
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
            // It goes on as it did.
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
     * Waits until the reader is no farther ahead. If it is interrupted then, because for too long
     * nothing got on, so is the other thread, again and again while it is stuck, since it may just
     * be starting. What was read is delivered all the same.
     */
    private void awaitAhead(int bytes) {
        // Meant for the reader, if it was interrupted before.
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
            throw new IllegalStateException("a line was not delivered: " + fault, fault);
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
    void finish() {
        handOn();
        synchronized (lock) {
            awaitAhead(0);
            failIfBroken();
        }
    }

    /** Delivers what was added, and lets the thread go. */
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
                for (PostedLine line : block.lines) {
                    // What was meant for one line is not for the next.
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
                // It serves others from now on.
                deliverer = null;
            }
        }
    }

    /** The next block, or null if none will come: the reader says so even if it fails. */
    private Block nextBlock() {
        synchronized (lock) {
            while (handed.isEmpty() && !over) {
                try {
                    lock.wait();
                } catch (InterruptedException late) {
                    // Meant for what is delivered already.
                    continue;
                }
            }
            return handed.poll();
        }
    }
}
