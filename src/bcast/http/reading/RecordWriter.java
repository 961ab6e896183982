package bcast.http.reading;

import bcast.data.JsonCursor;
import bcast.http.server.Call;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.io.OutputStream;

/** Gathers small texts, and slices of large records, and writes them in pieces of a good size. */
final class RecordWriter {

    private final OutputStream out;
    private final byte[] piece;
    private int length;

    /** Writes pieces of {@link Call#PIECE_BYTES}, or one of all bytes if they are fewer. */
    RecordWriter(OutputStream out, long bytes) {
        this.out = out;
        this.piece = new byte[(int) Math.min(bytes, Call.MAX_WRITE_BYTES)];
    }

    /** Adds the present record, from where it lies; fails if it expires meanwhile. */
    void add(JsonCursor record) throws IOException, HttpError {
        int bytes = record.length();
        if (bytes <= piece.length && bytes > piece.length - length) {
            flush();
        }
        int from = 0;
        while (from < bytes) {
            room();
            int next = record.write(from, piece, length);
            if (next == length) {
                throw ArrivedRecords.gone();
            }
            from += next - length;
            length = next;
        }
    }

    void add(byte b) throws IOException {
        room();
        piece[length++] = b;
    }

    void add(byte[] text) throws IOException {
        int at = 0;
        while (at < text.length) {
            room();
            int part = Math.min(text.length - at, piece.length - length);
            System.arraycopy(text, at, piece, length, part);
            length += part;
            at += part;
        }
    }

    private void room() throws IOException {
        if (length == piece.length) {
            flush();
        }
    }

    void flush() throws IOException {
        out.write(piece, 0, length);
        length = 0;
    }
}
