package bcast.data;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A record between nodes and in files: its timestamp, then its body as {@link Data} holds it. */
final class RecordWire {

    private RecordWire() {}

    /** Writes the form from a byte of it on, as far as there is room. */
    static void write(byte[] body, long timestamp, int from, ByteBuffer target) {
        int at = from;
        while (at < Long.BYTES && target.hasRemaining()) {
            target.put((byte) (timestamp >>> 8 * (Long.BYTES - 1 - at)));
            at++;
        }
        if (at >= Long.BYTES) {
            int bodyFrom = at - Long.BYTES;
            target.put(body, bodyFrom, Math.min(target.remaining(), body.length - bodyFrom));
        }
    }

    /** Reads a record and checks all of it. */
    static Data read(long timestamp, byte[] body) {
        if (Utf8.firstInvalid(body, 0, body.length) >= 0) {
            throw new IllegalArgumentException("record is not UTF-8");
        }
        int idEnd = JsonText.end(body, 0, body.length);
        int rawStart = expect(Data.TO_RAW, body, idEnd);
        int rawEnd = JsonText.end(body, rawStart, body.length);
        int signatureStart = expect(Data.TO_SIGNATURE, body, rawEnd);
        if (JsonText.end(body, signatureStart, body.length) != body.length) {
            throw new IllegalArgumentException("record has bytes after its signature");
        }
        Data data = new Data(body, idEnd, rawEnd, timestamp);
        RecordLimits.check(data.idText(), data.rawText(), data.signatureText(), timestamp);
        return data;
    }

    private static int expect(byte[] separator, byte[] body, int at) {
        int end = at + separator.length;
        if (end > body.length || !Arrays.equals(separator, 0, separator.length, body, at, end)) {
            throw new IllegalArgumentException("record lacks a field at byte " + at);
        }
        return end;
    }
}
