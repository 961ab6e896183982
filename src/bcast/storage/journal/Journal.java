package bcast.storage.journal;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.FileFault;
import bcast.base.Log;
import bcast.base.Metric;
import bcast.base.StartException;
import bcast.base.Worker;
import bcast.data.Data;
import bcast.storage.Durability;
import bcast.storage.Storage;
import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Keeps a store's records on disk. One thread, {@code journal}, reads new records from the store in
 * their order of arrival and appends them to a file. A client waits until its record is written and
 * synced, so clients that post at the same time share one write and one sync. While the disk fails
 * the records stay in memory; once it works again the thread continues where it stopped.
 *
 * <p>A file holds {@link Frames} and is never changed by a later run; it is deleted when all its
 * records have expired. So a record that lost against another of its id may return: if the node
 * starts after the winner, which is older, has expired. The same can happen with a peer that was
 * unreachable for that time.
 */
public final class Journal implements Durability {

    /** When the disk itself, and not only the system, must have the records. */
    public enum Sync {
        /** Before a post is answered: no acknowledged record is lost even if the power fails. */
        ALWAYS,
        /** Each second: at most the last second is lost if the power fails. */
        INTERVAL,
        /** Never by this process: the operating system decides. */
        NEVER
    }

    /** Bytes written. */
    public static final Metric BYTES = Metric.counter("bcast_journal_written_bytes_total",
            "Bytes written to the journal.");
    /** Counts failures to write. */
    public static final Metric FAILURES = Metric.counter("bcast_journal_failures_total",
            "Attempts to write the journal that failed.");
    /** Histogram of the duration of a sync. */
    public static final Metric SYNC_SECONDS = Metric.histogram("bcast_journal_sync_seconds",
            "Time that the disk took to confirm what was written.");
    /** Gauge of records that are not written yet. */
    public static final Metric UNWRITTEN = Metric.gauge("bcast_journal_unwritten_records",
            "Records that wait to be written to the journal.");

    /** Time between syncs of {@link Sync#INTERVAL}. */
    public static final long SYNC_MS = 1_000;

    /** Time between attempts to write, while the disk fails. */
    static final long RETRY_MS = 1_000;

    private final Sync sync;
    private final Storage storage;
    private final long maxSkewMs;
    private final Clock clock;
    private final Log log;
    private final Counters counters;
    private final JournalDir dir;
    private final JournalWriter writer;
    private final JournalPromise promise;
    private final Worker thread;
    private long dueMs;
    private boolean started;
    private volatile boolean ended;
    private volatile long newestReadMs;

    /**
     * Locks a directory, which is created if it does not exist.
     *
     * @param dir directory of the files
     * @param sync when the disk must have the records
     * @param storage the store to keep
     * @param maxSkewMs largest allowed difference between clocks, in milliseconds
     * @param context what every module is given
     * @throws StartException if the directory cannot be used, or another node uses it
     */
    public Journal(Path dir, Sync sync, Storage storage, long maxSkewMs, Context context)
            throws StartException {
        this(dir, sync, storage, maxSkewMs, context, FileDescriptor::sync);
    }

    Journal(Path dir, Sync sync, Storage storage, long maxSkewMs, Context context,
            JournalFile.Disk disk) throws StartException {
        this.sync = sync;
        this.storage = storage;
        this.maxSkewMs = maxSkewMs;
        this.clock = context.clock();
        this.log = context.log();
        this.counters = context.counters();
        counters.declare(List.of(BYTES, FAILURES, SYNC_SECONDS));
        try {
            this.dir = new JournalDir(dir, storage.retentionMs(), maxSkewMs, clock, log, disk);
        } catch (IOException e) {
            throw cannotKeep(dir, e);
        }
        this.writer = new JournalWriter(this.dir, sync, storage, context);
        this.promise = new JournalPromise(dir, clock, log);
        this.thread = new Worker("journal", this::run, context.fault());
        counters.gauge(UNWRITTEN, this::unwritten);
    }

