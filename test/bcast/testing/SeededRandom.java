package bcast.testing;

import java.security.SecureRandom;
import java.util.Random;

/** Draws the same numbers in each run, where a node would draw what nobody can foresee. */
public final class SeededRandom extends SecureRandom {

    private static final long serialVersionUID = 1;

    private final transient Random random;

    public SeededRandom(long seed) {
        random = new Random(seed);
    }

    @Override
    public void nextBytes(byte[] bytes) {
        random.nextBytes(bytes);
    }
}
