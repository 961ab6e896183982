package bcast.http.reading;

import java.util.Optional;

/**
 * A place in the order in which one node, since one start, accepted records: {@code start-seq}.
 *
 * @param start names node and start
 * @param seq place of the last record that was read; 0 before the first
 */
public record Cursor(String start, long seq) {

    /** Longest cursor that is looked at, in characters. */
    static final int MAX_CHARS = 64;

    /** Reads a cursor of any node, if the text is one. */
    static Optional<Cursor> parse(String text) {
        int dash = text.lastIndexOf('-');
        if (dash <= 0 || text.length() > MAX_CHARS || !text.substring(dash + 1).matches("\\d+")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Cursor(text.substring(0, dash),
                    Long.parseLong(text.substring(dash + 1))));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether this node gave it since its last start, having accepted that number of records. */
    boolean isOf(String thisStart, long accepted) {
        return start.equals(thisStart) && seq <= accepted;
    }

    @Override
    public String toString() {
        return start + "-" + seq;
    }
}
