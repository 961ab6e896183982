package bcast.http;

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
        return new Variant(Accept.prefers(call.list("Accept"), NDJSON, JSON),
                Accept.prefers(call.list("Accept-Encoding"), "gzip", "identity"));
    }

    String contentType() {
        return lines ? NDJSON : JSON;
    }

    /** Makes the tag of a list's content one of this variant. */
    String tag(String content) {
        return '"' + content + (lines ? "-l" : "-j") + (gzip ? "z" : "") + '"';
    }
}
