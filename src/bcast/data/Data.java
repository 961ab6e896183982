package bcast.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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

    static final byte[] TO_RAW = ascii("\",\"raw\":\"");
    static final byte[] TO_SIGNATURE = ascii("\",\"signature\":\"");

    /** Most bytes that one byte of text can take: a control character is six. */
    private static final int MAX_ESCAPE = 6;

    /** Longest form on the wire in bytes: every character escaped, and the timestamp. */
    public static final int MAX_WIRE_BYTES = Long.BYTES + TO_RAW.length + TO_SIGNATURE.length
            + MAX_ESCAPE * (MAX_ID_BYTES + MAX_RAW_BYTES + MAX_SIGNATURE_BYTES);

    /** Longest JSON of a record in bytes: the same, the names of the fields included. */
    public static final int MAX_JSON_BYTES = MAX_WIRE_BYTES - Long.BYTES + RecordJson.MAX_BYTES;

    /** Order of every list: by timestamp, then by the bytes of the id. */
    public static final Comparator<Data> BY_TIME =
            Comparator.comparingLong(Data::timestamp).thenComparing(Data::idText);

    /**
     * The merge rule: of two records with one id the smaller one wins, on every node. By
     * timestamp, then signature, then raw, texts compared as unsigned UTF-8 bytes.
     */
    public static final Comparator<Data> MERGE = Comparator.comparingLong(Data::timestamp)
            .thenComparing(Data::signatureText).thenComparing(Data::rawText);

    /** {@code id","raw":"raw","signature":"signature}: the record's JSON without both its ends. */
    private final byte[] bytes;
    private final int idEnd;
    private final int rawEnd;
    private final long timestamp;

    /** A record of bytes that are known to be canonical and within the limits. */
    Data(byte[] bytes, int idEnd, int rawEnd, long timestamp) {
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
        return of(Text.of(Utf8.encode(id)), Text.of(Utf8.encode(raw)),
                Text.of(Utf8.encode(signature)), timestamp);
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
        RecordLimits.check(id, raw, signature, timestamp);
        byte[] body = new byte[id.size() + TO_RAW.length + raw.size() + TO_SIGNATURE.length
                + signature.size()];
        int idEnd = id.write(body, 0);
        int rawEnd = raw.write(body, RecordJson.put(TO_RAW, body, idEnd));
        signature.write(body, RecordJson.put(TO_SIGNATURE, body, rawEnd));
        return new Data(body, idEnd, rawEnd, timestamp);
    }

    /** {@return the id} */
    public String id() {
        return idText().toString();
    }

    /** {@return the id in canonical form; its bytes must not be changed} */
    public Text idText() {
        return text(0, idEnd);
    }

    /** {@return the content} */
    public String raw() {
        return rawText().toString();
    }

    /** {@return the bytes of raw in UTF-8, a copy} */
    public byte[] rawBytes() {
        return rawText().utf8();
    }

    Text rawText() {
        return text(idEnd + TO_RAW.length, rawEnd);
    }

    /** {@return the signature} */
    public String signature() {
        return signatureText().toString();
    }

    Text signatureText() {
        return text(rawEnd + TO_SIGNATURE.length, bytes.length);
    }

    private Text text(int from, int to) {
        return new Text(bytes, from, to, JsonText.unescapedLength(bytes, from, to));
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
        RecordLimits.checkTimestamp(newTimestamp);
        return new Data(bytes, idEnd, rawEnd, newTimestamp);
    }

    /**
     * Replaces the signature, as validators do to bring it to its canonical form.
     *
     * @param newSignature the signature in canonical form
     * @return a record with that signature; this record if it has it already
     */
    public Data withSignature(String newSignature) {
        if (signature().equals(newSignature)) {
            return this;
        }
        return of(idText(), rawText(), Text.of(Utf8.encode(newSignature)), timestamp);
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
     * Compares all but the timestamps.
     *
     * @param other another record
     * @return whether id, raw and signature are equal
     */
    public boolean sameTexts(Data other) {
        return Arrays.equals(bytes, other.bytes);
    }

    /**
     * Hashes the whole record. The first 48 bits are the timestamp itself, by which a store finds
     * the record without an index of hashes; 80 bits tell records of one millisecond apart.
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
        return RecordJson.length(bytes, timestamp);
    }

    /** {@return length of the texts as they are kept, in bytes} */
    public int bodyLength() {
        return bytes.length;
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
        return RecordJson.write(bytes, timestamp, from, target, at);
    }

    /** {@return the record as a JSON object in UTF-8} */
    public byte[] json() {
        byte[] json = new byte[jsonLength()];
        json(0, json, 0);
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
        return RecordJson.read(json);
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
        RecordWire.write(bytes, timestamp, from, target);
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
        return RecordWire.read(timestamp, body);
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
        return 31 * Arrays.hashCode(bytes) + Long.hashCode(timestamp);
    }

    @Override
    public String toString() {
        return Utf8.decode(json());
    }
}
