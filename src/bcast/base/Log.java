package bcast.base;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Writes one line a message: UTC time, level, text. Texts of clients and peers are made harmless:
 * control characters are written as escapes and long texts are cut, so no line can be forged.
 * Safe for use by any thread.
 */
public final class Log {

    /** Levels; each includes those before it. */
    public enum Level {
        /** The node cannot do its work. */
        ERROR,
        /** An operator should look at it. */
        WARN,
        /** A change worth knowing. */
        INFO,
        /** Detail for finding a fault. */
        DEBUG
    }

    /** Longest text of one line in characters; the rest is cut. */
    public static final int MAX_TEXT_CHARS = 2_000;

    private static final int MAX_LEVEL_CHARS = 5;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final Level level;
    private final Clock clock;
    private final Consumer<String> sink;

    /**
     * A log that writes lines up to a level.
     *
     * @param level the most detailed level that is written
     * @param clock gives the time of each line
     * @param sink receives each finished line, without a line end, on the logging thread
     */
    public Log(Level level, Clock clock, Consumer<String> sink) {
        this.level = level;
        this.clock = clock;
        this.sink = sink;
    }

    /**
     * The node cannot do its work.
     *
     * @param text what happened
     */
    public void error(String text) {
        log(Level.ERROR, text);
    }

    /**
     * An operator should look at it.
     *
     * @param text what happened
     */
    public void warn(String text) {
        log(Level.WARN, text);
    }

    /**
     * A change worth knowing.
     *
     * @param text what happened
     */
    public void info(String text) {
        log(Level.INFO, text);
    }

    /**
     * Detail for finding a fault.
     *
     * @param text what happened
     */
    public void debug(String text) {
        log(Level.DEBUG, text);
    }

    /**
     * What must be known at any level, such as where the node serves.
     *
     * @param text what happened
     */
    public void always(String text) {
        write(Level.INFO, text);
    }

    /**
     * Writes a text at a level.
     *
     * @param at the level
     * @param text what happened
     */
    public void log(Level at, String text) {
        if (at.compareTo(level) <= 0) {
            write(at, text);
        }
    }

    private void write(Level at, String text) {
        sink.accept(line(clock, at, text));
    }

    /** Makes a line of a text. */
    static String line(Clock clock, Level at, String text) {
        String time = TIME.format(Instant.ofEpochMilli(clock.wallMs()));
        String level = at.name() + " ".repeat(MAX_LEVEL_CHARS - at.name().length());
        return time + " " + level + " " + printable(text);
    }

    /**
     * {@return a text fit for one line: control characters escaped, cut at {@link #MAX_TEXT_CHARS}}
     *
     * @param text any text
     */
    public static String printable(String text) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), MAX_TEXT_CHARS) + 16);
        int end = Math.min(text.length(), MAX_TEXT_CHARS);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            // Bidirectional overrides and line separators can rearrange what a reader sees.
            boolean harmless = !Character.isISOControl(c)
                    && Character.getType(c) != Character.FORMAT && c != '\u2028' && c != '\u2029';
            if (harmless) {
                line.append(c);
            } else {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            }
        }
        return text.length() > end ? line.append("…").toString() : line.toString();
    }

    /**
     * {@return an exception, and where its first cause was thrown}
     *
     * @param e the exception
     */
    public static String withOrigin(Throwable e) {
        Throwable first = e;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        StackTraceElement[] trace = first.getStackTrace();
        return e + " at " + (trace.length > 0 ? trace[0] : "an unknown place");
    }
}
