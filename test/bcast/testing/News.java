package bcast.testing;

import bcast.data.Data;
import bcast.data.SipHash;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Records for tests, with right signatures. */
public final class News {

    /** The key of hashes that all stores of tests have. */
    public static final SipHash KEY = new SipHash(1, 2);

    private News() {}

    /** {@link #KEY}, for who asks for it late. */
    public static SipHash key() {
        return KEY;
    }

    /** The MD5 of a text in hex. */
    public static String md5(String raw) {
        try {
            byte[] digest = MessageDigest.getInstance("MD5")
                    .digest(raw.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** A genuine record. */
    public static Data data(String id, String raw, long timestamp) {
        return Data.of(id, raw, md5(raw), timestamp);
    }

    /** A genuine post; id and raw must need no escapes. */
    public static String json(String id, String raw) {
        return "{\"id\":\"" + id + "\",\"raw\":\"" + raw + "\",\"signature\":\"" + md5(raw)
                + "\"}";
    }
}
