package bcast.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.News;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DataTest {

    private static final String[] ALPHABET = {"a", "b", "\"", "\\", "\n", "\u0000", "\u001f",
        "\u007f", "é", "\u2028", "\uffff", "\ud83d\ude00", "/", "\b", "{"};

    private static String text(Random random, int max) {
        StringBuilder text = new StringBuilder();
        int length = 1 + random.nextInt(max);
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET[random.nextInt(ALPHABET.length)]);
        }
        return text.toString();
    }

    private static Data any(Random random) {
        return Data.of(text(random, 6), text(random, 40), text(random, 6), random.nextInt(3));
    }

    private static Data overTheWire(Data data) {
        ByteBuffer wire = ByteBuffer.allocate(data.wireLength());
        data.toWire(0, wire);
        wire.flip();
        long timestamp = wire.getLong();
        byte[] body = new byte[wire.remaining()];
        wire.get(body);
        return Data.fromWire(timestamp, body);
    }

    @Test
    void keepsItsTexts() {
        Random random = new Random(1);
        for (int i = 0; i < 5_000; i++) {
            String id = text(random, 20);
            String raw = text(random, 60);
            String signature = text(random, 20);
            Data data = Data.of(id, raw, signature, i);
            assertEquals(id, data.id());
            assertEquals(raw, data.raw());
            assertEquals(signature, data.signature());
            assertEquals(i, data.timestamp());
            assertEquals(data, overTheWire(data));
            assertEquals(data.jsonLength(), data.json().length);
            assertEquals(data, Data.fromJson(data.toString()));
        }
    }

    @Test
    void readsJsonOnlyAsItWritesIt() {
        for (long timestamp : new long[] {0, 9, 10, Data.MAX_TIMESTAMP}) {
            Data data = Data.of("id", "raw", "s", timestamp);
            assertEquals(data, Data.fromJson(data.toString()));
        }
        String json = Data.of("id", "raw", "s", 12).toString();
        for (String other : new String[] {"", "}", "12}", json.substring(1),
            json.substring(0, json.length() - 1), json + "}", json + " ", " " + json,
            json.replace("12", ""), json.replace("12", "012"), json.replace("12", "-1"),
            json.replace("12", "+12"), json.replace("\"s\"", "\"\ud800\""),
            json.replace("12", "1e3"), json.replace("12", Data.MAX_TIMESTAMP + 1 + ""),
            json.replace("12", "9".repeat(30)), json.replace(":12", ": 12"),
            json.replace("raw\":\"raw", "raw\":\""), json.replace("id", "ID"),
            json.replace("\"s\"", "\"\\u0041\"")}) {
            assertThrows(IllegalArgumentException.class, () -> Data.fromJson(other), other);
        }
    }

    @Test
    void theLongestJsonIsWithinItsLimit() {
        Data longest = Data.of("\u0001".repeat(Data.MAX_ID_BYTES),
                "\u0001".repeat(Data.MAX_RAW_BYTES),
                "\u0001".repeat(Data.MAX_SIGNATURE_BYTES), Data.MAX_TIMESTAMP);
        assertEquals(Data.MAX_JSON_BYTES, longest.jsonLength());
    }

    @Test
    void writesTimestampsOfAnyLength() {
        for (long power = 1; power <= 10_000_000_000_000L; power *= 10) {
            for (long timestamp : new long[] {power - 1, power, 9 * power, 10 * power - 1}) {
                Data data = Data.of("i", "r", "s", timestamp);
                assertEquals("{\"id\":\"i\",\"raw\":\"r\",\"signature\":\"s\",\"timestamp\":"
                        + timestamp + "}", new String(data.json(), StandardCharsets.UTF_8));
                assertEquals(data.jsonLength(), data.json().length);
            }
        }
    }

    @Test
    void writesCanonicalJson() {
        Data data = Data.of("i\"d", "a\\b\n\u0001/é", "s", 1_700_000_000_000L);
        assertEquals("{\"id\":\"i\\\"d\",\"raw\":\"a\\\\b\\n\\u0001/é\",\"signature\":\"s\","
                + "\"timestamp\":1700000000000}", data.toString());
    }

    @Test
    void travelsInPieces() {
        Data data = Data.of("id", "x".repeat(1_000), "s", 0x0102030405L);
        ByteBuffer whole = ByteBuffer.allocate(data.wireLength());
        data.toWire(0, whole);
        for (int size : new int[] {1, 3, 7, 8, 9, 100}) {
            ByteBuffer pieces = ByteBuffer.allocate(data.wireLength());
            for (int at = 0; at < data.wireLength(); at += size) {
                pieces.limit(Math.min(at + size, data.wireLength()));
                data.toWire(at, pieces);
            }
            assertEquals(0, Arrays.compare(whole.array(), pieces.array()));
        }
    }

    @Test
    void limitsHoldAtAndBreakPast() {
        String id = "é".repeat(Data.MAX_ID_BYTES / 2);
        String raw = "r".repeat(Data.MAX_RAW_BYTES);
        String signature = "s".repeat(Data.MAX_SIGNATURE_BYTES);
        Data data = Data.of(id, raw, signature, Data.MAX_TIMESTAMP);
        assertEquals(data, overTheWire(data));
        assertBroken("id has 258 bytes", id + "é", "r", "s", 0);
        assertBroken("raw has 1048577 bytes", "i", raw + "r", "s", 0);
        assertBroken("signature has 1025 bytes", "i", "r", signature + "s", 0);
        assertBroken("timestamp", "i", "r", "s", Data.MAX_TIMESTAMP + 1);
        assertBroken("timestamp", "i", "r", "s", -1);
        assertBroken("id is empty", "", "r", "s", 0);
        assertBroken("raw is empty", "i", "", "s", 0);
        assertBroken("signature is empty", "i", "r", "", 0);
    }

    private static void assertBroken(String why, String id, String raw, String signature,
            long timestamp) {
        var e = assertThrows(IllegalArgumentException.class,
                () -> Data.of(id, raw, signature, timestamp));
        assertTrue(e.getMessage().startsWith(why), e.getMessage());
    }

    @Test
    void theLargestRecordFitsTheWire() {
        Data data = Data.of("\u0001".repeat(Data.MAX_ID_BYTES),
                "\u0001".repeat(Data.MAX_RAW_BYTES), "\u0001".repeat(Data.MAX_SIGNATURE_BYTES), 0);
        assertEquals(Data.MAX_WIRE_BYTES, data.wireLength());
        assertEquals(data, overTheWire(data));
    }

    @Test
    void refusesWhatIsNotCanonicalOnTheWire() {
        String good = "i\",\"raw\":\"r\",\"signature\":\"s";
        assertEquals("r", wire(good).raw());
        String[] bad = {"", "i", "\",\"raw\":\"r\",\"signature\":\"s", good + "\"", good + "\",",
            "i\",\"raw\":\"\",\"signature\":\"s", "i\",\"raw\":\"r\",\"signature\":\"",
            "i\\/\",\"raw\":\"r\",\"signature\":\"s", "i\\u0041\",\"raw\":\"r\",\"signature\":\"s",
            "i\\u000a\",\"raw\":\"r\",\"signature\":\"s",
            "i\\u001F\",\"raw\":\"r\",\"signature\":\"s",
            "i\n\",\"raw\":\"r\",\"signature\":\"s", "i\",\"raw\":\"r\",\"signature\":\"s\\",
            "i\",\"rav\":\"r\",\"signature\":\"s", "i\\u00\",\"raw\":\"r\",\"signature\":\"s"};
        for (String body : bad) {
            assertThrows(IllegalArgumentException.class, () -> wire(body), body);
        }
        byte[] notUtf8 = good.getBytes(StandardCharsets.ISO_8859_1);
        notUtf8[0] = (byte) 0xff;
        assertThrows(IllegalArgumentException.class, () -> Data.fromWire(0, notUtf8));
    }

    private static Data wire(String body) {
        return Data.fromWire(0, body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void mergeOrderIsTotalAndByUnsignedBytes() {
        Random random = new Random(2);
        Comparator<Data> byDefinition = Comparator.comparingLong(Data::timestamp)
                .thenComparing(d -> Utf8.encode(d.signature()), Arrays::compareUnsigned)
                .thenComparing(d -> Utf8.encode(d.raw()), Arrays::compareUnsigned);
        for (int i = 0; i < 20_000; i++) {
            Data a = any(random);
            Data b = any(random);
            assertEquals(Integer.signum(byDefinition.compare(a, b)),
                    Integer.signum(Data.MERGE.compare(a, b)));
        }
        // U+FFFF comes before U+1F600 in bytes, after it in UTF-16: compareTo would be wrong.
        Data low = Data.of("i", "\uffff", "s", 0);
        Data high = Data.of("i", "\ud83d\ude00", "s", 0);
        assertTrue(Data.MERGE.compare(low, high) < 0);
        assertTrue(low.raw().compareTo(high.raw()) > 0);
    }

    @Test
    void hashesDifferWhereRecordsDiffer() {
        SipHash key = News.KEY;
        Data data = Data.of("id", "raw", "sig", 5);
        assertEquals(data.hash(key), overTheWire(data).hash(key));
        assertNotEquals(data.hash(key), data.withTimestamp(6).hash(key));
        assertNotEquals(data.hash(key), data.hash(new SipHash(1, 3)));
        assertNotEquals(data.hash(key), Data.of("id", "raws", "ig", 5).hash(key));
    }

    @Test
    void signatureIsReplacedOnlyIfItDiffers() {
        Data data = Data.of("id", "raw", "ABC", 5);
        assertSame(data, data.withSignature("ABC"));
        assertEquals(Data.of("id", "raw", "abc", 5), data.withSignature("abc"));
    }
}
