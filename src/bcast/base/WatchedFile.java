package bcast.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A small file that is read again when it changes, such as one of keys. What cannot be read or
 * parsed is logged once, and what was read before stays in force; what cannot be read is tried
 * again at each look, as it may become readable without a change. Safe for use by any thread.
 *
 * @param <T> what its content means
 */
public final class WatchedFile<T> {

    /** Time between looks, in milliseconds. */
    public static final long LOOK_MS = 1_000;

    /** Longest file that is read, in bytes. */
    public static final int MAX_BYTES = 64 * 1024;

    /**
     * Makes sense of the content.
     *
     * @param <T> what it means
     */
    @FunctionalInterface
    public interface Parser<T> {
        /**
         * Parses the content.
         *
         * @param content all bytes
         * @return what they mean
         * @throws IllegalArgumentException if they mean nothing; the message says why, and quotes
         *     nothing of it
         */
        T parse(byte[] content);
    }

    /** Reads the bytes; tests take one that fails. */
    @FunctionalInterface
    interface Reader {
        byte[] read(Path path) throws IOException;
    }

    private record Version(long modifiedMs, long bytes, Object file) {}

    private static final Version GONE = new Version(0, 0, "none");

    private final Path path;
    private final Parser<T> parser;
    private final Reader reader;
    private final Clock clock;
    private final Log log;
    private final AtomicLong lookDueMs = new AtomicLong();
    private volatile T value;
    private volatile Consumer<T> listener = any -> {};
    /** Only touched by who took the turn to look. */
    private volatile Version seen;
    private volatile String saidUnreadable = "";

    /**
     * Reads the file for the first time.
     *
     * @param path the file
     * @param parser makes sense of it
     * @param clock for the time between looks
     * @param log told of changes and of what is wrong
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it cannot be parsed; the message says why
     */
    public WatchedFile(Path path, Parser<T> parser, Clock clock, Log log) throws IOException {
        this(path, parser, clock, log, Files::readAllBytes);
    }

    WatchedFile(Path path, Parser<T> parser, Clock clock, Log log, Reader reader)
            throws IOException {
        this.path = path;
        this.parser = parser;
        this.reader = reader;
        this.clock = clock;
        this.log = log;
        this.lookDueMs.set(clock.steadyMs() + LOOK_MS);
        this.seen = version();
        this.value = read();
    }

    private Version version() throws IOException {
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
        return new Version(now.lastModifiedTime().toMillis(), now.size(), now.fileKey());
    }

    private T read() throws IOException {
        if (Files.size(path) > MAX_BYTES) {
            throw new IllegalArgumentException("longer than " + MAX_BYTES + " bytes");
        }
        return parser.parse(reader.read(path));
    }

    /**
     * Names who is told what the file means, now and whenever it was read again.
     *
     * @param told gets it before anybody else, on a thread that asks for it
     */
    public void whenRead(Consumer<T> told) {
        listener = told;
        told.accept(value);
    }

    /** {@return what the file means, at most {@link #LOOK_MS} late} */
    public T get() {
        long dueMs = lookDueMs.get();
        long nowMs = clock.steadyMs();
        if (nowMs >= dueMs && lookDueMs.compareAndSet(dueMs, nowMs + LOOK_MS)) {
            look();
        }
        return value;
    }

    /** {@return what the file meant when somebody last called {@link #get}; never blocks} */
    public T value() {
        return value;
    }

    private void look() {
        try {
            Version now = Files.exists(path) ? version() : GONE;
            if (!now.equals(seen)) {
                take(now);
            }
            saidUnreadable = "";
        } catch (IOException e) {
            if (!e.toString().equals(saidUnreadable)) {
                saidUnreadable = e.toString();
                sayUseless(e.getClass().getSimpleName() + " " + e.getMessage());
            }
        }
    }

    private void take(Version now) throws IOException {
        try {
            T read = read();
            listener.accept(read);
            value = read;
            log.info(path + " was read again");
        } catch (IllegalArgumentException e) {
            sayUseless(e.getMessage());
        }
        seen = now;
    }

    private void sayUseless(String why) {
        log.warn("cannot use " + path + ": " + why + "; what was read before stays in force");
    }
}
