package bcast.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * The inside of a JSON string (RFC 8259, section 7) in its one canonical form: UTF-8, with only
 * the quotation mark, the backslash and U+0000..U+001F escaped, by the two-character form where
 * there is one and by {@code \}{@code u00xx} in lower case where not. Equal texts have equal bytes.
 */
public final class JsonText {

    /** Length of the escape of a control character. */
    static final int LONGEST_ESCAPE = 6;

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final long EACH = 0x0101010101010101L;
    private static final long TOP_BITS = 0x80 * EACH;

    /** The letter of the two-character escape of a byte, or 0 if it has none; and the reverse. */
    private static final byte[] LETTER = new byte[128];
    private static final byte[] MEANING = new byte[128];

    static {
        String pairs = "\"\"\\\\\bb\tt\nn\ff\rr";
        for (int i = 0; i < pairs.length(); i += 2) {
            LETTER[pairs.charAt(i)] = (byte) pairs.charAt(i + 1);
            MEANING[pairs.charAt(i + 1)] = (byte) pairs.charAt(i);
        }
    }

    private JsonText() {}

    /**
     * Finds the first byte that must be escaped in a JSON string: a quotation mark, a backslash, or
     * a control character below U+0020.
     *
     * @param bytes where to look
     * @param from first index
     * @param to index after the last
     * @return the index of the first such byte, or {@code to} if there is none
     */
    public static int firstSpecial(byte[] bytes, int from, int to) {
        int i = from;
        while (i + Long.BYTES <= to && !anySpecial((long) LittleEndian.LONGS.get(bytes, i))) {
            i += Long.BYTES;
        }
        while (i < to && !special(bytes[i])) {
            i++;
        }
        return i;
    }

    /** Looks at eight bytes at once (Mycroft's test for a zero byte; Warren, section 6-1). */
    private static boolean anySpecial(long eight) {
        long below = eight - 0x20 * EACH;
        long quotes = (eight ^ '"' * EACH) - EACH;
        long backslashes = (eight ^ '\\' * EACH) - EACH;
        // All special bytes are below 0x80; bytes from 0x80 on are masked out.
        return ((below | quotes | backslashes) & ~eight & TOP_BITS) != 0;
    }

    /** Whether the byte must be escaped. */
    private static boolean special(byte b) {
        return b >= 0 && b < 0x20 || b == '"' || b == '\\';
    }

    /** The number of bytes that {@link #escape} writes for well-formed UTF-8. */
    static int escapedLength(byte[] utf8) {
        int length = utf8.length;
        for (int i = firstSpecial(utf8, 0, utf8.length); i < utf8.length;
                i = firstSpecial(utf8, i + 1, utf8.length)) {
            length += LETTER[utf8[i]] != 0 ? 1 : LONGEST_ESCAPE - 1;
        }
        return length;
    }

    /** Writes the canonical form of well-formed UTF-8. Returns the index after its last byte. */
    static int escape(byte[] utf8, byte[] target, int at) {
        int end = at;
        int done = 0;
        while (true) {
            int special = firstSpecial(utf8, done, utf8.length);
            System.arraycopy(utf8, done, target, end, special - done);
            end += special - done;
            if (special == utf8.length) {
                return end;
            }
            done = special + 1;
            byte b = utf8[special];
            target[end++] = '\\';
            if (LETTER[b] != 0) {
                target[end++] = LETTER[b];
            } else {
                target[end++] = 'u';
                target[end++] = '0';
                target[end++] = '0';
                target[end++] = HEX[b >> 4];
                target[end++] = HEX[b & 15];
            }
        }
    }

