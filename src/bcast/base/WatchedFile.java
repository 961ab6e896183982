package bcast.base;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.function.Function;

/**
 * A small file, such as one of keys, that is read again when it changes. If it cannot be read or
 * parsed, that is logged once, and the previous content stays in force. An unreadable file is tried
 * again at each look, since it may become readable without a change. Safe for use by any thread.
 *
 * @param <T> type of the parsed content
 */
public final class WatchedFile<T> {

    /** Time between looks, in milliseconds. */
    public static final long LOOK_MS = 1_000;

    /** Longest file that is read, in bytes. */
    public static final int MAX_BYTES = 64 * 1024;

    /** Reads the bytes; tests replace it by one that fails. */
    @FunctionalInterface
    interface Reader {
        byte[] read(Path path) throws IOException;
    }

    private record Version(long modifiedMs, long bytes, Object file) {}

    private final Path path;
    private final Function<byte[], T> parser;
    private final Reader reader;
    private final Log log;
    private volatile T value;
    private byte[] content;
    private volatile Runnable listener = () -> {};
    private Version seen;
    private String loggedFault = "";

    /**
     * Reads the file for the first time.
     *
     * @param path the file
     * @param parser parses all bytes; throws {@link IllegalArgumentException} if it cannot, whose
     *     message says why and quotes none of them
     * @param log for changes and errors
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it cannot be parsed; the message says why
     */
    public WatchedFile(Path path, Function<byte[], T> parser, Log log) throws IOException {
        this(path, parser, log, WatchedFile::readOneTooMany);
    }

    /** Ignores the length of the file, which may grow meanwhile, or be 0 as that of a pipe. */
    private static byte[] readOneTooMany(Path path) throws IOException {
        try (InputStream file = Files.newInputStream(path)) {
            return file.readNBytes(MAX_BYTES + 1);
        }
    }

    WatchedFile(Path path, Function<byte[], T> parser, Log log, Reader reader)
            throws IOException {
        this.path = path;
        this.parser = parser;
        this.reader = reader;
        this.log = log;
        this.seen = version();
        this.content = bounded(reader.read(path));
        this.value = parser.apply(content);
    }

    private Version version() throws IOException {
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
        return new Version(now.lastModifiedTime().toMillis(), now.size(), now.fileKey());
    }

    private static byte[] bounded(byte[] read) {
        if (read.length > MAX_BYTES) {
            throw new IllegalArgumentException("it is longer than " + MAX_BYTES + " bytes");
        }
        return read;
    }

    /**
     * Sets the only listener to changes.
     *
     * @param changed runs on the reading thread each time changed content was read, after
     *     {@link #value} has changed
     */
    public void whenChanged(Runnable changed) {
        listener = changed;
    }

    /** {@return the content when it was last read; never blocks} */
    public T value() {
        return value;
    }

    /** {@return the file} */
    public Path path() {
        return path;
    }

    /** Reads the file if its attributes changed; to be called every {@link #LOOK_MS}. */
    public synchronized void look() {
        look(false);
    }

    /** {@return whether the file, read even if its attributes did not change, is used anew} */
    public synchronized boolean readAgain() {
        loggedFault = "";
        return look(true);
    }

    private boolean look(boolean always) {
        String fault = "";
        boolean changed = false;
        try {
            Version now = version();
            if (always || !now.equals(seen)) {
                byte[] read = reader.read(path);
                // Not before, so that a file that cannot be read is tried again.
                seen = now;
                changed = use(bounded(read));
            }
        } catch (IOException e) {
            fault = FileFault.why(e);
        } catch (IllegalArgumentException e) {
            fault = String.valueOf(e.getMessage());
        }
        if (!fault.isEmpty() && !fault.equals(loggedFault)) {
            log.warn("cannot use " + path + ": " + fault + "; its previous content stays in force");
        }
        loggedFault = fault;
        if (changed) {
            listener.run();
        }
        return changed;
    }

    /** Returns whether the bytes differ from the previous content. */
    private boolean use(byte[] bytes) {
        if (Arrays.equals(bytes, content)) {
            return false;
        }
        value = parser.apply(bytes);
        content = bytes;
        log.info(path + " was read again");
        return true;
    }
}
