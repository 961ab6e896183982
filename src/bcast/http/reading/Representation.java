package bcast.http.reading;

import bcast.http.server.Call;
import bcast.http.server.ContentTypes;

/**
 * The form of an answer that a client asked for (RFC 9110, section 12).
 *
 * @param lines one JSON text a line (NDJSON), else one JSON text in all
 * @param gzip whether it is compressed
 */
record Representation(boolean lines, boolean gzip) {

    /** Chooses by {@code Accept} and {@code Accept-Encoding}. */
    static Representation of(Call call) {
        return new Representation(call.prefers("Accept", ContentTypes.NDJSON, ContentTypes.JSON),
                call.prefers("Accept-Encoding", "gzip", "identity"));
    }

    String contentType() {
        return lines ? ContentTypes.NDJSON : ContentTypes.JSON;
    }

    /** Makes the tag of a list's content one of this representation. */
    String tag(String content) {
        return '"' + content + (lines ? "-l" : "-j") + (gzip ? "z" : "") + '"';
    }
}
