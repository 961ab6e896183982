package bcast.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Comparator;

/**
 * A record: {@code id}, {@code raw}, {@code signature} and the time at which it was accepted.
 *
 * <p>The three texts are held once, as the bytes of their JSON, which are also listed and sent.
 * Because escapes are canonical, equal texts have equal bytes. Immutable; safe for use by any
 * thread.
 */
public final class Data {

    /** Longest id in bytes of UTF-8; the shortest is 1. */
    public static final int MAX_ID_BYTES = 256;

    /** Longest raw in bytes of UTF-8; the shortest is 1. */
    public static final int MAX_RAW_BYTES = 1 << 20;

    /** Longest signature in bytes of UTF-8; the shortest is 1. Ed25519 in hex takes 128. */
    public static final int MAX_SIGNATURE_BYTES = 1_024;

    /** Latest timestamp in Unix milliseconds: year 5138, far from overflow in any sum. */
    public static final long MAX_TIMESTAMP = 99_999_999_999_999L;

    private static final byte[] HEAD = ascii("{\"id\":\"");
    private static final byte[] TO_RAW = ascii("\",\"raw\":\"");
    private static final byte[] TO_SIGNATURE = ascii("\",\"signature\":\"");

    /** Most bytes that one byte of text can take: a control character is six. */
    private static final int MAX_ESCAPE = 6;

    /** Longest form on the wire in bytes: every character escaped, and the timestamp. */
    public static final int MAX_WIRE_BYTES = Long.BYTES + TO_RAW.length + TO_SIGNATURE.length
            + MAX_ESCAPE * (MAX_ID_BYTES + MAX_RAW_BYTES + MAX_SIGNATURE_BYTES);

    /** Longest JSON of a record in bytes: the same, the names of the fields included. */
    public static final int MAX_JSON_BYTES = HEAD.length + MAX_WIRE_BYTES - Long.BYTES
            + JsonTail.MAX_BYTES;

    /** Order of every list: by timestamp, then by the bytes of the id. */
    public static final Comparator<Data> BY_TIME = (a, b) -> {
        int byTime = Long.compare(a.timestamp, b.timestamp);
        return byTime != 0 ? byTime : a.compareId(b);
    };

    /**
     * The merge rule: of two records with one id the smaller one wins, on every node. By
     * timestamp, then signature, then raw, texts compared as unsigned UTF-8 bytes.
     */
    public static final Comparator<Data> MERGE = (a, b) -> {
        int byTime = Long.compare(a.timestamp, b.timestamp);
        if (byTime != 0) {
            return byTime;
        }
        int bySignature = JsonText.compare(a.bytes, a.signatureStart(), a.bytes.length,
                b.bytes, b.signatureStart(), b.bytes.length);
        return bySignature != 0 ? bySignature : JsonText.compare(a.bytes, a.rawStart(), a.rawEnd,
                b.bytes, b.rawStart(), b.rawEnd);
    };

    private static final byte[] HEX = ascii("0123456789abcdef");

    /** {@code id","raw":"raw","signature":"signature}: the record's JSON without both its ends. */
    private final byte[] bytes;
    private final int idEnd;
    private final int rawEnd;
    private final long timestamp;

    private Data(byte[] bytes, int idEnd, int rawEnd, long timestamp) {
        this.bytes = bytes;
        this.idEnd = idEnd;
        this.rawEnd = rawEnd;
        this.timestamp = timestamp;
    }

    /**
     * Makes a record from strings.
     *
     * @param id name of the record; 1..{@link #MAX_ID_BYTES} bytes of UTF-8
     * @param raw the content; 1..{@link #MAX_RAW_BYTES} bytes of UTF-8
     * @param signature proves raw to the validator; 1..{@link #MAX_SIGNATURE_BYTES} bytes
     * @param timestamp Unix milliseconds, 0..{@link #MAX_TIMESTAMP}
     * @return the record
     * @throws IllegalArgumentException if a limit is broken; the message names it
     */
    public static Data of(String id, String raw, String signature, long timestamp) {
        return of(Utf8.encode(id), Utf8.encode(raw), Utf8.encode(signature), timestamp);
    }

