package bcast.storage.journal;

import bcast.base.Clock;
import bcast.base.FileFault;
import bcast.base.Log;
import bcast.base.SafeClock;
import bcast.data.Retention;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The journal's directory: locked by one node at a time, with numbered files, each deleted once all
 * its records have expired. Used by one thread at a time.
 */
final class JournalDir implements Closeable {

    /**
     * Time from the start in which nothing is deleted. A host may boot with its clock days ahead,
     * which makes all records look expired, until the clock is corrected.
     */
    static final long GRACE_MS = 3_600_000;

    private static final String LOCK = "lock";
    private static final String IN_USE = "another node uses it";

    /** Directories locked by nodes in this process. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    final Path path;
    private final Retention retention;
    private final SafeClock safeClock;
    private final Clock clock;
    private final Log log;
    private final JournalFile.Disk disk;
    private final long graceEndsMs;
    private final Path real;
    private final FileChannel lock;
    /** Complete files, with the latest timestamp in each. */
    private final Map<Path, Long> complete = new TreeMap<>();
    private long lastNumber;
    private boolean saidStuck;
    private boolean saidSyncNames;

    JournalDir(Path path, long retentionMs, long maxSkewMs, Clock clock, Log log,
            JournalFile.Disk disk) throws IOException {
        this.path = path;
        this.retention = new Retention(retentionMs);
        this.safeClock = new SafeClock(clock, maxSkewMs, retentionMs);
        this.clock = clock;
        this.log = log;
        this.disk = disk;
        this.graceEndsMs = clock.steadyMs() + Math.min(GRACE_MS, retentionMs);
        create(path.toAbsolutePath());
        this.real = path.toRealPath();
        this.lock = lock(real);
    }

    /** Creates a directory and its parents if needed, and syncs their names. */
    private void create(Path dir) throws IOException {
        Path above = dir.getParent();
        if (above != null && Files.notExists(dir)) {
            create(above);
            Files.createDirectories(dir);
            syncNames(above);
        } else {
            Files.createDirectories(dir);
        }
    }

    /**
     * Syncs the names in a directory. Some file systems cannot do that, such as some of FUSE and of
     * virtual machines, which is no reason to refuse records.
     */
    private void syncNames(Path dir) throws IOException {
        try {
            disk.syncNames(dir);
        } catch (IOException e) {
            // Denied: the process may create files there, but not list them.
            boolean denied = e instanceof AccessDeniedException;
            if (!denied && !NameSyncs.unsupported(e)) {
                throw e;
            }
            if (!saidSyncNames) {
                saidSyncNames = true;
                log.warn("journal: cannot sync the directory, so a power failure may lose whole "
                        + "new files: " + (denied ? FileFault.why(e) : dir + ": "
                        + e.getMessage()));
            }
        }
    }

    /**
     * Checks this process first: closing a second channel of a file releases the lock that the
     * process has on it.
     */
    private static FileChannel lock(Path held) throws IOException {
        if (!HELD.add(held)) {
            throw new IOException(IN_USE);
        }
        try {
            return lockFile(held.resolve(LOCK));
        } catch (IOException e) {
            HELD.remove(held);
            throw e;
        }
    }

    private static FileChannel lockFile(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock taken = channel.tryLock();
        if (taken == null) {
            channel.close();
            throw new IOException(IN_USE);
        }
        return channel;
    }

    /** The journal's files in the order of their numbers; new files get higher numbers. */
    List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(path)) {
            List<Path> files = all.filter(each -> JournalFile.number(each) >= 0).sorted().toList();
            files.forEach(each -> lastNumber = Math.max(lastNumber, JournalFile.number(each)));
            return files;
        }
    }

    /** Syncs files that an earlier run may not have synced. */
    void sync(List<Path> files) {
        try {
            for (Path each : files) {
                JournalFile.sync(each, disk);
            }
            syncNames(path);
        } catch (IOException e) {
            log.error("journal: cannot sync the files in " + path + ": " + FileFault.why(e));
        }
    }

    /** Begins the next file. */
    JournalFile create(long salt) throws IOException {
        JournalFile created = new JournalFile(path, ++lastNumber, salt, disk);
        try {
            syncNames(path);
        } catch (IOException e) {
            created.abandon();
            throw e;
        }
        return created;
    }

    /** Marks a file as complete; it is deleted when its latest record has expired. */
    void complete(Path file, long newestMs) {
        complete.put(file, newestMs);
    }

    /** Whether all records up to a timestamp have expired. */
    boolean expired(long newestMs) {
        // Read in any case, since the clock has to be read regularly.
        long nowMs = safeClock.nowMs();
        return retention.expired(newestMs, nowMs) && clock.steadyMs() >= graceEndsMs;
    }

    /** Deletes expired files; one that cannot be deleted is tried again the next time. */
    void deleteExpired() {
        Optional<String> stuck = Optional.empty();
        for (Map.Entry<Path, Long> entry : List.copyOf(complete.entrySet())) {
            if (expired(entry.getValue())) {
                Optional<String> why = delete(entry.getKey());
                stuck = why.isPresent() ? why : stuck;
            }
        }
        if (stuck.isPresent() && !saidStuck) {
            log.error("journal: cannot delete " + stuck.get());
        }
        saidStuck = stuck.isPresent();
    }

    /** Deletes a complete file. Returns why that failed, in words; empty if it succeeded. */
    Optional<String> delete(Path file) {
        try {
            Files.deleteIfExists(file);
            complete.remove(file);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(FileFault.why(e));
        }
    }

    @Override
    public void close() throws IOException {
        if (lock.isOpen()) {
            lock.close();
            HELD.remove(real);
        }
    }
}
