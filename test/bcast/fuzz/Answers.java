package bcast.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what came on a connection as answers behind each other (RFC 9112). */
final class Answers {

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([1-5]\\d\\d)( [ -~]*)?");
    private static final Pattern HEADER =
            Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+: ?[ -~\\u0080-\\u00ff\\t]*");
    private static final Pattern CHUNK = Pattern.compile("[0-9a-fA-F]{1,8}(;[ -~]*)?");

    /** What was read: statuses, and whether the last answer was cut off. */
    record Found(List<Integer> statuses, boolean cut) {}

    /** One part of an answer: where it ends, if it does. */
    private record Part(int end, boolean whole) {}

    private final String text;
    private final boolean headAsked;

    private Answers(String text, boolean headAsked) {
        this.text = text;
        this.headAsked = headAsked;
    }

    /**
     * Reads all answers.
     *
     * @param bytes all that came
     * @param headAsked whether some of them may answer HEAD, so that no body follows
     * @return empty if it is not what HTTP allows
     */
    static Optional<Found> read(byte[] bytes, boolean headAsked) {
        return new Answers(new String(bytes, StandardCharsets.ISO_8859_1), headAsked).from(0);
    }

    private Optional<Found> from(int at) {
        if (at == text.length()) {
            return Optional.of(new Found(new ArrayList<>(), false));
        }
        int end = text.indexOf("\r\n\r\n", at);
        if (end < 0) {
            boolean begins = text.startsWith("HTTP/1.1 ", at)
                    || "HTTP/1.1 ".startsWith(text.substring(at));
            return begins ? Optional.of(cut(new ArrayList<>())) : Optional.empty();
        }
        String[] lines = text.substring(at, end).split("\r\n", -1);
        Matcher first = STATUS.matcher(lines[0]);
        if (!first.matches()) {
            return Optional.empty();
        }
        String length = "";
        boolean chunked = false;
        for (int i = 1; i < lines.length; i++) {
            if (!HEADER.matcher(lines[i]).matches()) {
                return Optional.empty();
            }
            String lower = lines[i].toLowerCase(Locale.ROOT);
            length = lower.startsWith("content-length:") ? lower.substring(15).trim() : length;
            chunked |= lower.equals("transfer-encoding: chunked");
        }
        int status = Integer.parseInt(first.group(1));
        int body = end + 4;
        boolean bodiless = status < 200 || status == 204 || status == 304;
        Optional<Found> rest = Optional.empty();
        if (!bodiless) {
            Optional<Part> part = chunked ? chunks(body) : plain(body, length);
            rest = part.flatMap(each -> each.whole ? from(each.end)
                    : Optional.of(cut(new ArrayList<>())));
        }
        if (rest.isEmpty() && (bodiless || headAsked)) {
            rest = from(body);
        }
        rest.ifPresent(found -> found.statuses.add(0, status));
        return rest;
    }

    private static Found cut(List<Integer> statuses) {
        return new Found(statuses, true);
    }

    private Optional<Part> plain(int at, String length) {
        if (!length.matches("\\d{1,9}")) {
            // Without a length it goes to the end of the connection.
            return length.isEmpty() ? Optional.of(new Part(text.length(), true))
                    : Optional.empty();
        }
        int end = at + Integer.parseInt(length);
        return Optional.of(new Part(end, end <= text.length()));
    }

    private Optional<Part> chunks(int from) {
        int at = from;
        while (true) {
            int line = text.indexOf("\r\n", at);
            if (line < 0) {
                return Optional.of(new Part(text.length(), false));
            }
            String size = text.substring(at, line);
            if (!CHUNK.matcher(size).matches()) {
                return Optional.empty();
            }
            int length = Integer.parseInt(size.replaceAll(";.*", ""), 16);
            int end = line + 2 + length;
            if (end + 2 > text.length()) {
                return Optional.of(new Part(text.length(), false));
            }
            if (!text.startsWith("\r\n", end)) {
                return Optional.empty();
            }
            at = end + 2;
            if (length == 0) {
                return Optional.of(new Part(at, true));
            }
        }
    }
}
