package bcast.data;

import java.nio.charset.StandardCharsets;

/**
 * A record as a JSON object: its body, as {@link Data} holds it, between a head and a tail with the
 * timestamp.
 */
final class RecordJson {

    private static final String HEAD = "{\"id\":\"";
    private static final String TO_TIMESTAMP = "\",\"timestamp\":";
    private static final byte[] HEAD_BYTES = HEAD.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TO_TIMESTAMP_BYTES =
            TO_TIMESTAMP.getBytes(StandardCharsets.US_ASCII);

    /** Digits of {@link Data#MAX_TIMESTAMP}. */
    private static final int MOST_DIGITS = 14;

    /** Smallest number with that many digits. */
    private static final long MOST_DIGITS_FROM = 10_000_000_000_000L;

    /** Longest head and tail together. */
    static final int MAX_BYTES = HEAD_BYTES.length + TO_TIMESTAMP_BYTES.length + MOST_DIGITS + 1;

    private RecordJson() {}

    static int length(byte[] body, long timestamp) {
        return HEAD_BYTES.length + body.length + TO_TIMESTAMP_BYTES.length + digits(timestamp) + 1;
    }

    /** Writes the object from a byte of it on, as far as there is room. */
    static int write(byte[] body, long timestamp, int from, byte[] target, int at) {
        if (from == 0 && target.length - at >= length(body, timestamp)) {
            return writeTail(timestamp, target, put(body, target, put(HEAD_BYTES, target, at)));
        }
        byte[] tail = new byte[TO_TIMESTAMP_BYTES.length + digits(timestamp) + 1];
        writeTail(timestamp, tail, 0);
        int next = part(from, HEAD_BYTES, target, at);
        next = part(from - HEAD_BYTES.length, body, target, next);
        return part(from - HEAD_BYTES.length - body.length, tail, target, next);
    }

    /** Writes all of a source. Returns the index after the last byte. */
    static int put(byte[] source, byte[] target, int at) {
        System.arraycopy(source, 0, target, at, source.length);
        return at + source.length;
    }

    /** Writes a source from an offset on, as far as there is room. */
    private static int part(int from, byte[] source, byte[] target, int at) {
        int skipped = Math.max(0, Math.min(from, source.length));
        int copied = Math.min(source.length - skipped, target.length - at);
        System.arraycopy(source, skipped, target, at, copied);
        return at + copied;
    }

    private static int writeTail(long timestamp, byte[] target, int at) {
        int first = put(TO_TIMESTAMP_BYTES, target, at);
        int end = first + digits(timestamp);
        long rest = timestamp;
        for (int i = end - 1; i >= first; i--) {
            target[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        target[end] = '}';
        return end + 1;
    }

    /** Number of digits, counted from the most on down, since timestamps of today have 13. */
    private static int digits(long number) {
        int digits = MOST_DIGITS;
        for (long from = MOST_DIGITS_FROM; number < from && digits > 1; from /= 10) {
            digits--;
        }
        return digits;
    }

    /** Reads a record from the text that is written here; refuses any other. */
    static Data read(String json) {
        int tail = json.lastIndexOf(TO_TIMESTAMP);
        if (json.startsWith(HEAD) && tail >= HEAD.length() && json.endsWith("}")) {
            long timestamp = Long.parseLong(json, tail + TO_TIMESTAMP.length(), json.length() - 1,
                    10);
            Data data = Data.fromWire(timestamp, json.substring(HEAD.length(), tail)
                    .getBytes(StandardCharsets.UTF_8));
            if (data.toString().equals(json)) {
                return data;
            }
        }
        throw new IllegalArgumentException("not the JSON of a record");
    }
}
