package bcast.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class JsonReaderTest {

    private static Map<String, String> strings(String json) throws JsonException {
        Map<String, String> strings = new LinkedHashMap<>();
        new JsonReader(json.getBytes(StandardCharsets.UTF_8)).object((name, value) -> {
            if (name.startsWith("s")) {
                strings.put(name, new String(value.stringValue(name), StandardCharsets.UTF_8));
            } else {
                value.skipValue();
            }
        });
        return strings;
    }

    @Test
    void readsStringsAndSkipsTheRest() throws JsonException {
        assertEquals(Map.of("s", "x", "s2", "y"), strings(" {\t\"a\" : [1, {\"b\":null}] ,\r\n"
                + "\"s\":\"x\",\"c\":{},\"d\":[],\"e\":-0.5e+10,\"f\":true,\"s2\":\"y\"}\n"));
        assertEquals(Map.of(), strings("{}"));
    }

    @Test
    void readsEveryEscape() throws JsonException {
        assertEquals(Map.of("s", "\"\\/\b\f\n\r\t\u0000é\ud83d\ude00\uffff"), strings(
                "{\"s\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00E9\\ud83D\\uDE00\\uffff\"}"));
        assertEquals(Map.of("s", "\u007f\u2028 x"), strings("{\"s\":\"\u007f\u2028 x\"}"));
    }

    @Test
    void nestingHoldsAtItsLimitAndBreaksPast() throws JsonException {
        int inner = JsonReader.MAX_DEPTH - 1;
        strings("{\"a\":" + "[".repeat(inner) + "]".repeat(inner) + "}");
        JsonException e = assertThrows(JsonException.class, () ->
                strings("{\"a\":" + "[".repeat(inner + 1) + "]".repeat(inner + 1) + "}"));
        assertEquals("deeper than 64 at byte " + (5 + inner), e.getMessage());
        assertThrows(JsonException.class, () -> strings("{\"a\":" + "{\"a\":".repeat(inner + 1)
                + "1" + "}".repeat(inner + 2)));
    }

    @Test
    void offsetsCountBytesNotCharacters() {
        JsonException e = assertThrows(JsonException.class, () -> strings("{\"é\":x}"));
        assertEquals(6, e.offset);
    }

    @Test
    void keepsBytesAsTheyAre() throws JsonException {
        byte[][] read = new byte[1][];
        new JsonReader("{\"s\":\"é😀\"}".getBytes(StandardCharsets.UTF_8))
                .object((name, value) -> read[0] = value.stringValue(name));
        assertArrayEquals("é😀".getBytes(StandardCharsets.UTF_8), read[0]);
    }
}
