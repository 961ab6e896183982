package bcast.validator;

import bcast.data.Data;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Accepts a record whose signature is the message digest of raw's UTF-8 bytes in hex, in either
 * case; lower case is canonical. It proves that raw is unchanged, not who wrote it.
 */
public final class DigestValidator implements Validator {

    private final String name;
    private final String algorithm;
    /**
     * One that no thread uses now: creating one takes longer than using it, and a thread may serve
     * one request only.
     */
    private final AtomicReference<MessageDigest> idle = new AtomicReference<>();

    private DigestValidator(String name, String algorithm) {
        this.name = name;
        this.algorithm = algorithm;
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no " + algorithm, e);
        }
    }

    /** {@return a validator by MD5 (RFC 1321), as the original program had it} */
    public static DigestValidator md5() {
        return new DigestValidator("md5", "MD5");
    }

    /** {@return a validator by SHA-256 (FIPS 180-4)} */
    public static DigestValidator sha256() {
        return new DigestValidator("sha256", "SHA-256");
    }

    @Override
    public void prepare() {
        idle.set(digest(algorithm));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Verdict check(Data data) {
        byte[] expected = digestOf(data);
        if (data.hasHexSignature(expected)) {
            return new Verdict.Valid(data);
        }
        String canonical = HexFormat.of().formatHex(expected);
        if (data.signature().toLowerCase(Locale.ROOT).equals(canonical)) {
            return new Verdict.Valid(data.withSignature(canonical));
        }
        return new Verdict.Invalid("signature is not the " + name + " of raw");
    }

    private byte[] digestOf(Data data) {
        MessageDigest taken = idle.getAndSet(null);
        MessageDigest digest = taken == null ? digest(algorithm) : taken;
        data.digestRaw(digest);
        byte[] bytes = digest.digest();
        idle.set(digest);
        return bytes;
    }
}
