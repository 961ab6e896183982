package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.News;
import bcast.testing.RawHttp;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Bodies that are not what they should be, generated from a table: each gets 400 and the byte
 * where it goes wrong, and the same connection serves the next post.
 */
final class MalformedBodiesTest {

    private record Case(byte[] body, int offset) {}

    private final List<Case> cases = new ArrayList<>();

    private void add(String body, int offset) {
        cases.add(new Case(body.getBytes(StandardCharsets.UTF_8), offset));
    }

    /** A good start, then something bad; the offset counts from the bad part. */
    private void after(String good, String bad, int offset) {
        add(good + bad, good.getBytes(StandardCharsets.UTF_8).length + offset);
    }

    private void bytesAfter(String good, int offset, int... bad) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(good.getBytes(StandardCharsets.UTF_8));
        for (int b : bad) {
            body.write(b);
        }
        body.writeBytes("\"}".getBytes(StandardCharsets.UTF_8));
        cases.add(new Case(body.toByteArray(), good.length() + offset));
    }

    private void build() {
        // Not an object at all.
        for (String body : new String[] {"", "x", "[]", "\"a\"", "1", "null", "true", "<a>", "id=1",
            "\ufeff{}", "\u00a0{}", "//{}", "'a'"}) {
            add(body, 0);
        }
        add(" \t\r\n", 4);
        add("  [", 2);
        // Something after the object.
        for (String tail : new String[] {"{}", "x", ",", "}", "]", "\u0000", "//", "\"",
            "\u00a0"}) {
            after("{}", tail, 0);
            after("{\"a\":1} ", tail, 0);
        }
        // Names.
        for (String bad : new String[] {"a:1}", "'a':1}", "1:1}", ",}", "null:1}", "[:1}", ":1}",
            "}}", "{}"}) {
            after("{", bad, bad.equals("}}") ? 1 : 0);
            after("{\"a\":1,", bad, 0);
        }
        after("{\"a\":1,", "\"a\":2}", 0);
        after("{\"id\":\"1\",", "\"id\":\"1\"}", 0);
        after("{\"a\":{\"b\":1,", "\"b\":2}}", 0);
        after("{\"a\":1,", "\"\\u0061\":2}", 0);
        after("{\"a\"", "}", 0);
        after("{\"a\"", " 1}", 1);
        after("{\"a\"", "=1}", 0);
        after("{\"a\":1", " \"b\":1}", 1);
        after("{\"a\":1", ";", 0);
        after("{\"a\":1", "]", 0);
        // Values.
        for (String bad : new String[] {"}", ",", "]", "x", "nul", "nulL", "NULL", "truE", "tru}",
            "falsy", "+1", ".5", "-", "-a", "1.", "1.e1", "1e", "1e+", "1ex", "0x1", "01", "-01",
            "1_0", "NaN", "Infinity", "'a'", "undefined", "1 2", "--1", "1.2.3", "\u0661"}) {
            int offset = switch (bad) {
                case "nul", "nulL", "truE", "tru}" -> 3;
                case "falsy" -> 4;
                case "-", "-a", "0x1", "01", "1_0", "--1" -> 1;
                case "1.", "1.e1", "1e", "1ex", "-01", "1 2" -> 2;
                case "1e+", "1.2.3" -> 3;
                default -> 0;
            };
            after("{\"a\":", bad + "}", offset);
            after("{\"a\":[1,", bad + "]}", bad.equals("]") ? 0 : offset);
        }
        // Wrong types where strings must be.
        for (String field : new String[] {"id", "raw", "signature"}) {
            for (String value : new String[] {"1", "null", "true", "[]", "{}", "[\"a\"]", "-0.5"}) {
                after("{\"" + field + "\":", value + "}", 0);
            }
        }
        // Strings.
        for (int control = 0; control < 0x20; control++) {
            after("{\"raw\":\"ab", (char) control + "\"}", 0);
        }
        for (String escape : new String[] {"\\x", "\\ ", "\\'", "\\0", "\\U0041", "\\u", "\\u1",
            "\\u12", "\\u123", "\\u123g", "\\u 123", "\\u+123", "\\a", "\\v", "\\\n", "\\u00_1"}) {
            after("{\"raw\":\"ab", escape + "\"}", 0);
            after("{\"unknown\":[\"é", escape + "\"]}", 0);
        }
        // Surrogates.
        for (String lone : new String[] {"\\ud800", "\\udc00", "\\ud800\\u0041", "\\udc00\\ud800",
            "\\ud800\\ud800", "\\uD83D", "\\uDBFFx", "\\ud800\\n", "\\ud800\\", "\\udfff\\udfff"}) {
            after("{\"raw\":\"ab", lone + "\"}", 0);
            after("{\"a\":{\"b\":\"", lone + "\"}}", 0);
        }
        // UTF-8.
        int[][] bytes = {{0x80}, {0xbf}, {0xc0, 0x80}, {0xc1, 0xbf}, {0xc2}, {0xc2, 0x41},
            {0xe0, 0x80, 0x80}, {0xe0, 0x9f, 0xbf}, {0xed, 0xa0, 0x80}, {0xed, 0xbf, 0xbf},
            {0xe2, 0x82}, {0xf0, 0x80, 0x80, 0x80}, {0xf0, 0x8f, 0xbf, 0xbf},
            {0xf4, 0x90, 0x80, 0x80}, {0xf5, 0x80, 0x80, 0x80}, {0xf8, 0x88, 0x80, 0x80, 0x80},
            {0xff}, {0xfe}, {0xff, 0xfe}, {0xf0, 0x9f, 0x98}};
        for (int[] bad : bytes) {
            bytesAfter("{\"raw\":\"ab", 0, bad);
            bytesAfter("{\"", 0, bad);
        }
        // The end comes too early.
        for (String cut : new String[] {"{", "{\"", "{\"id", "{\"id\"", "{\"id\":", "{\"id\":\"",
            "{\"id\":\"1", "{\"id\":\"1\"", "{\"id\":\"1\",", "{\"id\":\"1\", ", "{\"a\":[",
            "{\"a\":[1", "{\"a\":[1,", "{\"a\":{", "{\"a\":{\"b\":1", "{\"a\":t", "{\"a\":-",
            "{\"a\":1.", "{\"a\":1e"}) {
            add(cut, cut.length());
        }
        add("{\"a\":\"\\", 6);
        add("{\"a\":\"\\u00", 6);
        // Depth: the limit is 64, the outermost object being the first.
        add("[".repeat(10_000), 0);
        add("{\"a\":" + "[".repeat(10_000), 5 + 63);
        add("{\"a\":".repeat(10_000), 5 * 64);
        after("{\"a\":", "[".repeat(64) + "]".repeat(64) + "}", 63);
    }

    @Test
    void eachIsNamedAndHarmsNothing() throws Exception {
        build();
        assertTrue(cases.size() >= 200, "cases: " + cases.size());
        List<String> wrong = new ArrayList<>();
        try (TestNode node = TestNode.alone(); RawHttp http = new RawHttp(node.port())) {
            int posted = 0;
            for (Case each : cases) {
                RawHttp.Answer answer = http.post(each.body);
                String shown = new String(each.body, StandardCharsets.UTF_8);
                shown = shown.substring(0, Math.min(60, shown.length()));
                boolean right = answer.status() == 400
                        && answer.body().startsWith("{\"result\":false,\"msg\":\"Malformed JSON: ")
                        && answer.body().endsWith("at byte " + each.offset
                                + "\",\"code\":\"malformed\"}");
                if (!right) {
                    wrong.add(shown + " wants " + each.offset + ", got " + answer.status() + " "
                            + answer.body());
                }
                assertEquals(200, http.post(News.json("id" + posted++, "ok")
                        .getBytes(StandardCharsets.UTF_8)).status(), "the post after " + shown);
            }
            assertEquals(posted, node.client.count());
        }
        assertEquals("", String.join("\n", wrong));
        System.out.println(cases.size() + " kinds of malformed bodies");
    }
}
