package bcast.data;

/**
 * SipHash-2-4 with 128-bit output (Aumasson, Bernstein, 2012): a fast keyed hash. Without
 * the key nobody can make two records collide. Immutable; safe for use by any thread.
 *
 * @param k0 first eight bytes of the key, little-endian
 * @param k1 last eight bytes of the key, little-endian
 */
public record SipHash(long k0, long k1) {

    /**
     * {@return the hash of a number followed by bytes; {@code hi} holds its first eight bytes}
     *
     * @param number eight bytes, little-endian like those of the hash
     * @param bytes holds what follows
     * @param from its first index
     * @param to index after its last
     */
    public Hash128 hash(long number, byte[] bytes, int from, int to) {
        // All in one loop, so that the state stays in registers.
        long v0 = k0 ^ 0x736f6d6570736575L;
        long v1 = k1 ^ 0x646f72616e646f6dL ^ 0xee;
        long v2 = k0 ^ 0x6c7967656e657261L;
        long v3 = k1 ^ 0x7465646279746573L;
        long first = 0;
        int words = 1 + (to - from) / Long.BYTES;
        // Two rounds a word, and twice two for each half of the output.
        for (int i = 0; i <= words + 4; i++) {
            long m = 0;
            if (i <= words) {
                m = i == words ? last(bytes, from, to) : i == 0 ? number
                        : (long) LittleEndian.LONGS.get(bytes, from + (i - 1) * Long.BYTES);
                v3 ^= m;
            } else if (i == words + 1) {
                v2 ^= 0xee;
            } else if (i == words + 3) {
                first = v0 ^ v1 ^ v2 ^ v3;
                v1 ^= 0xdd;
            }
            for (int round = 0; round < 2; round++) {
                v0 += v1;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v3;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 += v3;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= m;
        }
        return new Hash128(first, v0 ^ v1 ^ v2 ^ v3);
    }

    /** The last word: what is left of the bytes, and the length of all. */
    private static long last(byte[] bytes, int from, int to) {
        long last = (long) (Long.BYTES + to - from) << 56;
        int tail = to - from & 7;
        for (int i = 0; i < tail; i++) {
            last |= (bytes[to - tail + i] & 0xffL) << 8 * i;
        }
        return last;
    }

    /** Names nothing of the key. */
    @Override
    public String toString() {
        return "SipHash";
    }
}
