package bcast.data;

import java.util.Arrays;

/**
 * A text in the canonical form of {@link JsonText}: a part of an array that may be overwritten
 * later. To keep the text longer, make a {@link #copy}. Two texts are equal only if they are the
 * same part of the same array.
 *
 * @param bytes holds the text
 * @param from its first index
 * @param to index after its last
 * @param length its length without escapes, in bytes of UTF-8
 */
public record Text(byte[] bytes, int from, int to, int length) {

    /**
     * {@return a text in its canonical form}
     *
     * @param utf8 well-formed UTF-8; not copied if it has nothing to escape
     */
    public static Text of(byte[] utf8) {
        int size = JsonText.escapedLength(utf8);
        if (size == utf8.length) {
            return plain(utf8, 0, size);
        }
        byte[] escaped = new byte[size];
        JsonText.escape(utf8, escaped, 0);
        return new Text(escaped, 0, size, utf8.length);
    }

    /**
     * {@return a text without escapes}
     *
     * @param bytes holds the text, well-formed UTF-8 without bytes that must be escaped
     * @param from its first index
     * @param to index after its last
     */
    public static Text plain(byte[] bytes, int from, int to) {
        return new Text(bytes, from, to, to - from);
    }

    /** {@return the same text with bytes of its own} */
    public Text copy() {
        return new Text(Arrays.copyOfRange(bytes, from, to), 0, to - from, length);
    }

    /** {@return the number of bytes that {@link #write} writes} */
    public int size() {
        return to - from;
    }

    /**
     * Writes the text in canonical form.
     *
     * @param target where to write; must have room for {@link #size} bytes
     * @param at first index written
     * @return index after the last byte written
     */
    public int write(byte[] target, int at) {
        System.arraycopy(bytes, from, target, at, to - from);
        return at + to - from;
    }

    /** {@return the text itself} */
    @Override
    public String toString() {
        return Utf8.decode(JsonText.unescape(bytes, from, to));
    }
}
