package bcast.http.posting;

import bcast.data.JsonText;
import bcast.data.Text;
import bcast.http.server.Call;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The answer to a batch: a line for each record, or only for those that failed, followed by their
 * numbers. It is held back while the request is still being read, since some clients read nothing
 * before they have sent all. One that grows too long is streamed from then on, and a client that
 * does not read it is disconnected. Not for use by several threads.
 */
final class BatchAnswer {

    /** Most bytes held back. */
    static final int MAX_HELD_BYTES = 4 * 1024 * 1024;

    private static final int FIRST_BYTES = 16 * 1024;

    private static final byte[] ID = utf8("{\"id\":");
    private static final byte[] QUOTE = utf8("\"");
    private static final byte[] NULL = utf8("null");
    private static final byte[] ACCEPTED =
            utf8(",\"result\":true" + why(PostedRecord.OK, PostedRecord.OK));

    private final Call call;
    private final boolean errorsOnly;
    private byte[] held;
    private int length;
    /** Null until the answer begins. */
    private OutputStream out;
    private long lines;
    private long accepted;
    private long failed;

    BatchAnswer(Call call) throws HttpError {
        String form = call.query("answer").orElse("all");
        if (!form.equals("all") && !form.equals("errors")) {
            throw new HttpError(400, "malformed", "answer is neither all nor errors");
        }
        call.memory().take(FIRST_BYTES);
        this.call = call;
        this.errorsOnly = form.equals("errors");
        this.held = new byte[FIRST_BYTES];
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String why(String msg, String code) {
        return ",\"msg\":" + JsonText.quote(msg) + ",\"code\":\"" + code + "\"}\n";
    }

    void add(PostedRecord record) throws IOException {
        lines++;
        accepted += record.accepted() ? 1 : 0;
        failed += record.failed() ? 1 : 0;
        if (!errorsOnly) {
            add(ID);
            addId(record);
            add(record.accepted() ? ACCEPTED
                    : utf8(",\"result\":false" + why(record.msg(), record.code())));
        } else if (record.failed()) {
            add(utf8("{\"line\":" + record.line() + ",\"id\":"));
            addId(record);
            add(utf8(why(record.msg(), record.code())));
        }
    }

    private void addId(PostedRecord record) throws IOException {
        Optional<Text> id = record.id();
        if (id.isEmpty()) {
            add(NULL);
        } else {
            add(QUOTE);
            add(id.get().bytes(), id.get().from(), id.get().to());
            add(QUOTE);
        }
    }

    private void add(byte[] bytes) throws IOException {
        add(bytes, 0, bytes.length);
    }

    private void add(byte[] bytes, int from, int to) throws IOException {
        if (out == null) {
            grow(length + to - from);
        }
        int at = from;
        while (at < to) {
            if (length == held.length) {
                stream();
            }
            int part = Math.min(to - at, held.length - length);
            System.arraycopy(bytes, at, held, length, part);
            length += part;
            at += part;
        }
    }

    /** Grows the buffer up to the limit, or as far as memory allows. */
    private void grow(int needed) {
        while (held.length < Math.min(needed, MAX_HELD_BYTES)) {
            try {
                held = call.memory().grow(held, Math.min(2 * held.length, MAX_HELD_BYTES));
            } catch (HttpError noRoom) {
                return;
            }
        }
    }

    private void stream() throws IOException {
        if (out == null) {
            out = call.begin(200, Call.NDJSON, Call.UNKNOWN_LENGTH);
        }
        out.write(held, 0, length);
        length = 0;
        if (held.length > Call.MAX_WRITE_BYTES) {
            int freed = held.length - Call.MAX_WRITE_BYTES;
            held = new byte[Call.MAX_WRITE_BYTES];
            call.memory().giveBack(freed);
        }
    }

    /** Number of records answered so far. */
    long lines() {
        return lines;
    }

    /** Sends what is held, or the rest. */
    void finish() throws IOException {
        if (errorsOnly) {
            add(utf8("{\"lines\":" + lines + ",\"accepted\":" + accepted + ",\"exists\":"
                    + (lines - accepted - failed) + ",\"failed\":" + failed + "}\n"));
        }
        if (out == null && length == 0 && call.body().trailers()) {
            // After trailers the answer must have a body; clients of NDJSON skip a blank line.
            held[length++] = '\n';
        }
        if (out == null) {
            out = call.begin(200, Call.NDJSON, length);
        }
        stream();
        call.finish(out);
    }
}
