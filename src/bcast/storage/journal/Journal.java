package bcast.storage.journal;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.FileFault;
import bcast.base.Log;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Keeps a store's records on disk. One thread, {@code journal}, follows the store's order of
 * arrival and appends what comes to a file; clients wait until it has passed their records, so
 * that those that post at once share a write and a sync. While the disk fails nothing is lost from
 * memory: once it works again the thread goes on where it was.
 *
 * <p>A file holds {@link Frames} and is never changed by a later start; it is deleted when all its
 * records have expired. So a record that lost against another of its id may come back by a start
 * after the winner, which is older, has expired, as it may from a peer that was cut off so long.
 */
public final class Journal implements Durability {

    /** When the disk itself, and not only the system, must have the records. */
    public enum Sync {
        /** Before a post is answered: nothing answered is lost even if the power fails. */
        ALWAYS,
        /** Each second: at most that much is lost if the power fails. */
        INTERVAL,
        /** When the system likes. */
        NEVER
    }

    /** Counts bytes written. */
    public static final String BYTES = "journal_bytes";
    /** Counts failures to write. */
    public static final String FAILURES = "journal_failures";
    /** Histogram of how long the disk took to confirm. */
    public static final String SYNC_SECONDS = "journal_sync_seconds";
    /** Gauge of records that are not written yet. */
    public static final String UNWRITTEN = "journal_unwritten_records";

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
    private final CountDownLatch ended = new CountDownLatch(1);
    private long dueMs;
    private boolean started;
    private volatile long newestReadMs;

    /**
     * Takes a directory, which is made if need be.
     *
     * @param dir where the files are
     * @param sync when the disk must have the records
     * @param storage the store to keep
     * @param maxSkewMs how far clocks may be apart
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
        try {
            this.dir = new JournalDir(dir, storage.retentionMs(), maxSkewMs, clock, log, disk);
        } catch (IOException e) {
            throw cannotKeep(dir, e);
        }
        this.writer = new JournalWriter(this.dir, sync, storage, context);
        this.promise = new JournalPromise(dir, clock, log);
        this.thread = new Worker("journal", this::run, context.fault());
        counters.gauge(UNWRITTEN, () -> Math.max(0, storage.lastArrival() - promise.kept()));
    }

    private static StartException cannotKeep(Path dir, IOException e) {
        return new StartException("cannot keep news in " + dir + ": " + FileFault.why(e)
                + "; see -datadir");
    }

    /** Brings into the store what the files hold, is valid and has not expired. */
    @Override
    public void load(Function<Data, Optional<Data>> judge) throws StartException {
        JournalReader reader = new JournalReader(dir, storage, judge, clock, log);
        try {
            List<Path> read = reader.read();
            newestReadMs = reader.newestMs();
            note().ifPresent(log::warn);
            if (sync != Sync.NEVER) {
                // A client that posts again what is held is told that it is safe.
                dir.sync(read);
            }
        } catch (IOException e) {
            throw cannotKeep(dir.path, e);
        }
        writer.begin();
        promise.keep(writer.written());
    }

    /** Begins to follow the store. */
    @Override
    public void start() {
        dueMs = clock.steadyMs() + SYNC_MS;
        started = true;
        thread.start();
    }

    private void run() {
        try {
            follow();
            step();
        } finally {
            closeFiles();
            ended.countDown();
        }
    }

    /** Returns when interrupted, and is not interrupted any more then. */
    private void follow() {
        try {
            while (!Thread.interrupted()) {
                pause();
                step();
            }
        } catch (InterruptedException end) {
            log.debug("journal: writes what is left");
        }
    }

    private void pause() throws InterruptedException {
        if (problem().isPresent()) {
            Thread.sleep(RETRY_MS);
        } else {
            long untilDueMs = dueMs - clock.steadyMs();
            storage.awaitArrival(writer.written(), Math.max(1, Math.min(SYNC_MS, untilDueMs)));
        }
    }

    /** Deletes what has expired and syncs, if it is time; writes what is there. */
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

    /** Deletes before it writes: on a full disk the one makes room for the other. */
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
     * Whether the wall clock is behind the newest record that was read, by more than clocks may
     * differ: a host without a battery for its clock starts in the past.
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

    /** Writes what is left and lets the directory go; at most {@link #CLOSE_MS}. */
    @Override
    public void close() {
        if (!started) {
            closeFiles();
            return;
        }
        thread.interrupt();
        try {
            if (!ended.await(CLOSE_MS, TimeUnit.MILLISECONDS)) {
                log.error("journal: the disk of " + dir.path + " takes too long to close; "
                        + Math.max(0, storage.lastArrival() - promise.kept())
                        + " records may not be on it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
