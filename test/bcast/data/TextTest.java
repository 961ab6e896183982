package bcast.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Texts in canonical form, and what they say. */
final class TextTest {

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String written(Text text) {
        byte[] target = new byte[text.size() + 2];
        assertEquals(text.size() + 1, text.write(target, 1));
        return new String(target, 1, text.size(), StandardCharsets.UTF_8);
    }

    @Test
    void aTextThatStandsForItselfIsNotCopied() {
        byte[] bytes = utf8("é plain");
        Text text = Text.of(bytes);
        assertSame(bytes, text.bytes());
        assertEquals(bytes.length, text.length());
        assertEquals("é plain", written(text));
        assertEquals("é plain", text.toString());
    }

    @Test
    void whatMustBeEscapedIsAndCountsAsOneByte() {
        Text text = Text.of(utf8("\"a\n\u0001"));
        assertEquals("\\\"a\\n\\u0001", written(text));
        assertEquals(4, text.length());
        assertEquals("\"a\n\u0001", text.toString());
    }

    @Test
    void aPartOfAnArrayHasNothingOfTheRest() {
        byte[] bytes = utf8("[one,two]");
        Text two = Text.plain(bytes, 5, 8);
        assertEquals("two", two.toString());
        assertEquals("two", written(two));
        Text copy = two.copy();
        Arrays.fill(bytes, (byte) 'x');
        assertEquals("xxx", two.toString());
        assertEquals("two", copy.toString());
        assertArrayEquals(utf8("two"), copy.bytes());
        assertEquals(3, copy.length());
    }

    @Test
    void aRecordOfTextsIsThatOfTheirBytes() {
        for (String raw : new String[] {"raw", "é", "\"quoted\"\n", "\u0000"}) {
            Data data = Data.of(Text.of(utf8("id\t")), Text.of(utf8(raw)), Text.of(utf8("s")), 5);
            assertEquals(Data.of("id\t", raw, "s", 5), data);
            assertEquals("id\t", data.idText().toString());
            assertEquals(3, data.idText().length());
        }
    }
}
