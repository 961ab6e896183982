package bcast.http.posting;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Text;
import bcast.http.server.HttpError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;

final class JsonReaderTest {

    private static JsonReader reader(String json) throws HttpError {
        byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
        return new JsonReader(utf8, 0, utf8.length);
    }

    private static Map<String, String> strings(String json) throws HttpError {
        Map<String, String> strings = new LinkedHashMap<>();
        reader(json).object((name, value) -> {
            if (name.startsWith("s")) {
                strings.put(name, value.text(name).toString());
            } else {
                value.skipValue();
            }
        });
        return strings;
    }

    private static List<String> names(String json) throws HttpError {
        List<String> names = new ArrayList<>();
        reader(json).object((name, value) -> {
            names.add(name);
            value.skipValue();
        });
        return names;
    }

    @Test
    void readsStringsAndSkipsTheRest() throws HttpError {
        assertEquals(Map.of("s", "x", "s2", "y"), strings(" {\t\"a\" : [1, {\"b\":null}] ,\r\n"
                + "\"s\":\"x\",\"c\":{},\"d\":[],\"e\":-0.5e+10,\"f\":true,\"s2\":\"y\"}\n"));
        assertEquals(Map.of(), strings("{}"));
    }

    @Test
    void readsEveryEscape() throws HttpError {
        assertEquals(Map.of("s", "\"\\/\b\f\n\r\t\u0000é\ud83d\ude00\uffff"), strings(
                "{\"s\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00E9\\ud83D\\uDE00\\uffff\"}"));
        assertEquals(Map.of("s", "\u007f\u2028 x"), strings("{\"s\":\"\u007f\u2028 x\"}"));
    }

    @Test
    void nestingHoldsAtItsLimitAndBreaksPast() throws HttpError {
        int inner = JsonReader.MAX_DEPTH - 1;
        strings("{\"a\":" + "[".repeat(inner) + "]".repeat(inner) + "}");
        strings("{\"a\":[" + "[],{},".repeat(inner) + "1]}");
        HttpError e = assertThrows(HttpError.class, () ->
                strings("{\"a\":" + "[".repeat(inner + 1) + "]".repeat(inner + 1) + "}"));
        assertEquals("Malformed JSON: deeper than 64 at byte " + (5 + inner), e.getMessage());
        assertThrows(HttpError.class, () -> strings("{\"a\":" + "{\"a\":".repeat(inner + 1)
                + "1" + "}".repeat(inner + 2)));
    }

    @Test
    void offsetsCountBytesNotCharacters() {
        HttpError e = assertThrows(HttpError.class, () -> strings("{\"é\":x}"));
        assertTrue(e.getMessage().endsWith(" at byte 6"), e.getMessage());
    }

    @Test
    void keepsBytesAsTheyAre() throws HttpError {
        Text[] read = new Text[1];
        reader("{\"s\":\"é😀\"}").object((name, value) -> read[0] = value.text(name));
        byte[] bytes = new byte[read[0].size()];
        assertEquals(bytes.length, read[0].write(bytes, 0));
        assertArrayEquals("é😀".getBytes(StandardCharsets.UTF_8), bytes);
    }

    /** An object with a number of members, whose names are given at some places. */
    private static String members(int count, Map<Integer, String> names) {
        StringJoiner members = new StringJoiner(",", "{", "}");
        for (int i = 0; i < count; i++) {
            members.add("\"" + names.getOrDefault(i, "n" + i) + "\":" + i);
        }
        return members.toString();
    }

    private static void assertDuplicateAt(int offset, String json) {
        HttpError e = assertThrows(HttpError.class, () -> names(json), json);
        assertEquals("Malformed JSON: duplicate name at byte " + offset, e.getMessage());
    }

    @Test
    void aNameComesButOnceAmongFewAndAmongMany() throws HttpError {
        for (int count : new int[] {2, 7, 8, 9, 10, 20}) {
            names(members(count, Map.of()));
            for (int first = 0; first < count - 1; first++) {
                for (int second = first + 1; second < count; second++) {
                    for (String name : new String[] {"id", "raw", "signature", "other", ""}) {
                        names(members(count, Map.of(first, name)));
                        String json = members(count, Map.of(first, name, second, name));
                        assertDuplicateAt(json.lastIndexOf("\"" + name + "\":"), json);
                    }
                }
            }
        }
    }

    @Test
    void namesAreComparedByWhatTheyMean() throws HttpError {
        Map<String, String> escaped = Map.of("\\u0069d", "id", "i\\u0064", "id", "r\\u0061w",
                "raw", "signatur\\u0065", "signature", "\\u006f\\u0074her", "other", "a\\/b",
                "a/b", "\\n", "\\u000A", "\\ud83d\\ude00", "\ud83d\ude00");
        for (Map.Entry<String, String> same : escaped.entrySet()) {
            for (int count : new int[] {2, 8, 9, 20}) {
                for (int second = 1; second < count; second++) {
                    names(members(count, Map.of(second, same.getKey())));
                    assertDuplicate(members(count, Map.of(0, same.getKey(), second,
                            same.getValue())));
                    assertDuplicate(members(count, Map.of(0, same.getValue(), second,
                            same.getKey())));
                }
            }
        }
    }

    private static void assertDuplicate(String json) {
        HttpError e = assertThrows(HttpError.class, () -> names(json), json);
        assertTrue(e.getMessage().contains("duplicate name"), e.getMessage());
    }

    @Test
    void namesThatBeginLikeKnownOnesAreOthers() throws HttpError {
        assertEquals(List.of("id", "idx", "i", "", "raw", "raw ", "signature", "signatur", "id\""),
                names("{\"id\":1,\"idx\":2,\"i\":3,\"\":4,\"raw\":5,\"raw \":6,\"signature\":7,"
                        + "\"signatur\":8,\"id\\\"\":9}"));
        assertEquals(List.of("id", "raw"), names("{ \"\\u0069\\u0064\" : 1 , \"raw\" : 2 }"));
        for (String cut : new String[] {"{\"id", "{\"id\"", "{\"i", "{\"signature"}) {
            assertThrows(HttpError.class, () -> names(cut), cut);
        }
    }

    /** A name's end may be the end of what is read, though more is in the array. */
    @Test
    void aNameIsNotReadBeyondTheEnd() {
        byte[] more = "{\"id\":1}".getBytes(StandardCharsets.UTF_8);
        for (int end = 0; end < more.length; end++) {
            int to = end;
            HttpError e = assertThrows(HttpError.class, () ->
                    new JsonReader(more, 0, to).object((name, value) -> value.skipValue()));
            assertTrue(e.getMessage().endsWith(" at byte " + to), e.getMessage());
        }
    }

    @Test
    void innerObjectsHaveNamesOfTheirOwn() throws HttpError {
        names("{\"id\":{\"id\":{\"id\":1}},\"raw\":[{\"id\":1},{\"id\":1}]}");
        assertDuplicateAt(13, "{\"id\":{\"a\":1,\"a\":2}}");
    }
}