    /**
     * Makes a record from well-formed UTF-8.
     *
     * @param id name of the record; 1..{@link #MAX_ID_BYTES} bytes
     * @param raw the content; 1..{@link #MAX_RAW_BYTES} bytes
     * @param signature proves raw to the validator; 1..{@link #MAX_SIGNATURE_BYTES} bytes
     * @param timestamp Unix milliseconds, 0..{@link #MAX_TIMESTAMP}
     * @return the record
     * @throws IllegalArgumentException if a limit is broken; the message names it
     */
    public static Data of(byte[] id, byte[] raw, byte[] signature, long timestamp) {
        return of(Text.of(id), Text.of(raw), Text.of(signature), timestamp);
    }

    /**
     * Makes a record from texts in canonical form, which are copied.
     *
     * @param id name of the record; 1..{@link #MAX_ID_BYTES} bytes without escapes
     * @param raw the content; 1..{@link #MAX_RAW_BYTES} bytes
     * @param signature proves raw to the validator; 1..{@link #MAX_SIGNATURE_BYTES} bytes
     * @param timestamp Unix milliseconds, 0..{@link #MAX_TIMESTAMP}
     * @return the record
     * @throws IllegalArgumentException if a limit is broken; the message names it
     */
    public static Data of(Text id, Text raw, Text signature, long timestamp) {
        check("id", id.length(), MAX_ID_BYTES);
        check("raw", raw.length(), MAX_RAW_BYTES);
        check("signature", signature.length(), MAX_SIGNATURE_BYTES);
        checkTimestamp(timestamp);
        byte[] body = new byte[id.size() + TO_RAW.length + raw.size() + TO_SIGNATURE.length
                + signature.size()];
        int idEnd = id.write(body, 0);
        int rawEnd = raw.write(body, put(TO_RAW, body, idEnd));
        signature.write(body, put(TO_SIGNATURE, body, rawEnd));
        return new Data(body, idEnd, rawEnd, timestamp);
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

    private static void checkTimestamp(long timestamp) {
        if (timestamp < 0 || timestamp > MAX_TIMESTAMP) {
            throw new IllegalArgumentException("timestamp " + timestamp + " is not in 0.."
                    + MAX_TIMESTAMP);
        }
    }

    /** {@return the id} */
    public String id() {
        return Utf8.decode(JsonText.unescape(bytes, 0, idEnd));
    }

    /** {@return the id in canonical form; its bytes must not be changed} */
    public Text idText() {
        return new Text(bytes, 0, idEnd, JsonText.unescapedLength(bytes, 0, idEnd));
    }

    /** {@return the content} */
    public String raw() {
        return Utf8.decode(rawBytes());
    }

    /** {@return the bytes of raw in UTF-8, a copy} */
    public byte[] rawBytes() {
        return JsonText.unescape(bytes, rawStart(), rawEnd);
    }

    /** {@return the signature} */
    public String signature() {
        return Utf8.decode(JsonText.unescape(bytes, signatureStart(), bytes.length));
    }

    /**
     * Compares the signature only.
     *
     * @param proof the expected bytes
     * @return whether the signature is these bytes in lower-case hex
     */
    public boolean hasHexSignature(byte[] proof) {
        int at = signatureStart();
        if (bytes.length - at != 2 * proof.length) {
            return false;
        }
        int different = 0;
        for (byte b : proof) {
            different |= bytes[at] ^ HEX[b >> 4 & 15] | bytes[at + 1] ^ HEX[b & 15];
            at += 2;
        }
        return different == 0;
    }

    /**
     * Digests raw.
     *
     * @param digest receives the bytes of {@link #rawBytes}, copied only if raw has escapes
     */
    public void digestRaw(MessageDigest digest) {
        if (JsonText.plain(bytes, rawStart(), rawEnd)) {
            digest.update(bytes, rawStart(), rawEnd - rawStart());
        } else {
            digest.update(rawBytes());
        }
    }

    /** {@return when a node accepted it from a client, in Unix milliseconds} */
    public long timestamp() {
        return timestamp;
    }

    /**
     * Dates the record.
     *
     * @param newTimestamp Unix milliseconds
     * @return the same texts with that time; shares their bytes
     */
    public Data withTimestamp(long newTimestamp) {
        checkTimestamp(newTimestamp);
        return new Data(bytes, idEnd, rawEnd, newTimestamp);
    }

    /**
     * Replaces the signature, as validators do to bring it to its canonical form.
     *
     * @param newSignature the signature in canonical form
     * @return a record that differs in the signature only; this record if it does not differ
     */
    public Data withSignature(String newSignature) {
        if (signature().equals(newSignature)) {
            return this;
        }
        return of(JsonText.unescape(bytes, 0, idEnd), rawBytes(), Utf8.encode(newSignature),
                timestamp);
    }

    /**
     * Compares ids only, by their bytes.
     *
     * @param otherId an id
     * @return negative, zero or positive as this record's id comes before, is or comes after it
     */
    public int compareId(byte[] otherId) {
        return Arrays.compareUnsigned(JsonText.unescape(bytes, 0, idEnd), otherId);
    }

    /**
     * Compares ids only.
     *
     * @param other another record
     * @return negative, zero or positive as this record's id comes before, is or comes after it
     */
    public int compareId(Data other) {
        return JsonText.compare(bytes, 0, idEnd, other.bytes, 0, other.idEnd);
    }

    /**
     * Compares ids only.
     *
     * @param other another record
     * @return whether both have the same id
     */
    public boolean sameId(Data other) {
        return Arrays.equals(bytes, 0, idEnd, other.bytes, 0, other.idEnd);
    }

    /** {@return a hash of the id only; clients can choose ids that collide} */
    public int idHashCode() {
        int hash = 1;
        for (int i = 0; i < idEnd; i++) {
            hash = 31 * hash + bytes[i];
        }
        return hash;
    }

    /**
     * Compares texts only.
     *
     * @param other another record
     * @return whether id, raw and signature are equal; timestamps are ignored
     */
    public boolean sameTexts(Data other) {
        return Arrays.equals(bytes, other.bytes);
    }

    /**
     * Hashes the whole record. The input is its canonical JSON, which differs between any two
     * records. The first 48 bits are the timestamp itself, by which a store finds the record
     * without an index of hashes; 80 bits tell records of one millisecond apart.
     *
     * @param key the keyed hash function
     * @return the hash
     */
    public Hash128 hash(SipHash key) {
        Hash128 whole = key.hash(timestamp, bytes, 0, bytes.length);
        return new Hash128(timestamp << 16 | whole.hi() >>> 48, whole.lo());
    }

    /** {@return length of {@link #json} in bytes} */
    public int jsonLength() {
        return HEAD.length + bodyLength() + JsonTail.length(timestamp);
    }

    /** {@return length of the texts as they are kept, in bytes} */
    public int bodyLength() {
        return bytes.length;
    }

    /**
     * Writes the record as a JSON object.
     *
     * @param target where to write; must have room for {@link #jsonLength} bytes
     * @param at first index written
     * @return index after the last byte written
     */
    public int json(byte[] target, int at) {
        int next = put(HEAD, target, at);
        return JsonTail.write(timestamp, target, put(bytes, target, next));
    }

    /**
     * Writes a part of the record as a JSON object.
     *
     * @param from first byte of the object to write, 0..{@link #jsonLength}
     * @param target where to write; takes as much as it has room for
     * @param at first index written
     * @return index after the last byte written
     */
    public int json(int from, byte[] target, int at) {
        if (from == 0 && target.length - at >= jsonLength()) {
            return json(target, at);
        }
        byte[] tail = new byte[JsonTail.length(timestamp)];
        JsonTail.write(timestamp, tail, 0);
        int next = part(from, HEAD, target, at);
        next = part(from - HEAD.length, bytes, target, next);
        return part(from - HEAD.length - bytes.length, tail, target, next);
    }

    /** Writes a source from an offset on, as far as there is room. */
    private static int part(int from, byte[] source, byte[] target, int at) {
        int skipped = Math.max(0, Math.min(from, source.length));
        int copied = Math.min(source.length - skipped, target.length - at);
        System.arraycopy(source, skipped, target, at, copied);
        return at + copied;
    }

    /** {@return the record as a JSON object in UTF-8} */
    public byte[] json() {
        byte[] json = new byte[jsonLength()];
        json(json, 0);
        return json;
    }

    /**
     * Reads a record as {@link #json} and {@link #toString} write it, and in no other form: JSON
     * with other spaces, escapes or fields is refused. So this is for nodes, not for clients.
     *
     * @param json the JSON object
     * @return the record
     * @throws IllegalArgumentException if the text is anything else; the message says why
     */
    public static Data fromJson(String json) {
        byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
        int tail = JsonTail.find(utf8);
        if (tail < HEAD.length || !Arrays.equals(utf8, 0, HEAD.length, HEAD, 0, HEAD.length)) {
            throw new IllegalArgumentException("not the JSON of a record");
        }
        Data data = fromWire(JsonTail.timestamp(utf8), Arrays.copyOfRange(utf8, HEAD.length, tail));
        if (!data.toString().equals(json)) {
            // Java encodes a lone surrogate as a question mark.
            throw new IllegalArgumentException("not the JSON of a record");
        }
        return data;
    }

    /** {@return length of {@link #toWire} in bytes} */
    public int wireLength() {
        return Long.BYTES + bodyLength();
    }

    /**
     * Copies a part of the record's form on the wire: the timestamp (eight bytes, big-endian)
     * and the body.
     *
     * @param from first byte to copy, at most {@link #wireLength}
     * @param target where to write; takes as much as it has room for
     */
    public void toWire(int from, ByteBuffer target) {
        int at = from;
        while (at < Long.BYTES && target.hasRemaining()) {
            target.put((byte) (timestamp >>> 8 * (Long.BYTES - 1 - at)));
            at++;
        }
        if (at >= Long.BYTES) {
            int length = Math.min(target.remaining(), wireLength() - at);
            target.put(bytes, at - Long.BYTES, length);
        }
    }

    /**
     * Reads a record as a peer sent it. Everything is checked: what is returned is well-formed,
     * canonical and within the limits.
     *
     * @param timestamp the timestamp of {@link #toWire}
     * @param body the bytes that followed it; belongs to the record from now on
     * @return the record
     * @throws IllegalArgumentException if the bytes are not a record; the message says why
     */
    public static Data fromWire(long timestamp, byte[] body) {
        checkTimestamp(timestamp);
        if (Utf8.firstInvalid(body, 0, body.length) >= 0) {
            throw new IllegalArgumentException("record is not UTF-8");
        }
        int idEnd = JsonText.end(body, 0, body.length);
        int rawStart = expect(TO_RAW, body, idEnd);
        int rawEnd = JsonText.end(body, rawStart, body.length);
        int signatureStart = expect(TO_SIGNATURE, body, rawEnd);
        if (JsonText.end(body, signatureStart, body.length) != body.length) {
            throw new IllegalArgumentException("record has bytes after its signature");
        }
        Data data = new Data(body, idEnd, rawEnd, timestamp);
        check("id", JsonText.unescapedLength(body, 0, idEnd), MAX_ID_BYTES);
        check("raw", JsonText.unescapedLength(body, rawStart, rawEnd), MAX_RAW_BYTES);
        check("signature", JsonText.unescapedLength(body, signatureStart, body.length),
                MAX_SIGNATURE_BYTES);
        return data;
    }

    private static int expect(byte[] separator, byte[] body, int at) {
        int end = at + separator.length;
        if (end > body.length || !Arrays.equals(separator, 0, separator.length, body, at, end)) {
            throw new IllegalArgumentException("record lacks a field at byte " + at);
        }
        return end;
    }

    private int rawStart() {
        return idEnd + TO_RAW.length;
    }

    private int signatureStart() {
        return rawEnd + TO_SIGNATURE.length;
    }

    private static int put(byte[] source, byte[] target, int at) {
        System.arraycopy(source, 0, target, at, source.length);
        return at + source.length;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Data data && timestamp == data.timestamp && sameTexts(data);
    }

    @Override
    public int hashCode() {
        int hash = Long.hashCode(timestamp);
        for (byte b : bytes) {
            hash = 31 * hash + b;
        }
        return hash;
    }

    @Override
    public String toString() {
        return new String(json(), StandardCharsets.UTF_8);
    }
}
