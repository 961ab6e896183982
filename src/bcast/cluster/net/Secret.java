package bcast.cluster.net;

import bcast.base.FileText;
import bcast.data.SipHash;
import bcast.data.Utf8;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A secret that the nodes of one cluster share. Links, announcements and hashes each use a key of
 * their own that is derived from it. Immutable; safe for use by any thread; {@link #toString} does
 * not show it.
 */
public final class Secret {

    /** Fewer bytes could be guessed. */
    public static final int MIN_BYTES = 32;

    /** Most secrets in a file: the one in use, the one before and the one to come. */
    public static final int MAX_SECRETS = 3;

    private static final String ALGORITHM = "HmacSHA256";

    private final byte[] bytes;
    private final byte[] linkKey;
    private final byte[] announcementKey;

    private Secret(byte[] bytes) {
        this.bytes = bytes;
        this.linkKey = hmac(bytes, "bcast link");
        this.announcementKey = hmac(bytes, "bcast announcement");
    }

    /**
     * Makes a new secret.
     *
     * @param random the source of randomness
     * @return its line for a file
     */
    public static String newLine(SecureRandom random) {
        byte[] bytes = new byte[MIN_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /**
     * Reads secrets, one a line in hex or base64; lines that begin with # are comments. The first
     * is used, all are accepted.
     *
     * @param file the content of a file
     * @return the secrets
     * @throws IllegalArgumentException if a line is neither hex nor base64, a secret is too short
     *     or repeated, or there are none or too many; the message does not quote the file
     */
    public static List<Secret> parse(byte[] file) {
        List<Secret> secrets = new ArrayList<>();
        int number = 0;
        for (String line : FileText.of(file).lines().toList()) {
            number++;
            String content = line.strip();
            if (!content.isEmpty() && !content.startsWith("#")) {
                Secret secret = new Secret(decode(content, number));
                if (secrets.contains(secret)) {
                    throw new IllegalArgumentException("line " + number
                            + " repeats a secret");
                }
                secrets.add(secret);
            }
        }
        if (secrets.isEmpty() || secrets.size() > MAX_SECRETS) {
            throw new IllegalArgumentException(secrets.size() + " secrets; there must be 1.."
                    + MAX_SECRETS + ", one a line; bcast -newsecret prints one");
        }
        return List.copyOf(secrets);
    }

    private static byte[] decode(String content, int line) {
        byte[] bytes;
        try {
            bytes = content.matches("([0-9a-fA-F]{2})+") ? HexFormat.of().parseHex(content)
                    : Base64.getDecoder().decode(content);
        } catch (IllegalArgumentException e) {
            // Without the cause, which quotes the secret.
            throw new IllegalArgumentException("line " + line + " is neither hex nor base64");
        }
        if (bytes.length < MIN_BYTES) {
            throw new IllegalArgumentException("line " + line + " is a secret of " + bytes.length
                    + " bytes; it must have " + MIN_BYTES + " or more, as bcast -newsecret prints");
        }
        return bytes;
    }

    /** The pre-shared key of links. */
    byte[] linkKey() {
        return linkKey;
    }

    /** Signs an announcement, which proves that its sender has the secret. */
    byte[] sign(ByteBuffer announcement) {
        Mac mac = mac(announcementKey);
        mac.update(announcement);
        return mac.doFinal();
    }

    /**
     * The key with which records of a cluster are hashed.
     *
     * @param cluster name of the cluster
     * @return the key
     */
    public SipHash hashKey(String cluster) {
        return key(hmac(bytes, "bcast hashes " + cluster));
    }

    /**
     * The same for a cluster without a secret: records of different clusters have unrelated hashes.
     *
     * @param cluster name of the cluster
     * @return the key
     */
    public static SipHash openHashKey(String cluster) {
        try {
            return key(MessageDigest.getInstance("SHA-256").digest(Utf8.encode(cluster)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static SipHash key(byte[] digest) {
        ByteBuffer key = ByteBuffer.wrap(digest);
        return new SipHash(key.getLong(), key.getLong());
    }

    private static byte[] hmac(byte[] key, String purpose) {
        return mac(key).doFinal(Utf8.encode(purpose));
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC-SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    @Override
    public int hashCode() {
        return linkKey[0];
    }
}
