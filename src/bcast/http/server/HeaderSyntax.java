package bcast.http.server;

import java.util.LinkedList;
import java.util.List;
import java.util.Optional;

/** Parses headers in which a quoted string may contain separators (RFC 9110, section 5.6). */
final class HeaderSyntax {

    private HeaderSyntax() {}

    /**
     * Splits at a separator that is in no quoted string; parts are stripped, and blank ones left
     * out. Reads from the right, where proxies append, so that an open quote which a client sent
     * before does not hide their part.
     */
    static List<String> split(String text, char separator) {
        LinkedList<String> parts = new LinkedList<>();
        int end = text.length();
        boolean quoted = false;
        for (int i = end - 1; i >= -1; i--) {
            if (i < 0 || !quoted && text.charAt(i) == separator) {
                String part = text.substring(i + 1, end).strip();
                if (!part.isEmpty()) {
                    parts.addFirst(part);
                }
                end = i;
            } else if (text.charAt(i) == '"') {
                quoted = !quoted || escaped(text, i);
            }
        }
        return parts;
    }

    /** Whether an odd number of backslashes is before a character. */
    private static boolean escaped(String text, int at) {
        int before = at;
        while (before > 0 && text.charAt(before - 1) == '\\') {
            before--;
        }
        return (at - before) % 2 == 1;
    }

    /** A token as it is, or what a quoted string means; empty if it is neither. */
    static Optional<String> value(String text) {
        if (!text.startsWith("\"")) {
            return text.contains("\"") || text.isEmpty() ? Optional.empty() : Optional.of(text);
        }
        StringBuilder value = new StringBuilder();
        int last = text.length() - 1;
        for (int i = 1; i < last; i++) {
            if (text.charAt(i) == '"' || text.charAt(i) == '\\' && i + 1 == last) {
                return Optional.empty();
            }
            i += text.charAt(i) == '\\' ? 1 : 0;
            value.append(text.charAt(i));
        }
        return last > 0 && text.charAt(last) == '"' ? Optional.of(value.toString())
                : Optional.empty();
    }
}
