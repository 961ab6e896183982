package bcast.http.server;

import bcast.data.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The parameters of a query as browsers send them (WHATWG URL, section 5): percent-encoded UTF-8
 * in which plus is a space. Bytes over 127 may be sent as they are. The JDK's server answers a
 * malformed percent escape itself, before there is a request.
 */
final class Query {

    private Query() {}

    /**
     * Reads all parameters; of several with one name the first counts.
     *
     * @param raw the query as it was sent, each byte a character
     */
    static Map<String, String> parse(String raw) throws HttpError {
        Map<String, String> all = new HashMap<>();
        for (String pair : raw.split("&")) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String encoded = equals < 0 ? pair : pair.substring(0, equals);
                String name = decode(encoded, encoded);
                all.putIfAbsent(name, equals < 0 ? "" : decode(name, pair.substring(equals + 1)));
            }
        }
        return all;
    }

    private static String decode(String name, String text) throws HttpError {
        byte[] in = text.getBytes(StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
        for (int i = 0; i < in.length; i++) {
            if (in[i] == '+') {
                out.write(' ');
            } else if (in[i] != '%') {
                out.write(in[i]);
            } else {
                int high = i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
                int low = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw malformed(name, "has a malformed percent escape: "
                            + text.substring(i, Math.min(i + 3, text.length())));
                }
                out.write(high << 4 | low);
                i += 2;
            }
        }
        byte[] utf8 = out.toByteArray();
        int invalid = Utf8.firstInvalid(utf8, 0, utf8.length);
        if (invalid >= 0) {
            throw malformed(name, "is not UTF-8 at byte " + invalid);
        }
        return Utf8.decode(utf8);
    }

    private static HttpError malformed(String name, String how) {
        return new HttpError(400, "malformed", "The query parameter \"" + name + "\" " + how);
    }
}
