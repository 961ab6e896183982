package bcast.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Against the vectors of the reference implementation: key 00..0f, input 00, 01, 02, ... */
final class SipHashTest {

    private static final SipHash KEYED = new SipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

    private static byte[] input(int length) {
        byte[] input = new byte[length];
        for (int i = 0; i < length; i++) {
            input[i] = (byte) i;
        }
        return input;
    }

    private static String hex(Hash128 hash) {
        byte[] bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(hash.hi()).putLong(hash.lo()).array();
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void matchesTheReferenceVectors() {
        assertEquals("a3817f04ba25a8e66df67214c7550293", hex(KEYED.hash(input(0))));
        assertEquals("da87c1d86b99af44347659119b22fc45", hex(KEYED.hash(input(1))));
        assertEquals("8177228da4a45dc7fca38bdef60affe4", hex(KEYED.hash(input(2))));
    }

    @Test
    void aNumberCountsAsItsBytes() {
        for (int length = 8; length < 40; length++) {
            byte[] whole = input(length);
            byte[] rest = Arrays.copyOfRange(whole, 8, length);
            assertEquals(KEYED.hash(whole), KEYED.hash(0x0706050403020100L, rest, 0, rest.length));
        }
    }
}
