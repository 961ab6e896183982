package bcast.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Against what is written down byte by byte, since the class itself looks at eight at once. */
final class JsonTextTest {

    private static final int MAX_LENGTH = 40;
    private static final String PLAIN = "abcdefghijklmnopqrstuvwxyz /{}[]:,!#\u007f";
    private static final String SHORT = "\"\\\b\t\n\f\r";
    private static final String SHORT_LETTERS = "\"\\btnfr";
    private static final String[] WIDE = {"é", "ß", "\u0080", "\u07ff", "\u0800", "\u2028",
        "\uffff", "\ud83d\ude00", "\udbff\udfff"};

    private final Random random = new Random(1);

    private String character() {
        int kind = random.nextInt(8);
        if (kind < 2) {
            return SHORT.substring(random.nextInt(SHORT.length())).substring(0, 1);
        }
        if (kind == 2) {
            return Character.toString(random.nextInt(0x20));
        }
        if (kind == 3) {
            return WIDE[random.nextInt(WIDE.length)];
        }
        return PLAIN.substring(random.nextInt(PLAIN.length())).substring(0, 1);
    }

    /** Some texts are dense with what needs escapes, some have one here and there. */
    private String text() {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(MAX_LENGTH);
        int plain = random.nextInt(3) * 4;
        for (int i = 0; i < length; i++) {
            text.append(random.nextInt(plain + 1) > 0 ? "x" : character());
        }
        return text.toString();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String escapedByDefinition(String text) {
        StringBuilder escaped = new StringBuilder();
        for (char c : text.toCharArray()) {
            int letter = SHORT.indexOf(c);
            if (letter >= 0) {
                escaped.append('\\').append(SHORT_LETTERS.charAt(letter));
            } else if (c < 0x20) {
                escaped.append(String.format("\\u%04x", (int) c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /** A text in canonical form, between other bytes that must not count. */
    private record Escaped(byte[] bytes, int from, int to) {}

    private Escaped escaped(String text) {
        byte[] utf8 = utf8(text);
        int from = random.nextInt(10);
        int length = JsonText.escapedLength(utf8);
        byte[] bytes = new byte[from + length + random.nextInt(10)];
        Arrays.fill(bytes, (byte) '\\');
        assertEquals(from + length, JsonText.escape(utf8, bytes, from));
        return new Escaped(bytes, from, from + length);
    }

    private static boolean special(byte b) {
        int unsigned = b & 0xff;
        return unsigned < 0x20 || unsigned == '"' || unsigned == '\\';
    }

    private static int firstSpecialByDefinition(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (special(bytes[i])) {
                return i;
            }
        }
        return to;
    }

    private static void assertFirstSpecial(byte[] bytes) {
        for (int from = 0; from <= bytes.length; from++) {
            for (int to = from; to <= bytes.length; to++) {
                assertEquals(firstSpecialByDefinition(bytes, from, to),
                        JsonText.firstSpecial(bytes, from, to));
            }
        }
    }

    @Test
    void theFirstSpecialByteIsFoundAmongRandomOnesAtAllOffsetsAndLengths() {
        for (int i = 0; i < 500; i++) {
            byte[] bytes = new byte[MAX_LENGTH];
            random.nextBytes(bytes);
            assertFirstSpecial(bytes);
        }
    }

    @Test
    void eachByteIsSpecialOrNotWhateverIsBesideIt() {
        byte[] beside = {'x', 0x20, 0x21, '#', '[', ']', 0x7f, (byte) 0x80, (byte) 0xa2,
            (byte) 0xdc, (byte) 0xff};
        byte[] bytes = new byte[24];
        for (byte other : beside) {
            for (int value = 0; value < 256; value++) {
                for (int at = 0; at < bytes.length; at++) {
                    Arrays.fill(bytes, other);
                    bytes[at] = (byte) value;
                    assertEquals(special((byte) value) ? at : bytes.length,
                            JsonText.firstSpecial(bytes, 0, bytes.length), value + " at " + at);
                }
            }
        }
    }

    @Test
    void theFirstOfTwoSpecialBytesIsFoundWhereverTheyAre() {
        byte[] bytes = new byte[24];
        for (byte special : new byte[] {'"', '\\', 0, 0x1f}) {
            for (int first = 0; first < bytes.length; first++) {
                for (int second = first + 1; second < bytes.length; second++) {
                    Arrays.fill(bytes, (byte) 'x');
                    bytes[first] = special;
                    bytes[second] = special;
                    assertEquals(first, JsonText.firstSpecial(bytes, 0, bytes.length));
                    assertEquals(second, JsonText.firstSpecial(bytes, first + 1, second + 1));
                }
            }
        }
    }

    @Test
    void textsAreEscapedByDefinitionAndComeBack() {
        for (int i = 0; i < 50_000; i++) {
            String text = text();
            Escaped escaped = escaped(text);
            byte[] canonical = Arrays.copyOfRange(escaped.bytes, escaped.from, escaped.to);
            assertEquals(escapedByDefinition(text), Utf8.decode(canonical));
            assertArrayEquals(utf8(text),
                    JsonText.unescape(escaped.bytes, escaped.from, escaped.to));
            assertEquals(utf8(text).length,
                    JsonText.unescapedLength(escaped.bytes, escaped.from, escaped.to));
            assertEquals("\"" + escapedByDefinition(text) + "\"", JsonText.quote(text));
        }
    }

    @Test
    void theEndIsTheQuoteThatNoEscapeBelongsTo() {
        Pattern canonical = Pattern.compile("(?:[^\"\\\\\\x00-\\x1f]|\\\\[\"\\\\btnfr]"
                + "|\\\\u00(?:0[0-7bef]|1[0-9a-f]))*+");
        String pieces = "\"\\\\\\\\uuu000001bfxABEFé\n\u0000/tr";
        int bad = 0;
        for (int i = 0; i < 100_000; i++) {
            StringBuilder any = new StringBuilder();
            for (int length = random.nextInt(20); length > 0; length--) {
                any.append(random.nextInt(4) == 0 ? escapedByDefinition(character())
                        : pieces.charAt(random.nextInt(pieces.length())));
            }
            byte[] bytes = utf8(any.toString());
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);
            Matcher text = canonical.matcher(new String(bytes, from, to - from,
                    StandardCharsets.ISO_8859_1));
            text.lookingAt();
            int end = from + text.end();
            if (end == to || bytes[end] == '"') {
                assertEquals(end, JsonText.end(bytes, from, to), any::toString);
            } else {
                bad++;
                assertThrows(IllegalArgumentException.class, () ->
                        JsonText.end(bytes, from, to), any::toString);
            }
        }
        assertTrue(bad > 10_000 && bad < 90_000, bad + " have no end");
    }

    private void assertComparesAsMeant(String a, String b) {
        Escaped left = escaped(a);
        Escaped right = escaped(b);
        assertEquals(Integer.signum(Arrays.compareUnsigned(utf8(a), utf8(b))),
                Integer.signum(JsonText.compare(left.bytes, left.from, left.to, right.bytes,
                        right.from, right.to)), () -> JsonText.quote(a) + " " + JsonText.quote(b));
    }

    @Test
    void textsCompareByWhatTheyMean() {
        for (int i = 0; i < 100_000; i++) {
            assertComparesAsMeant(text(), text());
        }
    }

    /** One more character may be part of an escape that both have, or end one. */
    @Test
    void textsThatBeginAlikeCompareByWhatTheyMean() {
        for (int i = 0; i < 100_000; i++) {
            String same = text();
            String a = same + character() + text();
            String b = random.nextInt(4) == 0 ? same : same + character() + text();
            assertComparesAsMeant(a, b);
            assertComparesAsMeant(b, a);
            assertComparesAsMeant(a, a);
        }
    }

    /** Every pair of what a text may go on with, behind every byte that has an escape. */
    @Test
    void eachCharacterComparesWithEachOther() {
        for (char c = 0; c < 0x80; c++) {
            for (char d = 0; d < 0x80; d++) {
                assertComparesAsMeant("" + c, "" + d);
                assertComparesAsMeant("x\\" + c, "x\\" + d);
                assertComparesAsMeant("\u0001" + c + "e", "\u0001" + d + "e");
            }
        }
    }
}
