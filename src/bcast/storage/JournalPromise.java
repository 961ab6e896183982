package bcast.storage;

import bcast.base.Clock;
import bcast.base.Log;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a journal promises, between its thread, which keeps it, and clients, which wait for it.
 * Safe for use by any thread.
 */
final class JournalPromise implements Durability {

    /** Longest time that a post waits for the disk. */
    static final long AWAIT_MS = 10_000;

    private final Path dir;
    private final Clock clock;
    private final Log log;
    private long kept;
    private Optional<String> problem = Optional.empty();

    JournalPromise(Path dir, Clock clock, Log log) {
        this.dir = dir;
        this.clock = clock;
        this.log = log;
    }

    /** The place up to which it is kept. */
    synchronized long kept() {
        return kept;
    }

    /** It is kept up to a place. */
    synchronized void keep(long seq) {
        kept = Math.max(kept, seq);
        notifyAll();
    }

    /** The disk does what it is asked. */
    synchronized void works() {
        if (problem.isPresent()) {
            log.warn("journal: writing to " + dir + " works again");
        }
        problem = Optional.empty();
    }

    /** The disk does not. */
    synchronized void fails(String why) {
        String text = "cannot write to " + dir + ": " + why;
        if (problem.isEmpty()) {
            log.error("journal: " + text
                    + "; clients' records are refused until it works again");
        }
        problem = Optional.of(text);
        notifyAll();
    }

    @Override
    public synchronized Optional<String> problem() {
        return problem;
    }

    @Override
    public synchronized Optional<String> await(long seq) throws InterruptedException {
        long deadlineMs = clock.steadyMs() + AWAIT_MS;
        while (kept < seq && problem.isEmpty()) {
            long leftMs = deadlineMs - clock.steadyMs();
            if (leftMs <= 0) {
                return Optional.of("the disk of " + dir + " takes too long");
            }
            wait(leftMs);
        }
        return kept >= seq ? Optional.empty() : problem;
    }
}
