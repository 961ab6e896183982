package bcast.http.posting;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Delivers the records of a batch, in order: the first ones on the thread that reads them, those of
 * a long batch on another while the next ones are read. Belongs to the reader's thread.
 */
final class BatchPipeline implements AutoCloseable {

    /** Lines that repay the cost of a second thread. */
    static final int ALONE_LINES = 512;

    /** Most bytes read and not delivered; the reader then waits. */
    static final int MAX_AHEAD_BYTES = 512 * 1024;

    /** Memory of a line in addition to its bytes, so that an empty one takes some. */
    static final int LINE_BYTES = 256;

    private final Consumer<PostedRecord> deliver;
    private final Executor helpers;
    private final List<PostedRecord> delivered = new ArrayList<>();
    private final List<PostedRecord> next = new ArrayList<>();
    private int nextBytes;
    private long lines;

    /** Guards the following fields. */
    private final Object lock = new Object();
    private List<PostedRecord> ahead = new ArrayList<>();
    private final List<PostedRecord> done = new ArrayList<>();
    /** Of the lines ahead and of those that are being delivered. */
    private int aheadBytes;
    private boolean delivering;
    private Throwable fault;

    /**
     * @param deliver delivers a record and notes the reply, on any thread
     * @param helpers run the delivery of long batches, on the caller's thread if all are busy
     */
    BatchPipeline(Consumer<PostedRecord> deliver, Executor helpers) {
        this.deliver = deliver;
        this.helpers = helpers;
    }

    /** Adds a record of a length in bytes, which is delivered after those before it. */
    void add(PostedRecord line, int bytes) throws IOException {
        lines++;
        next.add(line);
        nextBytes += bytes + LINE_BYTES;
        if (nextBytes >= MAX_AHEAD_BYTES / 4) {
            handOn();
        }
    }

    /** Hands on all records added before, because the reader may block now. */
    void handOn() throws IOException {
        if (next.isEmpty()) {
            return;
        }
        boolean idle;
        synchronized (lock) {
            await(MAX_AHEAD_BYTES - nextBytes);
            ahead.addAll(next);
            aheadBytes += nextBytes;
            idle = !delivering;
            delivering = true;
        }
        next.clear();
        nextBytes = 0;
        if (idle && lines > ALONE_LINES) {
            helpers.execute(this::deliverAhead);
        } else if (idle) {
            deliverAhead();
        }
    }

    private void deliverAhead() {
        List<PostedRecord> block = List.of();
        int bytes = 0;
        try {
            while (true) {
                synchronized (lock) {
                    done.addAll(block);
                    aheadBytes -= bytes;
                    lock.notifyAll();
                    if (ahead.isEmpty()) {
                        delivering = false;
                        return;
                    }
                    block = ahead;
                    bytes = aheadBytes;
                    ahead = new ArrayList<>();
                }
                block.forEach(deliver);
            }
        } catch (RuntimeException | Error e) {
            synchronized (lock) {
                fault = e;
                lock.notifyAll();
            }
        }
    }

    /** Waits until at most this much is undelivered. */
    private void await(int bytes) throws IOException {
        try {
            while (aheadBytes > bytes && fault == null) {
                lock.wait();
            }
        } catch (InterruptedException e) {
            throw new IOException("ended while its records were delivered", e);
        }
        if (fault != null) {
            throw new IllegalStateException("a record was not delivered: " + fault, fault);
        }
        delivered.addAll(done);
        done.clear();
    }

    /** The records delivered so far, in order; the caller removes them. */
    List<PostedRecord> delivered() {
        return delivered;
    }

    /** Waits until all records are delivered. */
    void finish() throws IOException {
        handOn();
        synchronized (lock) {
            await(0);
        }
    }

    @Override
    public void close() throws IOException {
        finish();
    }
}
