package bcast.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class Utf8Test {

    private static boolean jdkAccepts(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Test
    void agreesWithTheJdkOnAllShortSequences() {
        for (int a = 0; a < 256; a++) {
            for (int b = 0; b < 256; b++) {
                byte[] two = {(byte) a, (byte) b};
                assertEquals(jdkAccepts(two), Utf8.firstInvalid(two, 0, 2) < 0, a + " " + b);
            }
        }
    }

    @Test
    void agreesWithTheJdkOnRandomBytes() {
        Random random = new Random(1);
        byte[] leads = {'a', (byte) 0xc2, (byte) 0xe0, (byte) 0xed, (byte) 0xf0, (byte) 0xf4,
            (byte) 0x80, (byte) 0x9f, (byte) 0xa0, (byte) 0x8f, (byte) 0x90, (byte) 0xbf};
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[random.nextInt(7)];
            for (int j = 0; j < bytes.length; j++) {
                bytes[j] = leads[random.nextInt(leads.length)];
            }
            assertEquals(jdkAccepts(bytes), Utf8.firstInvalid(bytes, 0, bytes.length) < 0);
        }
    }

    /** Where the JDK's strict decoder stops, or -1. */
    private static int firstInvalidByTheJdk(byte[] bytes, int from, int to) {
        ByteBuffer in = ByteBuffer.wrap(bytes, from, to - from);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in,
                CharBuffer.allocate(to - from + 1), true);
        return result.isError() ? in.position() : -1;
    }

    @Test
    void namesTheByteAtWhichTheJdkStops() {
        Random random = new Random(2);
        String[] good = {"a", "~", "\u0000", "é", "\u0800", "\uffff", "\ud83d\ude00"};
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (i % 4 > 0) {
                // Well-formed, mostly ASCII, and spoiled in one place or none.
                StringBuilder text = new StringBuilder();
                for (int j = random.nextInt(40); j > 0; j--) {
                    text.append(good[random.nextInt(6) > 0 ? 0 : random.nextInt(good.length)]);
                }
                bytes = text.toString().getBytes(StandardCharsets.UTF_8);
                if (i % 4 > 1 && bytes.length > 0) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
            }
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);
            assertEquals(firstInvalidByTheJdk(bytes, from, to),
                    Utf8.firstInvalid(bytes, from, to), () -> from + ".." + to);
        }
    }

    @Test
    void namesOneBadByteAtEachPlaceOfAscii() {
        for (int length = 9; length < 40; length++) {
            for (int at = 0; at < length; at++) {
                for (int bad = 0x80; bad < 0x100; bad++) {
                    byte[] bytes = new byte[length];
                    Arrays.fill(bytes, (byte) 'a');
                    bytes[at] = (byte) bad;
                    assertEquals(at, Utf8.firstInvalid(bytes, 0, length));
                    assertEquals(-1, Utf8.firstInvalid(bytes, 0, at));
                    assertEquals(-1, Utf8.firstInvalid(bytes, at + 1, length));
                }
            }
        }
    }

    @Test
    void namesTheFirstBadByte() {
        byte[] bytes = {'a', 'b', (byte) 0xff, 'c'};
        assertEquals(2, Utf8.firstInvalid(bytes, 0, 4));
    }

    @Test
    void refusesLoneSurrogates() {
        assertThrows(IllegalArgumentException.class, () -> Utf8.encode("a\ud800b"));
    }
}
