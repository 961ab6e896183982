package bcast.http;

import java.util.Locale;

/**
 * The form of an answer that a client asked for (RFC 9110, section 12).
 *
 * @param lines one JSON text a line (NDJSON), else one JSON text in all
 * @param gzip whether it is compressed
 */
record Variant(boolean lines, boolean gzip) {

    static final String JSON = "application/json";
    static final String NDJSON = "application/x-ndjson";

    /** Chooses by {@code Accept} and {@code Accept-Encoding}. */
    static Variant of(Call call) {
        String accept = call.header("Accept").orElse("");
        double lines = quality(accept, NDJSON);
        String encodings = call.header("Accept-Encoding").orElse("");
        return new Variant(lines > 0 && lines >= quality(accept, JSON),
                quality(encodings, "gzip") > 0);
    }

    String contentType() {
        return lines ? NDJSON : JSON;
    }

    /** Makes the tag of a list's content one of this variant. */
    String tag(String content) {
        return '"' + content + (lines ? "-l" : "-j") + (gzip ? "z" : "") + '"';
    }

    /** How much a client wants what a header names: 0 for not at all. */
    static double quality(String header, String wanted) {
        for (String item : header.toLowerCase(Locale.ROOT).split(",")) {
            String[] parts = item.split(";");
            if (!parts[0].trim().equals(wanted)) {
                continue;
            }
            for (int i = 1; i < parts.length; i++) {
                String parameter = parts[i].trim();
                if (parameter.startsWith("q=")) {
                    return number(parameter.substring(2));
                }
            }
            return 1;
        }
        return 0;
    }

    private static double number(String text) {
        return text.matches("[01](\\.\\d{0,3})?") ? Double.parseDouble(text) : 0;
    }
}
