package bcast.storage.journal;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of the journal that is being written. Its name contains its number, which gives the order
 * of reading, and the salt of its frames. It is not a channel, because a channel closes when its
 * thread is interrupted.
 */
final class JournalFile implements Closeable {

    /** Syncs files; tests replace it by one that fails or hangs. */
    @FunctionalInterface
    interface Disk {
        void sync(FileDescriptor file) throws IOException;

        /** Syncs the names of a directory's files, even if the thread is interrupted. */
        default void syncNames(Path dir) throws IOException {
            JournalFile.syncNames(dir);
        }
    }

    private static final Pattern NAME =
            Pattern.compile("news-(\\d{12})-([0-9a-f]{16})\\.journal");

    private static final boolean DIRECTORIES_SYNC =
            !System.getProperty("os.name").startsWith("Windows");

    final Path path;
    final long salt;
    /** Length of all complete writes. */
    long bytes;
    boolean unsynced;
    /** Whether any sync of it succeeded. */
    boolean confirmed;
    /** Whether a sync failed; another one may report success for bytes that were lost. */
    boolean doubtful;
    long newestMs;
    private final RandomAccessFile file;
    private final Disk disk;

    JournalFile(Path dir, long number, long salt, Disk disk) throws IOException {
        this.path = dir.resolve(
                String.format(Locale.ROOT, "news-%012d-%016x.journal", number, salt));
        this.salt = salt;
        this.disk = disk;
        this.file = new RandomAccessFile(path.toFile(), "rw");
    }

    /** Syncs the names of files; an interrupt is kept for the thread's next wait. */
    static void syncNames(Path dir) throws IOException {
        boolean interrupted = false;
        boolean synced = !DIRECTORIES_SYNC;
        try {
            while (!synced) {
                try (FileChannel names = FileChannel.open(dir, StandardOpenOption.READ)) {
                    names.force(true);
                    synced = true;
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static void sync(Path path, Disk disk) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            disk.sync(file.getFD());
        }
    }

    /** The number in a file's name, -1 if the file does not belong to the journal. */
    static long number(Path path) {
        Matcher name = NAME.matcher(path.getFileName().toString());
        return name.matches() ? Long.parseLong(name.group(1)) : -1;
    }

    /** The salt in the name of a file that has a {@link #number}. */
    static long salt(Path path) {
        Matcher name = NAME.matcher(path.getFileName().toString());
        if (!name.matches()) {
            throw new IllegalArgumentException(path + " does not belong to the journal");
        }
        return Long.parseUnsignedLong(name.group(2), 16);
    }

    void append(ByteBuffer frames) throws IOException {
        unsynced = true;
        file.write(frames.array(), frames.position(), frames.remaining());
        bytes += frames.remaining();
    }

    void sync() throws IOException {
        doubtful = true;
        disk.sync(file.getFD());
        doubtful = false;
        confirmed = true;
        unsynced = false;
    }

    /** Cuts off an incomplete write, so that the next one can follow. */
    void cut() throws IOException {
        file.setLength(bytes);
        file.seek(bytes);
    }

    /** Closes it and cuts off an incomplete write if possible. */
    void abandon() {
        try (RandomAccessFile closing = file) {
            closing.setLength(bytes);
        } catch (IOException e) {
            // The disk fails; the reader ignores an incomplete frame at the end.
            return;
        }
        if (bytes == 0) {
            path.toFile().delete();
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
