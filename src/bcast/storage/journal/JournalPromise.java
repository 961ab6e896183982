package bcast.storage.journal;

import bcast.base.Clock;
import bcast.base.Log;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where clients wait until the journal's thread reports that a record is on disk, or a failure.
 * Safe for use by any thread.
 */
final class JournalPromise {

    /** Longest time that a post waits for the disk. */
    static final long AWAIT_MS = 10_000;

    private final Path dir;
    private final Clock clock;
    private final Log log;
    private long kept;
    private Optional<String> problem = Optional.empty();
    /** When the pending request to the disk began; empty if none is pending. */
    private OptionalLong askedMs = OptionalLong.empty();
    private boolean saidSlow;

    JournalPromise(Path dir, Clock clock, Log log) {
        this.dir = dir;
        this.clock = clock;
        this.log = log;
    }

    synchronized long kept() {
        return kept;
    }

    /** A request to the disk begins. */
    synchronized void asks() {
        askedMs = OptionalLong.of(clock.steadyMs());
    }

    /** Records are kept up to a sequence number; the disk made progress. */
    synchronized void keep(long seq) {
        kept = Math.max(kept, seq);
        notifyAll();
    }

    /** All requests to the disk succeeded. */
    synchronized void works() {
        if (problem.isPresent() || saidSlow) {
            log.warn("journal: writing to " + dir + " works again");
        }
        problem = Optional.empty();
        saidSlow = false;
        askedMs = OptionalLong.empty();
    }

    /** A request to the disk failed. */
    synchronized void fails(String why) {
        String text = "cannot write to " + dir + ": " + why;
        if (problem.isEmpty()) {
            log.error("journal: " + text
                    + "; clients' records are refused until it works again");
        }
        problem = Optional.of(text);
        askedMs = OptionalLong.empty();
        notifyAll();
    }

    /** As {@link bcast.storage.Durability#problem}. */
    synchronized Optional<String> problem() {
        boolean hangs = askedMs.isPresent()
                && clock.steadyMs() - askedMs.getAsLong() >= AWAIT_MS;
        return problem.isEmpty() && hangs ? Optional.of(tooLong()) : problem;
    }

    private String tooLong() {
        String text = "the disk of " + dir + " takes too long";
        if (!saidSlow) {
            saidSlow = true;
            log.error("journal: " + text + "; clients' records are refused while it does");
        }
        return text;
    }

    /** As {@link bcast.storage.Durability#await}, at most {@link #AWAIT_MS}. */
    synchronized Optional<String> await(long seq) throws InterruptedException {
        long deadlineMs = clock.steadyMs() + AWAIT_MS;
        while (kept < seq) {
            Optional<String> why = problem();
            if (why.isPresent()) {
                return why;
            }
            long leftMs = deadlineMs - clock.steadyMs();
            if (leftMs <= 0) {
                return Optional.of(tooLong());
            }
            wait(leftMs);
        }
        return Optional.empty();
    }
}
