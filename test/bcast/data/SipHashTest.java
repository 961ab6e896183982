package bcast.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

    /** The first eight bytes of the input are the number. */
    private static String hashed(int length) {
        return hex(KEYED.hash(0x0706050403020100L, input(length), 8, length));
    }

    @Test
    void matchesTheReferenceVectors() {
        assertEquals("3b62a9ba6258f5610f83e264f31497b4", hashed(8));
        assertEquals("264499060ad9baabc47f8b02bb6d71ed", hashed(9));
        assertEquals("5493e99933b0a8117e08ec0f97cfc3d9", hashed(15));
        assertEquals("6ee2a4ca67b054bbfd3315bf85230577", hashed(16));
        assertEquals("5150d1772f50834a503e069a973fbd7c", hashed(63));
    }
}
