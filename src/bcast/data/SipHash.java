package bcast.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * SipHash-2-4 with 128-bit output (Aumasson, Bernstein, 2012): a fast keyed hash. Who does not
 * know the key cannot make two records collide. Immutable; safe for use by any thread.
 *
 * @param k0 first eight bytes of the key, little-endian
 * @param k1 last eight bytes of the key, little-endian
 */
public record SipHash(long k0, long k1) {

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /**
     * Hashes bytes.
     *
     * @param bytes the input
     * @return the hash; {@code hi} holds the first eight output bytes, little-endian
     */
    public Hash128 hash(byte[] bytes) {
        State state = new State(k0, k1);
        state.whole(bytes);
        return state.finish(bytes, bytes.length);
    }

    /**
     * Hashes a number followed by bytes, as if they stood in one array.
     *
     * @param first the number, eight bytes little-endian
     * @param bytes what follows
     * @return the hash
     */
    public Hash128 hash(long first, byte[] bytes) {
        State state = new State(k0, k1);
        state.word(first);
        state.whole(bytes);
        return state.finish(bytes, bytes.length + Long.BYTES);
    }

    /** Names nothing of the key. */
    @Override
    public String toString() {
        return "SipHash";
    }

    private static final class State {
        private long v0;
        private long v1;
        private long v2;
        private long v3;

        State(long k0, long k1) {
            v0 = k0 ^ 0x736f6d6570736575L;
            v1 = k1 ^ 0x646f72616e646f6dL ^ 0xee;
            v2 = k0 ^ 0x6c7967656e657261L;
            v3 = k1 ^ 0x7465646279746573L;
        }

        void word(long m) {
            v3 ^= m;
            round();
            round();
            v0 ^= m;
        }

        void whole(byte[] bytes) {
            for (int i = 0; i + Long.BYTES <= bytes.length; i += Long.BYTES) {
                word((long) LONGS.get(bytes, i));
            }
        }

        Hash128 finish(byte[] bytes, int totalLength) {
            long last = (long) totalLength << 56;
            int tail = bytes.length & 7;
            for (int i = 0; i < tail; i++) {
                last |= (bytes[bytes.length - tail + i] & 0xffL) << 8 * i;
            }
            word(last);
            v2 ^= 0xee;
            rounds4();
            long first = v0 ^ v1 ^ v2 ^ v3;
            v1 ^= 0xdd;
            rounds4();
            return new Hash128(first, v0 ^ v1 ^ v2 ^ v3);
        }

        private void rounds4() {
            round();
            round();
            round();
            round();
        }

        private void round() {
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
    }
}
