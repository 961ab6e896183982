package bcast.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
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
