package bcast.storage;

import bcast.base.Clock;
import bcast.base.Counters;
import bcast.base.Log;
import bcast.base.Worker;
import bcast.data.Data;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Keeps a store's records on disk. One thread, {@code journal}, follows the store's order of
 * arrival and appends what comes to a file; clients wait until it has passed their records, so
 * that those that post at once share a write and a sync. While the disk fails nothing is lost from
 * memory: once it works again the thread goes on where it was.
 *
 * <p>A file holds {@link Frames} and is never changed once another was begun; it is deleted when
 * all its records have expired.
 */
public final class Journal implements Durability, AutoCloseable {

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

    /** A file is closed when it is so long. */
    static final int FILE_BYTES = 8 << 20;

    /** Time between syncs of {@link Sync#INTERVAL}. */
    public static final long SYNC_MS = 1_000;

    /** Time between attempts to write, while the disk fails. */
    static final long RETRY_MS = 1_000;

    /** Longest time that a post waits for the disk. */
    static final long AWAIT_MS = 10_000;

    private static final int RECORDS_A_WRITE = 1_024;
    private static final int PROGRESS_EVERY = 100_000;
    private static final String LOCK = "lock";

    private final Path dir;
    private final Sync sync;
    private final Clock clock;
    private final Log log;
    private final Counters counters;
    private final LongSupplier salts;
    private final SafeClock safeClock;
    private final long retentionMs;
    private final Storage storage;
    private final FileChannel lock;
    private final Worker thread;
    /** Held while files change, which may take as long as the disk likes. */
    private final Object disk = new Object();
    /** Files that are complete, and the latest timestamp in each. */
    private final Map<Path, Long> complete = new TreeMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(Frames.MAX_BYTES);
    private JournalFile file;
    private long lastNumber;
    /** Place of the last record that is written, and of the last that the disk confirmed. */
    private long written;
    private long synced;
    private long syncDueMs;
    /** Guarded by this. */
    private long kept;
    private Optional<String> problem = Optional.empty();

    /**
     * Takes a directory, which is made if need be.
     *
     * @param dir where the files are
     * @param sync when the disk must have the records
     * @param storage the store to keep
     * @param retentionMs how long records live
     * @param maxSkewMs how far clocks may be apart
     * @param clock tells what has expired
     * @param salts the source of chance
     * @param log what a person should know
     * @param counters where things are counted
     * @param fault told if the journal's thread fails
     * @throws IOException if the directory cannot be used, or another node uses it
     */
    public Journal(Path dir, Sync sync, Storage storage, long retentionMs, long maxSkewMs,
            Clock clock, LongSupplier salts, Log log, Counters counters,
            BiConsumer<String, Throwable> fault) throws IOException {
        this.dir = dir;
        this.sync = sync;
        this.storage = storage;
        this.retentionMs = retentionMs;
        this.clock = clock;
        this.salts = salts;
        this.log = log;
        this.counters = counters;
        this.safeClock = new SafeClock(clock, maxSkewMs, retentionMs);
        Files.createDirectories(dir);
        this.lock = lock(dir.resolve(LOCK));
        this.thread = new Worker("journal", this::run, fault);
        counters.gauge(UNWRITTEN, () -> Math.max(0, storage.lastArrival() - kept()));
    }

    private static FileChannel lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        try {
            FileLock taken = channel.tryLock();
            if (taken != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // Another node of this process has it; the same as of any other.
        }
        channel.close();
        throw new IOException("another node uses it");
    }

    // ---- reading

