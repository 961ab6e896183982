package bcast.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FileTextTest {

    private static final String TEXT = "secret\r\n# für alle\r\n";
    private static final char MARK = '\ufeff';

    private static String refused(byte[] file) {
        return assertThrows(IllegalArgumentException.class, () -> FileText.of(file)).getMessage();
    }

    @Test
    void whateverEncodingAToolWritesIsRead() {
        assertEquals(TEXT, FileText.of(TEXT.getBytes(StandardCharsets.UTF_8)));
        assertEquals(TEXT, FileText.of((MARK + TEXT).getBytes(StandardCharsets.UTF_8)));
        assertEquals(TEXT, FileText.of((MARK + TEXT).getBytes(StandardCharsets.UTF_16LE)));
        assertEquals(TEXT, FileText.of((MARK + TEXT).getBytes(StandardCharsets.UTF_16BE)));
        assertEquals(TEXT, FileText.of(TEXT.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void whatIsNoTextSaysWhy() {
        for (String blank : List.of("", " ", "\r\n\t\n", "" + MARK)) {
            assertEquals("it is empty", refused(blank.getBytes(StandardCharsets.UTF_8)));
        }
        String unmarked = "it is UTF-16 without a byte order mark; save it as UTF-8";
        assertEquals(unmarked, refused("secret\r\n".getBytes(StandardCharsets.UTF_16LE)));
        assertEquals(unmarked, refused("secret\r\n".getBytes(StandardCharsets.UTF_16BE)));
        assertEquals("it is not a text: character 3 is a zero",
                refused(new byte[] {'a', 'b', 0, 'c'}));
    }
}
