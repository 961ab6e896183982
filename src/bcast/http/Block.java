package bcast.http;

import bcast.core.Core;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Some lines of a batch, which are stored together and share a wait for the disk. Storing may go on
 * on another thread while its own reads the next lines; until {@link #await} nothing else may be
 * done with it then.
 */
final class Block {

    /** Most lines. */
    static final int MAX_LINES = 512;

    /** A block of so many bytes takes no more lines. */
    static final int MAX_BYTES = 256 * 1024;

    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    /** A line and what became of it so far: it is judged, then it has a reply. */
    static final class Line {
        private final long number;
        private final Optional<byte[]> id;
        private Core.Judged judged;
        private Reply reply;

        private Line(long number, Optional<byte[]> id, Core.Judged judged, Reply reply) {
            this.number = number;
            this.id = id;
            this.judged = judged;
            this.reply = reply;
        }

        /** Its number in the batch. */
        long number() {
            return number;
        }

        /** Its record's id, as far as there is one. */
        Optional<byte[]> id() {
            return id;
        }

        /** What its client is told, once the block is stored. */
        Reply reply() {
            return reply;
        }
    }

    private final Core core;
    private final List<Line> lines = new ArrayList<>();
    private int bytes;
    private CompletableFuture<Void> stored = DONE;

    Block(Core core) {
        this.core = core;
    }

    /** Adds a line that is to be stored. */
    void add(long number, Optional<byte[]> id, Core.Judged judged, int length) {
        lines.add(new Line(number, id, judged, null));
        bytes += length;
    }

    /** Adds a line that has its reply. */
    void add(long number, Optional<byte[]> id, Reply reply) {
        lines.add(new Line(number, id, null, reply));
    }

    /** Whether it should be stored now. */
    boolean full() {
        return lines.size() >= MAX_LINES || bytes >= MAX_BYTES;
    }

    List<Line> lines() {
        return lines;
    }

    /** Stores, in order, what is not stored yet. */
    void store() {
        for (Line line : lines) {
            if (line.reply == null) {
                line.reply = Reply.of(core.deliver(line.judged));
                line.judged = null;
            }
        }
        bytes = 0;
    }

    /** Does the same on a thread of these, or here if there is none. */
    void storeOn(Executor threads) {
        try {
            stored = CompletableFuture.runAsync(this::store, threads);
        } catch (RejectedExecutionException none) {
            store();
        }
    }

    /** Waits until it is stored, if it is being stored. */
    void await() {
        stored.join();
        stored = DONE;
    }

    /** Forgets all lines. */
    void clear() {
        lines.clear();
        bytes = 0;
    }
}
