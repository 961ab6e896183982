package bcast.validator;

import bcast.data.Data;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/**
 * Accepts a record whose signature is the message digest of raw's UTF-8 bytes in hex, in either
 * case; lower case is canonical. It proves that raw is whole, not who wrote it.
 */
public final class DigestValidator implements Validator {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final String name;
    /** To make one takes longer than to use it. */
    private final ThreadLocal<MessageDigest> digests;

    private DigestValidator(String name, String algorithm) {
        this.name = name;
        this.digests = ThreadLocal.withInitial(() -> digest(algorithm));
        digests.get();
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
    public String name() {
        return name;
    }

    @Override
    public Verdict check(Data data) {
        MessageDigest digest = digests.get();
        data.digestRaw(digest);
        byte[] expected = hex(digest.digest());
        if (data.hasSignature(expected)) {
            return new Verdict.Valid(data);
        }
        String canonical = new String(expected, StandardCharsets.US_ASCII);
        if (data.signature().toLowerCase(Locale.ROOT).equals(canonical)) {
            return new Verdict.Valid(data.withSignature(canonical));
        }
        return new Verdict.Invalid("signature is not the " + name + " of raw");
    }

    private static byte[] hex(byte[] bytes) {
        byte[] hex = new byte[2 * bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            hex[2 * i] = HEX[bytes[i] >> 4 & 15];
            hex[2 * i + 1] = HEX[bytes[i] & 15];
        }
        return hex;
    }
}
