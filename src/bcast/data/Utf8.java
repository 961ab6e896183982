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
            } else if (bytes[i] >= 0) {
                i++;
            } else {
                int length = sequenceLength(bytes, i, to);
                if (length == 0) {
                    return i;
                }
                i += length;
            }
        }
        return -1;
    }

    /** Length of the well-formed sequence of two to four bytes at i, or 0: RFC 3629, section 4. */
    private static int sequenceLength(byte[] bytes, int i, int to) {
        int lead = bytes[i] & 0xff;
        int length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (lead < 0xc2 || lead > 0xf4 || to - i < length) {
            return 0;
        }
        for (int next = i + 1; next < i + length; next++) {
            if ((bytes[next] & 0xc0) != 0x80) {
                return 0;
            }
        }
        int second = bytes[i + 1] & 0xff;
        boolean overlong = lead == 0xe0 && second < 0xa0 || lead == 0xf0 && second < 0x90;
        boolean surrogate = lead == 0xed && second > 0x9f;
        boolean beyond = lead == 0xf4 && second > 0x8f;
        return overlong || surrogate || beyond ? 0 : length;
    }

    /**
     * {@return a string's bytes in UTF-8}
     *
     * @param text the string
     * @throws IllegalArgumentException if it has a lone surrogate
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
     * {@return the string of some bytes}
     *
     * @param bytes well-formed UTF-8
     */
    public static String decode(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