    private static StartException cannotKeep(Path dir, IOException e) {
        return new StartException("cannot keep records in " + dir + ": " + FileFault.why(e)
                + "; see -datadir");
    }

    @Override
    public void load(Function<Data, Optional<Data>> judge) throws StartException {
        JournalReader reader = new JournalReader(dir, storage, judge, clock, log);
        try {
            List<Path> read = reader.read();
            newestReadMs = reader.newestMs();
            note().ifPresent(log::warn);
            if (sync != Sync.NEVER) {
                // A client that posts one of them again is told that it is on disk.
                dir.sync(read);
            }
        } catch (IOException e) {
            throw cannotKeep(dir.path, e);
        }
        writer.begin();
        promise.keep(writer.written());
    }

    @Override
    public void start() {
        dueMs = clock.steadyMs() + SYNC_MS;
        started = true;
        thread.start();
    }

    private void run() {
        try {
            boolean last = false;
            while (!last) {
                last = interruptedPause();
                step();
            }
        } finally {
            closeFiles();
            ended = true;
        }
    }

    /** Waits for records. If interrupted, it clears the interrupt, and the rest can be written. */
    private boolean interruptedPause() {
        try {
            if (problem().isPresent()) {
                Thread.sleep(RETRY_MS);
            } else {
                long untilDueMs = dueMs - clock.steadyMs();
                storage.awaitArrival(writer.written(), Math.max(1, Math.min(SYNC_MS, untilDueMs)));
            }
            return Thread.interrupted();
        } catch (InterruptedException end) {
            log.debug("journal: writing the remaining records");
            return true;
        }
    }

    /** Writes the records that are waiting; also deletes expired files and syncs if it is time. */
    private void step() {
        try {
            boolean more = true;
            while (more) {
                promise.asks();
                more = turn();
            }
            promise.works();
        } catch (IOException e) {
            counters.count(FAILURES);
            promise.fails(FileFault.why(e));
            writer.recover();
            promise.keep(writer.kept());
        }
    }

    /** Deletes before it writes, to free space on a full disk. Returns whether more may wait. */
    private boolean turn() throws IOException {
        boolean due = clock.steadyMs() >= dueMs;
        if (due) {
            dueMs = clock.steadyMs() + SYNC_MS;
            writer.completeExpired();
            dir.deleteExpired();
        }
        boolean more = writer.writeSome();
        promise.keep(writer.kept());
        if (due && sync == Sync.INTERVAL) {
            writer.sync();
        }
        return more;
    }

    @Override
    public Optional<String> problem() {
        return promise.problem();
    }

    /**
     * Reports a wall clock that is behind the newest record that was read by more than the allowed
     * difference: a host without a battery for its clock starts in the past.
     */
    @Override
    public Optional<String> note() {
        long behindMs = newestReadMs - clock.wallMs();
        return behindMs <= maxSkewMs ? Optional.empty() : Optional.of("this node's clock is "
                + behindMs / 1_000 + " s behind the newest record in " + dir.path
                + "; records posted now are dated too early: set the clock");
    }

    @Override
    public Optional<String> await(long seq) throws InterruptedException {
        return promise.await(seq);
    }

    @Override
    public void close() {
        if (!started) {
            closeFiles();
            return;
        }
        thread.interrupt();
        thread.join(CLOSE_MS);
        // Interrupted, this thread did not wait, and nothing is known of the disk.
        if (!ended && !Thread.currentThread().isInterrupted()) {
            log.error("journal: the disk of " + dir.path + " did not respond within "
                    + CLOSE_MS / 1_000 + " s; " + unwritten() + " records may not be on it");
        }
    }

    private long unwritten() {
        return Math.max(0, storage.lastArrival() - promise.kept());
    }

    private void closeFiles() {
        close(writer);
        close(dir);
    }

    private void close(Closeable part) {
        try {
            part.close();
        } catch (IOException e) {
            log.error("journal: cannot close " + dir.path + ": " + FileFault.why(e));
        }
    }
}
