package bcast.validator;

import bcast.base.FileText;
import bcast.base.Pem;
import bcast.data.Data;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Accepts a record whose signature is an Ed25519 signature (RFC 8032) of raw's UTF-8 bytes by any
 * trusted key: it proves who wrote the record. The signature is in hex or base64; lower-case hex is
 * canonical.
 */
public final class Ed25519Validator implements Validator {

    /** Most trusted keys: each is tried for each record. */
    public static final int MAX_KEYS = 16;

    private static final int SIGNATURE_BYTES = 64;
    private static final int KEY_BYTES = 32;

    /** What precedes a key's bytes in a SubjectPublicKeyInfo (RFC 8410). */
    private static final byte[] KEY_HEAD = HexFormat.of().parseHex("302a300506032b6570032100");

    private final Supplier<List<PublicKey>> keys;

    /**
     * A validator that trusts some keys.
     *
     * @param keys the keys, asked for each record; must not block
     */
    public Ed25519Validator(Supplier<List<PublicKey>> keys) {
        this.keys = keys;
    }

    @Override
    public String name() {
        return "ed25519";
    }

    @Override
    public Verdict check(Data data) {
        Optional<byte[]> signature = decode(data.signature());
        if (signature.isEmpty()) {
            return new Verdict.Invalid("signature is not " + SIGNATURE_BYTES
                    + " bytes in hex or base64");
        }
        byte[] raw = data.rawBytes();
        for (PublicKey key : keys.get()) {
            if (verify(key, raw, signature.get())) {
                return new Verdict.Valid(
                        data.withSignature(HexFormat.of().formatHex(signature.get())));
            }
        }
        return new Verdict.Untrusted("signature is by no trusted key over this raw");
    }

    private static Optional<byte[]> decode(String text) {
        try {
            byte[] bytes = text.length() == 2 * SIGNATURE_BYTES ? HexFormat.of().parseHex(text)
                    : Base64.getDecoder().decode(text);
            return bytes.length == SIGNATURE_BYTES ? Optional.of(bytes) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean verify(PublicKey key, byte[] raw, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(raw);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            // Bytes that cannot be a signature at all.
            return false;
        }
    }

    /**
     * Reads trusted keys: PEM blocks as {@code openssl pkey -pubout} writes them, or lines of 32
     * bytes in base64; lines that begin with # are comments.
     *
     * @param file the content of a file
     * @return the keys
     * @throws IllegalArgumentException if it has another form, no key, or too many keys
     */
    public static List<PublicKey> keys(byte[] file) {
        Pem pem = Pem.of(FileText.of(file));
        List<PublicKey> keys = new ArrayList<>();
        for (Pem.Block block : pem.blocks()) {
            if (!block.label().equals("PUBLIC KEY")) {
                throw new IllegalArgumentException("line " + block.line() + " begins a "
                        + block.label() + "; use a PUBLIC KEY, as openssl pkey -in KEY "
                        + "-pubout writes it");
            }
            keys.add(key(block.bytes(), "line " + block.line() + " "));
        }
        keys.addAll(FileText.lines(pem.rest(), line -> key(withHead(base64(line)), "")));
        if (keys.isEmpty() || keys.size() > MAX_KEYS) {
            throw new IllegalArgumentException(keys.size() + " keys; expected 1.." + MAX_KEYS);
        }
        return List.copyOf(keys);
    }

    private static byte[] base64(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("is not base64", e);
        }
    }

    private static byte[] withHead(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("is a key of " + key.length + " bytes; expected "
                    + KEY_BYTES);
        }
        return ByteBuffer.allocate(KEY_HEAD.length + KEY_BYTES).put(KEY_HEAD).put(key).array();
    }

    private static PublicKey key(byte[] encoded, String where) {
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(
                    new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(where + "is not a key of Ed25519", e);
        }
    }
}
