package bcast.http;

import bcast.base.FileText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Tokens of which a client that writes must bear one (RFC 6750). Their digests are compared, so
 * that the time of a comparison reveals nothing of a token.
 */
public final class Tokens {

    /** Shortest token in characters. */
    public static final int MIN_CHARS = 16;

    /** Longest token in characters. */
    public static final int MAX_CHARS = 1_024;

    /** Most tokens. */
    public static final int MAX_TOKENS = 64;

    private final List<byte[]> digests;

    private Tokens(List<byte[]> digests) {
        this.digests = digests;
    }

    /**
     * Reads tokens: one a line, of letters, digits and {@code -._~+/=}; lines that begin with # are
     * comments.
     *
     * @param file the content of a file
     * @return the tokens
     * @throws IllegalArgumentException if it is anything else, or there is no token or too many
     */
    public static Tokens of(byte[] file) {
        List<byte[]> digests = FileText.lines(FileText.of(file), Tokens::parse);
        if (digests.isEmpty() || digests.size() > MAX_TOKENS) {
            throw new IllegalArgumentException(digests.size() + " tokens; expected 1.."
                    + MAX_TOKENS);
        }
        return new Tokens(digests);
    }

    private static byte[] parse(String token) {
        if (!token.matches("[A-Za-z0-9._~+/=-]{" + MIN_CHARS + "," + MAX_CHARS + "}")) {
            throw new IllegalArgumentException("is not a token: expected " + MIN_CHARS + ".."
                    + MAX_CHARS + " letters, digits or any of -._~+/=");
        }
        return digest(token);
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Whether a text is one of the tokens. */
    boolean has(String token) {
        byte[] given = digest(token);
        boolean found = false;
        for (byte[] each : digests) {
            found |= MessageDigest.isEqual(each, given);
        }
        return found;
    }
}
