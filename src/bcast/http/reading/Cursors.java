package bcast.http.reading;

import bcast.base.Context;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Cursors of this start of the node: {@code start-seq} is a place in the order in which it accepts
 * records. One of another start or node is recognised.
 */
public final class Cursors {

    private static final int NAME_DIGITS = 12;

    /** Longest cursor that is read, in characters. */
    private static final int MAX_CHARS = 64;

    private final Supplier<String> incarnation;
    private final long sinceMs;
    private final String name;

    /** A start now; the incarnation changes if the cluster finds a copy of this process. */
    public Cursors(Context context, Supplier<String> incarnation) {
        this.incarnation = incarnation;
        this.sinceMs = context.clock().wallMs();
        this.name = HexFormat.of().toHexDigits(context.random().nextLong(), NAME_DIGITS);
    }

    /** When this start was, in Unix milliseconds. */
    public long sinceMs() {
        return sinceMs;
    }

    /** The cursor after the record with this number; 0 is before the first. */
    public String of(long seq) {
        return start() + "-" + seq;
    }

    private String start() {
        return name + incarnation.get();
    }

    /** Whether a text is a cursor of any start. */
    static boolean isCursor(String text) {
        return text.length() <= MAX_CHARS && text.matches(".+-\\d{1,18}");
    }

    /** The place of a cursor, if this start gave it, having accepted that number of records. */
    Optional<Long> seq(String cursor, long accepted) {
        int dash = cursor.lastIndexOf('-');
        if (!isCursor(cursor) || !cursor.substring(0, dash).equals(start())) {
            return Optional.empty();
        }
        return Optional.of(Long.valueOf(cursor.substring(dash + 1))).filter(seq -> seq <= accepted);
    }
}
