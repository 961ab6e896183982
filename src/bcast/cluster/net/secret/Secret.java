package bcast.cluster.net.secret;

import bcast.data.SipHash;
import bcast.data.Utf8;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;

/**
 * A secret that the nodes of one cluster share. Links, announcements and hashes each use a key of
 * their own that is derived from it. Immutable; safe for use by any thread; {@link #toString} does
 * not show it.
 */
public final class Secret {

    /** Fewer bytes could be guessed. */
    public static final int MIN_BYTES = 32;

    private final byte[] bytes;
    /** Derived once: any host can make this node check a signature. */
    private final byte[] announcementKey;

    private Secret(byte[] bytes) {
        this.bytes = bytes;
        this.announcementKey = hmac("bcast announcement");
    }

    /**
     * Decodes a secret from hex or base64.
     *
     * @throws IllegalArgumentException if it is neither or too short; the message continues "line
     *     3" and quotes none of it
     */
    public static Secret decode(String text) {
        byte[] bytes;
        try {
            bytes = text.matches("([0-9a-fA-F]{2})+") ? HexFormat.of().parseHex(text)
                    : Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            // Without the cause, which quotes the secret.
            throw new IllegalArgumentException("is neither hex nor base64");
        }
        if (bytes.length < MIN_BYTES) {
            throw new IllegalArgumentException("is a secret of " + bytes.length
                    + " bytes; it must have " + MIN_BYTES + " or more, as bcast -newsecret prints");
        }
        return new Secret(bytes);
    }

    /** The pre-shared key of links. */
    byte[] linkKey() {
        return hmac("bcast link");
    }

    /** Signs all that remains of an announcement in 32 bytes. */
    public byte[] sign(ByteBuffer announcement) {
        Mac mac = Noise.mac(announcementKey);
        mac.update(announcement);
        return mac.doFinal();
    }

    /** The key with which records of a cluster are hashed. */
    public SipHash hashKey(String cluster) {
        return key(hmac("bcast hashes " + cluster));
    }

    /**
     * The same for a cluster without a secret: records of different clusters have unrelated hashes.
     */
    public static SipHash openHashKey(String cluster) {
        return key(Noise.sha256().digest(Utf8.encode(cluster)));
    }

    private static SipHash key(byte[] digest) {
        ByteBuffer key = ByteBuffer.wrap(digest);
        return new SipHash(key.getLong(), key.getLong());
    }

    private byte[] hmac(String purpose) {
        return Noise.mac(bytes).doFinal(Utf8.encode(purpose));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    @Override
    public int hashCode() {
        return linkKey()[0];
    }
}