    /**
     * {@return a string of JSON, with its quotation marks}
     *
     * @param text any string; lone surrogates become question marks
     */
    public static String quote(String text) {
        return Utf8.decode(quote(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * {@return a string of JSON in UTF-8, with its quotation marks}
     *
     * @param utf8 well-formed UTF-8
     */
    public static byte[] quote(byte[] utf8) {
        byte[] quoted = new byte[escapedLength(utf8) + 2];
        quoted[0] = '"';
        quoted[escape(utf8, quoted, 1)] = '"';
        return quoted;
    }

    /**
     * Finds the end of a canonical text: the index of the quotation mark that follows it, or
     * {@code to} if none does.
     *
     * @throws IllegalArgumentException if something before the end is not in canonical form
     */
    static int end(byte[] bytes, int from, int to) {
        int i = firstSpecial(bytes, from, to);
        while (i < to && bytes[i] != '"') {
            if (bytes[i] != '\\') {
                throw new IllegalArgumentException("control character in text");
            }
            i = firstSpecial(bytes, i + escapeLength(bytes, i, to), to);
        }
        return i;
    }

    private static int escapeLength(byte[] bytes, int i, int to) {
        byte next = i + 1 < to ? bytes[i + 1] : 0;
        if (next > 0 && MEANING[next] != 0) {
            return 2;
        }
        boolean control = next == 'u' && i + LONGEST_ESCAPE <= to && bytes[i + 2] == '0'
                && bytes[i + 3] == '0' && (bytes[i + 4] == '0' || bytes[i + 4] == '1')
                && lowerHex(bytes[i + 5]) >= 0;
        if (control && LETTER[control(bytes, i)] == 0) {
            return LONGEST_ESCAPE;
        }
        throw new IllegalArgumentException("escape not in canonical form");
    }

    /** The control character that is escaped by six bytes. */
    private static int control(byte[] bytes, int i) {
        return lowerHex(bytes[i + 4]) << 4 | lowerHex(bytes[i + 5]);
    }

    private static int lowerHex(byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
    }

    /** Returns a canonical text's own UTF-8 bytes, a copy. */
    static byte[] unescape(byte[] bytes, int from, int to) {
        if (firstSpecial(bytes, from, to) == to) {
            return Arrays.copyOfRange(bytes, from, to);
        }
        byte[] text = new byte[unescapedLength(bytes, from, to)];
        int i = from;
        for (int at = 0; at < text.length; at++) {
            if (bytes[i] != '\\') {
                text[at] = bytes[i++];
            } else if (bytes[i + 1] == 'u') {
                text[at] = (byte) control(bytes, i);
                i += LONGEST_ESCAPE;
            } else {
                text[at] = MEANING[bytes[i + 1]];
                i += 2;
            }
        }
        return text;
    }

    /** Length of what {@link #unescape} would return. */
    static int unescapedLength(byte[] bytes, int from, int to) {
        int length = to - from;
        for (int i = firstSpecial(bytes, from, to); i < to;) {
            int saved = bytes[i + 1] == 'u' ? LONGEST_ESCAPE - 1 : 1;
            length -= saved;
            i = firstSpecial(bytes, i + 1 + saved, to);
        }
        return length;
    }

    /** Compares two canonical texts by their own UTF-8 bytes, read as unsigned. */
    static int compare(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo) {
        int same = Arrays.mismatch(a, aFrom, aTo, b, bFrom, bTo);
        if (same < 0) {
            return 0;
        }
        if (same == aTo - aFrom || same == bTo - bFrom) {
            return Integer.compare(aTo - aFrom, bTo - bFrom);
        }
        if (mayEscape(a, aFrom, aFrom + same) || mayEscape(b, bFrom, bFrom + same)) {
            return Arrays.compareUnsigned(unescape(a, aFrom, aTo), unescape(b, bFrom, bTo));
        }
        return Integer.compare(a[aFrom + same] & 0xff, b[bFrom + same] & 0xff);
    }

    /** Whether the byte at an index may be part of an escape. */
    private static boolean mayEscape(byte[] bytes, int from, int at) {
        for (int i = at; i >= from && at - i < LONGEST_ESCAPE; i--) {
            if (bytes[i] == '\\') {
                return true;
            }
        }
        return false;
    }

    /** Digests a canonical text's own UTF-8 bytes. */
    static void digest(byte[] text, int from, int to, MessageDigest digest) {
        if (firstSpecial(text, from, to) == to) {
            digest.update(text, from, to - from);
        } else {
            digest.update(unescape(text, from, to));
        }
    }

    /** Whether a canonical text is these bytes in lower-case hex. */
    static boolean sameHex(byte[] text, int from, int to, byte[] bytes) {
        boolean same = to - from == 2 * bytes.length;
        for (int i = 0; same && i < bytes.length; i++) {
            same = text[from + 2 * i] == HEX[bytes[i] >> 4 & 15]
                    && text[from + 2 * i + 1] == HEX[bytes[i] & 15];
        }
        return same;
    }
}
