package bcast.http;

import bcast.data.Data;
import bcast.data.JsonCursor;
import java.io.IOException;
import java.io.OutputStream;

/** Gathers small texts and writes them in pieces of a good size. */
final class Pieces {

    private final Call call;
    private final OutputStream out;
    private final byte[] piece = new byte[Call.PIECE_BYTES];
    private int length;

    Pieces(Call call, OutputStream out) {
        this.call = call;
        this.out = out;
    }

    void add(Data data) throws IOException, HttpError {
        int bytes = data.jsonLength();
        if (bytes <= piece.length) {
            room(bytes);
            length = data.json(piece, length);
        } else {
            addLarge(data.json());
        }
    }

    /** Adds the present record. */
    void add(JsonCursor record) throws IOException, HttpError {
        int bytes = record.length();
        if (bytes <= piece.length) {
            room(bytes);
            length = record.write(piece, length);
        } else {
            byte[] json = new byte[bytes];
            record.write(json, 0);
            addLarge(json);
        }
    }

    /** It is held for as long as the client takes. */
    private void addLarge(byte[] json) throws IOException, HttpError {
        call.take(json.length);
        add(json);
        call.giveBack(json.length);
    }

    void add(byte b) throws IOException {
        room(1);
        piece[length++] = b;
    }

    void add(byte[] text) throws IOException {
        int at = 0;
        while (at < text.length) {
            if (length == piece.length) {
                flush();
            }
            int part = Math.min(text.length - at, piece.length - length);
            System.arraycopy(text, at, piece, length, part);
            length += part;
            at += part;
        }
    }

    private void room(int needed) throws IOException {
        if (piece.length - length < needed) {
            flush();
        }
    }

    void flush() throws IOException {
        if (length > 0) {
            call.write(out, piece, 0, length);
            length = 0;
        }
    }
}
