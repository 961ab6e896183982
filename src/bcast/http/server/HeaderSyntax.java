package bcast.http.server;

import java.util.HashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Parses headers in which a quoted string may contain separators (RFC 9110, section 5.6). */
final class HeaderSyntax {

    private static final String WEIGHT = "(0(\\.\\d{0,3})?|1(\\.0{0,3})?)";

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

    /**
     * Whether {@code Accept} or {@code Accept-Encoding} (RFC 9110, section 12) gives a form more
     * weight than the usual one, or the same and names it.
     *
     * @param header all lines of the header, joined by commas
     */
    static boolean prefers(String header, String form, String usual) {
        Map<String, Double> weights = weights(header);
        double wanted = weight(weights, form);
        double other = weight(weights, usual);
        return wanted > other || wanted > 0 && wanted == other && weights.containsKey(form);
    }

    /** Of equal elements the first counts, and none whose weight is malformed. */
    private static Map<String, Double> weights(String header) {
        Map<String, Double> weights = new HashMap<>();
        for (String element : split(header.toLowerCase(Locale.ROOT), ',')) {
            List<String> parts = split(element, ';');
            String weight = parts.stream().filter(part -> part.startsWith("q=")).findFirst()
                    .map(part -> part.substring("q=".length())).orElse("1");
            if (!parts.isEmpty() && weight.matches(WEIGHT)) {
                weights.putIfAbsent(parts.get(0), Double.parseDouble(weight));
            }
        }
        return weights;
    }

    /** The weight of the most specific element that matches a form, 0 without one. */
    private static double weight(Map<String, Double> weights, String form) {
        int slash = form.indexOf('/');
        Stream<String> ranges = slash < 0 ? Stream.of(form, "*")
                : Stream.of(form, form.substring(0, slash) + "/*", "*/*");
        return ranges.filter(weights::containsKey).findFirst().map(weights::get).orElse(0.0);
    }
}
