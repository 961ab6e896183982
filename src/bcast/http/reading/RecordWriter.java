package bcast.http.reading;

import bcast.data.JsonCursor;
import bcast.http.server.Call;
import bcast.http.server.HttpError;
import bcast.http.server.RequestThreads;
import java.io.IOException;
import java.io.OutputStream;

/** Buffers small texts and slices of records, and writes them when the buffer is full. */
final class RecordWriter {

    private final OutputStream out;
    private final byte[] buffer;
    private int length;

    /** Buffers {@link Call#MAX_WRITE_BYTES}, or all bytes if they are fewer. */
    RecordWriter(OutputStream out, long bytes) {
        this.out = out;
        this.buffer = new byte[(int) Math.min(bytes, Call.MAX_WRITE_BYTES)];
    }

    /** Adds the current record, read from the store; fails if it expires meanwhile. */
    void add(JsonCursor record) throws IOException, HttpError {
        int bytes = record.length();
        if (bytes <= buffer.length && bytes > buffer.length - length) {
            makeRoom();
        }
        int from = 0;
        while (from < bytes) {
            ensureSpace();
            int next = record.write(from, buffer, length);
            if (next == length) {
                throw ArrivedRecords.gone();
            }
            from += next - length;
            length = next;
        }
    }

    void add(byte b) throws IOException {
        ensureSpace();
        buffer[length++] = b;
    }

    void add(byte[] text) throws IOException {
        int at = 0;
        while (at < text.length) {
            ensureSpace();
            int part = Math.min(text.length - at, buffer.length - length);
            System.arraycopy(text, at, buffer, length, part);
            length += part;
            at += part;
        }
    }

    private void ensureSpace() throws IOException {
        if (length == buffer.length) {
            makeRoom();
        }
    }

    private void makeRoom() throws IOException {
        flush();
        RequestThreads.giveWay();
    }

    void flush() throws IOException {
        out.write(buffer, 0, length);
        length = 0;
    }
}
