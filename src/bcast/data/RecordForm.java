package bcast.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A record's JSON and its form on the wire. Both contain its body,
 * {@code id","raw":"raw","signature":"signature}.
 */
final class RecordForm {

    private static final byte[] HEAD = ascii("{\"id\":\"");
    static final byte[] TO_RAW = ascii("\",\"raw\":\"");
    static final byte[] TO_SIGNATURE = ascii("\",\"signature\":\"");
    private static final byte[] TO_TIMESTAMP = ascii("\",\"timestamp\":");

    /** The groups are body and timestamp. */
    private static final Pattern JSON = Pattern.compile(
            "\\{\"id\":\"(.*)\",\"timestamp\":(0|[1-9][0-9]{0,13})}", Pattern.DOTALL);

    static final int MAX_BODY_BYTES = TO_RAW.length + TO_SIGNATURE.length + JsonText.LONGEST_ESCAPE
            * (Data.MAX_ID_BYTES + Data.MAX_RAW_BYTES + Data.MAX_SIGNATURE_BYTES);

    private RecordForm() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Makes a record from texts, which are copied. */
    static Data compose(Text id, Text raw, Text signature, long timestamp) {
        checkLengths(id.length(), raw.length(), signature.length());
        int rawStart = id.size() + TO_RAW.length;
        int rawEnd = rawStart + raw.size();
        int signatureStart = rawEnd + TO_SIGNATURE.length;
        byte[] body = new byte[signatureStart + signature.size()];
        put(TO_RAW, body, id.write(body, 0));
        put(TO_SIGNATURE, body, raw.write(body, rawStart));
        signature.write(body, signatureStart);
        return new Data(body, id.size(), rawEnd, timestamp);
    }

    static Data parse(String json) {
        Matcher parts = JSON.matcher(json);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not the JSON of a record");
        }
        return parse(Long.parseLong(parts.group(2)), Utf8.encode(parts.group(1)));
    }

    static Data parse(long timestamp, byte[] body) {
        if (Utf8.firstInvalid(body, 0, body.length) >= 0) {
            throw new IllegalArgumentException("record is not UTF-8");
        }
        int idEnd = end(body, 0, TO_RAW);
        int rawStart = idEnd + TO_RAW.length;
        int rawEnd = end(body, rawStart, TO_SIGNATURE);
        int signatureStart = rawEnd + TO_SIGNATURE.length;
        if (JsonText.end(body, signatureStart, body.length) != body.length) {
            throw new IllegalArgumentException("record has bytes after its signature");
        }
        checkLengths(JsonText.unescapedLength(body, 0, idEnd),
                JsonText.unescapedLength(body, rawStart, rawEnd),
                JsonText.unescapedLength(body, signatureStart, body.length));
        return new Data(body, idEnd, rawEnd, timestamp);
    }

    private static int end(byte[] body, int from, byte[] separator) {
        int at = JsonText.end(body, from, body.length);
        int end = at + separator.length;
        if (end > body.length || !Arrays.equals(separator, 0, separator.length, body, at, end)) {
            throw new IllegalArgumentException("record lacks a field at byte " + at);
        }
        return at;
    }

    private static void checkLengths(int id, int raw, int signature) {
        check("id", id, Data.MAX_ID_BYTES);
        check("raw", raw, Data.MAX_RAW_BYTES);
        check("signature", signature, Data.MAX_SIGNATURE_BYTES);
    }

    private static void check(String field, int length, int limit) {
        if (length == 0) {
            throw new IllegalArgumentException(field + " is empty");
        }
        if (length > limit) {
            throw new IllegalArgumentException(field + " has " + length
                    + " bytes, the limit is " + limit);
        }
    }

    private static int put(byte[] source, byte[] target, int at) {
        System.arraycopy(source, 0, target, at, source.length);
        return at + source.length;
    }

    static int jsonLength(int bodyLength, long timestamp) {
        return HEAD.length + bodyLength + tailLength(timestamp);
    }

    private static int tailLength(long timestamp) {
        int digits = 1;
        for (long power = 10; power <= timestamp; power *= 10) {
            digits++;
        }
        return TO_TIMESTAMP.length + digits + 1;
    }

    /** Writes the JSON from one of its bytes on, as far as there is room. */
    static int json(byte[] body, long timestamp, int from, byte[] target, int at) {
        int tailLength = tailLength(timestamp);
        if (from == 0 && target.length - at >= HEAD.length + body.length + tailLength) {
            return putTail(timestamp, tailLength, target, put(body, target, put(HEAD, target, at)));
        }
        byte[] tail = new byte[tailLength];
        putTail(timestamp, tailLength, tail, 0);
        int next = part(from, HEAD, target, at);
        next = part(from - HEAD.length, body, target, next);
        return part(from - HEAD.length - body.length, tail, target, next);
    }

    private static int part(int from, byte[] source, byte[] target, int at) {
        int skipped = Math.max(0, Math.min(from, source.length));
        int copied = Math.min(source.length - skipped, target.length - at);
        System.arraycopy(source, skipped, target, at, copied);
        return at + copied;
    }

    private static int putTail(long timestamp, int length, byte[] target, int at) {
        int digits = put(TO_TIMESTAMP, target, at);
        int last = at + length - 1;
        long rest = timestamp;
        for (int i = last - 1; i >= digits; i--) {
            target[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        target[last] = '}';
        return last + 1;
    }

    /** Writes the form on the wire from one of its bytes on, as far as there is room. */
    static void wire(byte[] body, long timestamp, int from, ByteBuffer target) {
        int at = from;
        for (; at < Long.BYTES && target.hasRemaining(); at++) {
            target.put((byte) (timestamp >>> 8 * (Long.BYTES - 1 - at)));
        }
        if (at >= Long.BYTES) {
            int done = at - Long.BYTES;
            target.put(body, done, Math.min(target.remaining(), body.length - done));
        }
    }
}
