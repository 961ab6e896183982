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
 * A file of the journal that is being written. Its name holds its number, in the order of which
 * files are read, and the salt of its frames. Plain input and output, since a channel closes when
 * its thread is interrupted.
 */
final class JournalFile implements Closeable {

    /** What makes a file's bytes safe; tests take a worse one than the machine's. */
    @FunctionalInterface
    interface Disk {
        void sync(FileDescriptor file) throws IOException;

        /** The same for the names of a directory's files, whatever interrupts the thread. */
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
    /** Length of what was written whole. */
    long bytes;
    boolean unsynced;
    /** Whether the disk confirmed any of it. */
    boolean confirmed;
    /** Whether the disk failed to confirm it; if asked again it may confirm what it has not. */
    boolean doubtful;
    long newestMs;
    private final RandomAccessFile file;
    private final Disk disk;

    private JournalFile(Path path, long salt, Disk disk) throws IOException {
        this.path = path;
        this.salt = salt;
        this.disk = disk;
        this.file = new RandomAccessFile(path.toFile(), "rw");
    }

    static JournalFile create(Path dir, long number, long salt, Disk disk)
            throws IOException {
        return new JournalFile(dir.resolve(
                String.format(Locale.ROOT, "news-%012d-%016x.journal", number, salt)), salt, disk);
    }

    /** Waits until the disk has the names of files; an interrupt is for the thread's next wait. */
    private static void syncNames(Path dir) throws IOException {
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

    /** Waits until the disk has a file. */
    static void sync(Path path, Disk disk) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            disk.sync(file.getFD());
        }
    }

    /** The number in a file's name, -1 if it is no file of the journal. */
    static long number(Path path) {
        Matcher name = NAME.matcher(path.getFileName().toString());
        return name.matches() ? Long.parseLong(name.group(1)) : -1;
    }

    static long salt(Path path) {
        Matcher name = NAME.matcher(path.getFileName().toString());
        if (!name.matches()) {
            throw new IllegalArgumentException(path + " is no file of the journal");
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

    /** Takes away what was not written whole, so that it can go on. */
    void cut() throws IOException {
        file.setLength(bytes);
        file.seek(bytes);
    }

    /** Closes it, without what was not written whole if the disk lets that be cut off. */
    void abandon() {
        try (RandomAccessFile closing = file) {
            closing.setLength(bytes);
        } catch (IOException e) {
            // The disk fails; who reads the file tolerates what is left at its end.
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
