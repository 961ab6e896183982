package bcast.http;

import bcast.data.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Percent-encoding as browsers send it in a query (WHATWG URL, section 5): plus is a space. */
final class Query {

    private Query() {}

    static String decode(String text) throws HttpError {
        byte[] in = text.getBytes(StandardCharsets.UTF_8);
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
                    throw new HttpError(400, "malformed", "Bad percent-encoding in the query");
                }
                out.write(high << 4 | low);
                i += 2;
            }
        }
        byte[] utf8 = out.toByteArray();
        if (Utf8.firstInvalid(utf8, 0, utf8.length) >= 0) {
            throw new HttpError(400, "malformed", "The query is not UTF-8");
        }
        return Utf8.decode(utf8);
    }
}
