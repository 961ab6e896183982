package bcast.data;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
public final class Utf8 {

    private static final long TOP_BITS = 0x8080808080808080L;

    private Utf8() {}

    /**
     * Finds the first byte that is not part of well-formed UTF-8.
     *
     * @param bytes where to look
     * @param from first index
     * @param to index after the last
     * @return the index of the first ill-formed sequence, or -1 if all is well-formed
     */
    public static int firstInvalid(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            if (i + Long.BYTES <= to && ((long) LittleEndian.LONGS.get(bytes, i) & TOP_BITS) == 0) {
                i += Long.BYTES;
                continue;
            }
            int b = bytes[i];
            if (b >= 0) {
                i++;
                continue;
            }
            int length = sequenceLength(bytes, i, to);
            if (length == 0) {
                return i;
            }
            i += length;
        }
        return -1;
    }

    /** Length of the well-formed sequence of two to four bytes at i, or 0: RFC 3629, section 4. */
    private static int sequenceLength(byte[] bytes, int i, int to) {
        int lead = bytes[i] & 0xff;
        int left = to - i;
        if (lead >= 0xc2 && lead <= 0xdf) {
            return left >= 2 && tail(bytes[i + 1]) ? 2 : 0;
        }
        if (lead >= 0xe0 && lead <= 0xef) {
            if (left < 3 || !tail(bytes[i + 1]) || !tail(bytes[i + 2])) {
                return 0;
            }
            int second = bytes[i + 1] & 0xff;
            boolean overlong = lead == 0xe0 && second < 0xa0;
            boolean surrogate = lead == 0xed && second > 0x9f;
            return overlong || surrogate ? 0 : 3;
        }
        if (lead >= 0xf0 && lead <= 0xf4) {
            if (left < 4 || !tail(bytes[i + 1]) || !tail(bytes[i + 2]) || !tail(bytes[i + 3])) {
                return 0;
            }
            int second = bytes[i + 1] & 0xff;
            boolean overlong = lead == 0xf0 && second < 0x90;
            boolean beyond = lead == 0xf4 && second > 0x8f;
            return overlong || beyond ? 0 : 4;
        }
        return 0;
    }

    private static boolean tail(byte b) {
        return (b & 0xc0) == 0x80;
    }

    /**
     * Encodes a string.
     *
     * @param text the string
     * @return its UTF-8 bytes
     * @throws IllegalArgumentException if the text has a lone surrogate
     */
    public static byte[] encode(String text) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] exact = new byte[bytes.remaining()];
            bytes.get(exact);
            return exact;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the text has a lone surrogate", e);
        }
    }

    /**
     * Decodes well-formed bytes.
     *
     * @param bytes well-formed UTF-8
     * @return the string
     */
    public static String decode(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