    /**
     * Brings into the store what the files hold and has not expired. To be called once, before
     * {@link #start} and before anything else is stored.
     *
     * @throws IOException if the directory cannot be read
     */
    public void load() throws IOException {
        long beganMs = clock.steadyMs();
        Loaded loaded = new Loaded();
        List<Path> files = files();
        for (Path each : files) {
            load(each, each.equals(files.get(files.size() - 1)), loaded);
        }
        if (!files.isEmpty()) {
            log.info("journal: " + storage.size() + " records in " + files.size()
                    + " files read in " + (clock.steadyMs() - beganMs) + " ms");
        }
        if (loaded.noRoom > 0) {
            log.warn("journal: no room in memory for " + loaded.noRoom
                    + " records; they stay on disk; give more by -maxbytes");
        }
        written = storage.lastArrival();
        synced = written;
        keep(written);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(dir)) {
            return all.filter(path -> JournalFile.number(path) >= 0).sorted().toList();
        }
    }

    private void load(Path path, boolean last, Loaded loaded) throws IOException {
        lastNumber = Math.max(lastNumber, JournalFile.number(path));
        byte[] bytes = Files.readAllBytes(path);
        Frames.Content content = Frames.read(bytes, JournalFile.salt(path), loaded);
        if (content.damaged() > 0) {
            log.error("journal: " + path + " is damaged in " + content.damaged()
                    + " places; the other " + content.records() + " records are read");
        }
        int rest = bytes.length - content.end();
        if (rest > 0) {
            log.warn("journal: the last " + rest + " bytes of " + path + " are no whole record"
                    + (last ? " and are cut off" : ""));
        }
        if (rest > 0 && last) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(content.end());
            }
        }
        // What cannot be read is kept as long as what was written just now.
        complete.put(path, content.records() > 0 ? content.newestMs() : clock.wallMs());
    }

    /** Takes records as they are read. */
    private final class Loaded implements Consumer<Data> {
        private long records;
        private long noRoom;

        @Override
        public void accept(Data data) {
            if (data.timestamp() + retentionMs <= clock.wallMs()) {
                return;
            }
            if (storage.merge(data) instanceof Storage.Change.Full) {
                noRoom++;
            }
            if (++records % PROGRESS_EVERY == 0) {
                log.info("journal: " + records + " records read so far");
            }
        }
    }

    // ---- writing

    /** Begins to follow the store. */
    public void start() {
        syncDueMs = clock.steadyMs() + SYNC_MS;
        thread.start();
    }

    private void run() throws InterruptedException {
        while (true) {
            long untilMs = Math.max(1, Math.min(SYNC_MS, syncDueMs - clock.steadyMs()));
            if (problem().isPresent()) {
                Thread.sleep(RETRY_MS);
            } else {
                storage.awaitArrival(written, untilMs);
            }
            step();
        }
    }

    /** Writes what is there, syncs if it is time, deletes what has expired. */
    private void step() {
        synchronized (disk) {
            stepAlone();
        }
    }

    private void stepAlone() {
        try {
            boolean more = true;
            while (more) {
                more = writeSome();
                syncIfDue();
            }
            works();
        } catch (IOException e) {
            fails(e);
        }
    }

    /** Writes some of what is there. Returns whether there may be more. */
    private boolean writeSome() throws IOException {
        long last = storage.lastArrival();
        List<Arrival> some = storage.arrivals(written, RECORDS_A_WRITE);
        if (some.isEmpty()) {
            // What came between has expired.
            written = Math.max(written, last);
        } else {
            append(some);
        }
        if (sync == Sync.ALWAYS) {
            sync();
        } else if (sync == Sync.NEVER) {
            synced = written;
        }
        keep(written);
        return !some.isEmpty();
    }

    private void syncIfDue() throws IOException {
        if (clock.steadyMs() >= syncDueMs) {
            syncDueMs = clock.steadyMs() + SYNC_MS;
            if (sync == Sync.INTERVAL) {
                sync();
            }
            deleteExpired();
        }
    }

    private void append(List<Arrival> some) throws IOException {
        buffer.clear();
        long last = written;
        for (Arrival each : some) {
            if (Frames.length(each.data()) > buffer.remaining()) {
                flush(last);
            }
            open();
            Frames.write(each.data(), file.salt, buffer);
            file.newestMs = Math.max(file.newestMs, each.data().timestamp());
            last = each.seq();
        }
        flush(last);
    }

    /** Writes what is in the buffer, which ends with the record at a place. */
    private void flush(long last) throws IOException {
        if (buffer.position() > 0) {
            counters.add(BYTES, buffer.position());
            file.append(buffer.flip());
            buffer.clear();
            written = last;
        }
        if (file != null && file.bytes >= FILE_BYTES) {
            if (sync != Sync.NEVER) {
                sync();
            }
            complete();
        }
    }

    private void open() throws IOException {
        if (file == null) {
            file = JournalFile.create(dir, ++lastNumber, salts.getAsLong());
        }
    }

    /** The file gets no more records. */
    private void complete() throws IOException {
        complete.put(file.path, file.newestMs);
        JournalFile done = file;
        file = null;
        done.close();
    }

    private void sync() throws IOException {
        if (file != null && file.unsynced) {
            long beganNs = clock.steadyNs();
            file.sync();
            counters.observe(SYNC_SECONDS, (clock.steadyNs() - beganNs) / 1e9);
        }
        synced = written;
    }

    private void deleteExpired() throws IOException {
        long nowMs = safeClock.nowMs();
        Iterator<Map.Entry<Path, Long>> each = complete.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<Path, Long> entry = each.next();
            if (entry.getValue() + retentionMs > nowMs) {
                continue;
            }
            Files.deleteIfExists(entry.getKey());
            each.remove();
            log.debug("journal: all of " + entry.getKey() + " has expired");
        }
        if (file != null && file.bytes > 0 && file.newestMs + retentionMs <= nowMs) {
            complete();
        }
    }

    // ---- what to promise

    private synchronized long kept() {
        return kept;
    }

    private synchronized void keep(long seq) {
        kept = Math.max(kept, seq);
        notifyAll();
    }

    private synchronized void works() {
        if (problem.isPresent()) {
            log.warn("journal: writing to " + dir + " works again");
        }
        problem = Optional.empty();
    }

    private void fails(IOException e) {
        counters.count(FAILURES);
        buffer.clear();
        if (file != null) {
            complete.put(file.path, file.newestMs);
            // Written again, it would take room that a full disk may never have.
            if (file.abandon(sync != Sync.NEVER)) {
                synced = written;
                keep(written);
            }
            file = null;
        }
        // What the disk did not confirm is written again, to a file of its own.
        written = synced;
        say(e);
    }

    private synchronized void say(IOException e) {
        if (problem.isEmpty()) {
            log.error("journal: cannot write to " + dir + ": " + e.getMessage()
                    + "; clients' records are refused until it works again");
        }
        problem = Optional.of("cannot write to " + dir + ": " + e.getMessage());
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

    /** Writes what is left and lets the directory go. */
    @Override
    public void close() {
        thread.stop();
        synchronized (disk) {
            stepAlone();
            closeFiles();
        }
    }

    private void closeFiles() {
        try {
            if (file != null && sync != Sync.NEVER) {
                sync();
            }
            if (file != null) {
                file.close();
            }
            lock.close();
        } catch (IOException e) {
            log.error("journal: cannot close " + dir + ": " + e.getMessage());
        }
    }
}
