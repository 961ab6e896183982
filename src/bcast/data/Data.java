package bcast.data;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Comparator;

/**
 * A record: {@code id}, {@code raw}, {@code signature} and the time at which it was accepted.
 * The texts are held once, as bytes of their JSON, which are also listed and sent. Escapes are
 * canonical, so equal texts have equal bytes. Immutable.
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

    /** Longest form on the wire in bytes: every character escaped, and the timestamp. */
    public static final int MAX_WIRE_BYTES = Long.BYTES + RecordForm.MAX_BODY_BYTES;
    /** Longest JSON of a record in bytes: the same, the names of the fields included. */
    public static final int MAX_JSON_BYTES =
            RecordForm.jsonLength(RecordForm.MAX_BODY_BYTES, MAX_TIMESTAMP);

    /** Order of every list: by timestamp, then by the bytes of the id. */
    public static final Comparator<Data> BY_TIME = (a, b) -> a.timestamp != b.timestamp
            ? Long.compare(a.timestamp, b.timestamp) : a.compareId(b);

    /**
     * The merge rule: of two records with one id the smaller one wins, on every node. By
     * timestamp, then signature, then raw, texts compared as unsigned UTF-8 bytes.
     */
    public static final Comparator<Data> MERGE = (a, b) -> {
        int order = Long.compare(a.timestamp, b.timestamp);
        if (order == 0) {
            order = JsonText.compare(a.bytes, a.signatureStart(), a.bytes.length,
                    b.bytes, b.signatureStart(), b.bytes.length);
        }
        return order != 0 ? order : JsonText.compare(a.bytes, a.rawStart(), a.rawEnd,
                b.bytes, b.rawStart(), b.rawEnd);
    };

    /** The body, see {@link RecordForm}. */
    private final byte[] bytes;
    private final int idEnd;
    private final int rawEnd;
    private final long timestamp;

    /** Texts of valid lengths; only the timestamp is checked. */
    Data(byte[] bytes, int idEnd, int rawEnd, long timestamp) {
        if (timestamp < 0 || timestamp > MAX_TIMESTAMP) {
            throw new IllegalArgumentException("timestamp " + timestamp + " is not in 0.."
                    + MAX_TIMESTAMP);
        }
        this.bytes = bytes;
        this.idEnd = idEnd;
        this.rawEnd = rawEnd;
        this.timestamp = timestamp;
    }

    /**
     * {@return a record}
     *
     * @param id name of the record; 1..{@link #MAX_ID_BYTES} bytes of UTF-8
     * @param raw the content; 1..{@link #MAX_RAW_BYTES} bytes of UTF-8
     * @param signature proves raw to the validator; 1..{@link #MAX_SIGNATURE_BYTES} bytes
     * @param timestamp Unix milliseconds, 0..{@link #MAX_TIMESTAMP}
     * @throws IllegalArgumentException if a limit is broken; the message names it
     */
    public static Data of(String id, String raw, String signature, long timestamp) {
        return of(Text.of(Utf8.encode(id)), Text.of(Utf8.encode(raw)),
                Text.of(Utf8.encode(signature)), timestamp);
    }

    /**
     * {@return the same from texts, which are copied}
     *
     * @param id name of the record
     * @param raw the content
     * @param signature proves raw to the validator
     * @param timestamp Unix milliseconds
     */
    public static Data of(Text id, Text raw, Text signature, long timestamp) {
        return RecordForm.compose(id, raw, signature, timestamp);
    }

    /** {@return the id} */
    public String id() {
        return idText().toString();
    }

    /** {@return the id in canonical form; its bytes must not be changed} */
    public Text idText() {
        return text(0, idEnd);
    }

    private Text text(int from, int to) {
        return new Text(bytes, from, to, JsonText.unescapedLength(bytes, from, to));
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
        return text(signatureStart(), bytes.length).toString();
    }

    /**
     * {@return whether the signature is the proof in lower-case hex}
     *
     * @param proof the expected bytes
     */
    public boolean hasHexSignature(byte[] proof) {
        return JsonText.sameHex(bytes, signatureStart(), bytes.length, proof);
    }

    /**
     * Digests the bytes of {@link #rawBytes}, and copies them only if raw has escapes.
     *
     * @param digest receives them
     */
    public void digestRaw(MessageDigest digest) {
        JsonText.digest(bytes, rawStart(), rawEnd, digest);
    }

    /** {@return when a node accepted it from a client, in Unix milliseconds} */
    public long timestamp() {
        return timestamp;
    }

    /**
     * {@return a record of another time that shares the bytes of this one}
     *
     * @param newTimestamp Unix milliseconds
     */
    public Data withTimestamp(long newTimestamp) {
        return new Data(bytes, idEnd, rawEnd, newTimestamp);
    }

    /**
     * {@return a record that differs in the signature only; this one if it does not differ}
     *
     * @param newSignature the signature in its canonical form
     */
    public Data withSignature(String newSignature) {
        return signature().equals(newSignature) ? this : of(idText(), text(rawStart(), rawEnd),
                Text.of(Utf8.encode(newSignature)), timestamp);
    }

    /**
     * {@return how this record's id compares with another, by their bytes in UTF-8}
     *
     * @param otherId the other id in UTF-8
     */
    public int compareId(byte[] otherId) {
        return Arrays.compareUnsigned(JsonText.unescape(bytes, 0, idEnd), otherId);
    }

    /**
     * {@return how this record's id compares with another, by their bytes in UTF-8}
     *
     * @param other the other record
     */
    public int compareId(Data other) {
        return JsonText.compare(bytes, 0, idEnd, other.bytes, 0, other.idEnd);
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
     * {@return whether id, raw and signature are equal; timestamps are ignored}
     *
     * @param other another record
     */
    public boolean sameTexts(Data other) {
        return Arrays.equals(bytes, other.bytes);
    }

    /**
     * {@return the hash of the canonical JSON} Its first 48 bits are the timestamp, so that a store
     * needs no index of hashes; 80 bits tell records of one millisecond apart.
     *
     * @param key the keyed hash function
     */
    public Hash128 hash(SipHash key) {
        Hash128 whole = key.hash(timestamp, bytes, 0, bytes.length);
        return new Hash128(timestamp << 16 | whole.hi() >>> 48, whole.lo());
    }

    /** {@return length of {@link #json} in bytes} */
    public int jsonLength() {
        return RecordForm.jsonLength(bytes.length, timestamp);
    }

    /** {@return the record as a JSON object in UTF-8} */
    public byte[] json() {
        byte[] json = new byte[jsonLength()];
        json(0, json, 0);
        return json;
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
        return RecordForm.json(bytes, timestamp, from, target, at);
    }

    /**
     * Reads a record exactly as {@link #json} writes it: for nodes, not for clients.
     *
     * @param json the JSON object
     * @return the record
     * @throws IllegalArgumentException if the text is anything else; the message says why
     */
    public static Data fromJson(String json) {
        return RecordForm.parse(json);
    }

    /** {@return length of {@link #toWire} in bytes} */
    public int wireLength() {
        return Long.BYTES + bytes.length;
    }

    /**
     * Copies a part of the form on the wire: the timestamp (eight bytes, big-endian) and the body.
     *
     * @param from first byte to copy, at most {@link #wireLength}
     * @param target where to write; takes as much as it has room for
     */
    public void toWire(int from, ByteBuffer target) {
        RecordForm.wire(bytes, timestamp, from, target);
    }

    /**
     * Reads a record as a peer sent it: well-formed, canonical and within the limits, or refused.
     *
     * @param timestamp the timestamp of {@link #toWire}
     * @param body the bytes that followed it; belongs to the record from now on
     * @return the record
     * @throws IllegalArgumentException if the bytes are not a record; the message says why
     */
    public static Data fromWire(long timestamp, byte[] body) {
        return RecordForm.parse(timestamp, body);
    }

    private int rawStart() {
        return idEnd + RecordForm.TO_RAW.length;
    }

    private int signatureStart() {
        return rawEnd + RecordForm.TO_SIGNATURE.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Data data && timestamp == data.timestamp && sameTexts(data);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(timestamp) + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return Utf8.decode(json());
    }
}
