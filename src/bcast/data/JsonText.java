package bcast.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The inside of a JSON string (RFC 8259, section 7) in its one canonical form: UTF-8, with only
 * the quotation mark, the backslash and U+0000..U+001F escaped, by the two-character form where
 * there is one and by {@code \}{@code u00xx} in lower case where not. Equal texts have equal bytes.
 */
public final class JsonText {

    private static final byte[] HEX = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    private static final int LONGEST_ESCAPE = 6;
    private static final long EACH = 0x0101010101010101L;
    private static final long TOP_BITS = 0x80 * EACH;

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

    /** The letter of the two-character escape of a special byte, or 0 if it has none. */
    private static byte letter(byte b) {
        switch (b) {
            case '"':
            case '\\':
                return b;
            case '\b':
                return 'b';
            case '\t':
                return 't';
            case '\n':
                return 'n';
            case '\f':
                return 'f';
            case '\r':
                return 'r';
            default:
                return 0;
        }
    }

    /**
     * Measures a text's canonical form.
     *
     * @param utf8 well-formed UTF-8
     * @return the number of bytes that {@link #escape} writes
     */
    public static int escapedLength(byte[] utf8) {
        int length = utf8.length;
        for (int i = firstSpecial(utf8, 0, utf8.length); i < utf8.length;
                i = firstSpecial(utf8, i + 1, utf8.length)) {
            length += letter(utf8[i]) != 0 ? 1 : 5;
        }
        return length;
    }

    /**
     * Writes a text's canonical form.
     *
     * @param utf8 well-formed UTF-8
     * @param target where to write; must have room for {@link #escapedLength} bytes
     * @param at first index written
     * @return index after the last byte written
     */
    public static int escape(byte[] utf8, byte[] target, int at) {
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
            if (letter(b) != 0) {
                target[end++] = '\\';
                target[end++] = letter(b);
            } else {
                target[end++] = '\\';
                target[end++] = 'u';
                target[end++] = '0';
                target[end++] = '0';
                target[end++] = HEX[b >> 4];
                target[end++] = HEX[b & 15];
            }
        }
    }

    /**
     * Quotes a string for JSON.
     *
     * @param text any string; lone surrogates become question marks
     * @return the JSON string, with its quotation marks
     */
    public static String quote(String text) {
        return Utf8.decode(quote(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Quotes a text for JSON.
     *
     * @param utf8 well-formed UTF-8
     * @return the JSON string in UTF-8, with its quotation marks
     */
    public static byte[] quote(byte[] utf8) {
        byte[] quoted = new byte[escapedLength(utf8) + 2];
        quoted[0] = '"';
        quoted[escape(utf8, quoted, 1)] = '"';
        return quoted;
    }

    /**
     * Finds the end of a canonical text.
     *
     * @param bytes holds the text, well-formed UTF-8
     * @param from its first index
     * @param to index at which it must have ended
     * @return the index of the quotation mark that ends it, or {@code to} if none does
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
        switch (next) {
            case '"':
            case '\\':
            case 'b':
            case 't':
            case 'n':
            case 'f':
            case 'r':
                return 2;
            case 'u':
                boolean canonical = i + 6 <= to && bytes[i + 2] == '0' && bytes[i + 3] == '0'
                        && (bytes[i + 4] == '0' || bytes[i + 4] == '1')
                        && lowerHex(bytes[i + 5]) >= 0
                        && letter((byte) (bytes[i + 4] - '0' << 4 | lowerHex(bytes[i + 5]))) == 0;
                if (canonical) {
                    return 6;
                }
                break;
            default:
                break;
        }
        throw new IllegalArgumentException("escape not in canonical form");
    }

    private static int lowerHex(byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
    }

    /**
     * Reads a canonical text.
     *
     * @param bytes holds the text in canonical form
     * @param from its first index
     * @param to index after its last
     * @return the text's own UTF-8 bytes, a copy
     */
    static byte[] unescape(byte[] bytes, int from, int to) {
        int backslash = firstSpecial(bytes, from, to);
        if (backslash == to) {
            return Arrays.copyOfRange(bytes, from, to);
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream(to - from);
        text.write(bytes, from, backslash - from);
        int i = backslash;
        while (i < to) {
            if (bytes[i] != '\\') {
                text.write(bytes[i++]);
            } else if (bytes[i + 1] == 'u') {
                text.write(lowerHex(bytes[i + 4]) << 4 | lowerHex(bytes[i + 5]));
                i += 6;
            } else {
                text.write(meaning(bytes[i + 1]));
                i += 2;
            }
        }
        return text.toByteArray();
    }

    /** Length of what {@link #unescape} would return. */
    static int unescapedLength(byte[] bytes, int from, int to) {
        int length = to - from;
        for (int i = firstSpecial(bytes, from, to); i < to;) {
            int saved = bytes[i + 1] == 'u' ? 5 : 1;
            length -= saved;
            i = firstSpecial(bytes, i + 1 + saved, to);
        }
        return length;
    }

    private static byte meaning(byte letter) {
        switch (letter) {
            case 'b':
                return '\b';
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'f':
                return '\f';
            case 'r':
                return '\r';
            default:
                return letter;
        }
    }

    /**
     * Compares two canonical texts by their unescaped bytes.
     *
     * @return negative, zero or positive as the first text's UTF-8 bytes, read as unsigned, come
     *     before, equal or after the second's
     */
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

    /** Whether a canonical text has no escapes, so that its bytes are the text in UTF-8. */
    static boolean plain(byte[] bytes, int from, int to) {
        return firstSpecial(bytes, from, to) == to;
    }
}
