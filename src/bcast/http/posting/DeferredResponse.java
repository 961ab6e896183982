package bcast.http.posting;

import bcast.data.Text;
import bcast.http.server.Call;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.io.OutputStream;

/**
 * An answer of lines that is held back while the request is still being read, since some clients
 * read nothing before they have sent all. An answer that grows too long is streamed from then on,
 * and a client that does not read it is disconnected. Not for use by several threads.
 */
final class DeferredResponse {

    /** Most bytes held back. */
    static final int MAX_HELD_BYTES = 4 * 1024 * 1024;

    private static final int FIRST_BYTES = 16 * 1024;

    private final Call call;
    private byte[] held;
    private int length;
    private OutputStream out;

    DeferredResponse(Call call) throws HttpError {
        this.call = call;
        call.memory().take(FIRST_BYTES);
        this.held = new byte[FIRST_BYTES];
    }

    void add(byte[] bytes) throws IOException {
        add(bytes, 0, bytes.length);
    }

    void add(Text text) throws IOException {
        add(text.bytes(), text.from(), text.to());
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

    /** Sends what is held, or the rest. */
    void finish() throws IOException {
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
