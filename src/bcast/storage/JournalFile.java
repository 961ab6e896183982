package bcast.storage;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
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

    private static final Pattern NAME =
            Pattern.compile("news-(\\d{12})-([0-9a-f]{16})\\.journal");

    private static final boolean DIRECTORIES_SYNC =
            !System.getProperty("os.name").startsWith("Windows");

    final Path path;
    final long salt;
    /** Length of what was written whole. */
    long bytes;
    boolean unsynced;
    long newestMs;
    /** After a sync that failed, another may succeed although the disk has not got everything. */
    private boolean doubtful;
    private final RandomAccessFile file;

    private JournalFile(Path path, long salt) throws IOException {
        this.path = path;
        this.salt = salt;
        this.file = new RandomAccessFile(path.toFile(), "rw");
    }

    static JournalFile create(Path dir, long number, long salt) throws IOException {
        JournalFile created = new JournalFile(dir.resolve(
                String.format(Locale.ROOT, "news-%012d-%016x.journal", number, salt)), salt);
        if (DIRECTORIES_SYNC) {
            // Else the disk may have the records, but not the file's name.
            try (FileChannel names = FileChannel.open(dir, StandardOpenOption.READ)) {
                names.force(true);
            } catch (IOException e) {
                created.abandon(false);
                throw e;
            }
        }
        return created;
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
        file.getFD().sync();
        doubtful = false;
        unsynced = false;
    }

    /**
     * Closes it, without what was not written whole if the disk lets that be cut off.
     *
     * @param confirm whether the disk is to confirm what was written whole
     * @return whether that is as safe as it was to be
     */
    boolean abandon(boolean confirm) {
        boolean sound = !doubtful;
        try (RandomAccessFile closing = file) {
            closing.setLength(bytes);
            if (confirm && sound && unsynced) {
                sync();
            }
        } catch (IOException e) {
            // The disk fails; who reads the file tolerates what is left at its end.
            return false;
        }
        if (bytes == 0) {
            path.toFile().delete();
        }
        return sound;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
