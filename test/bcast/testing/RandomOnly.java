package bcast.testing;

import java.security.Provider;
import java.security.SecureRandomSpi;

/** Gives a Java random numbers and nothing else: no digest. */
public final class RandomOnly extends Provider {

    private static final long serialVersionUID = 1;

    public RandomOnly() {
        super("RandomOnly", "1", "");
        put("SecureRandom.Zeros", Zeros.class.getName());
    }

    public static final class Zeros extends SecureRandomSpi {

        private static final long serialVersionUID = 1;

        @Override
        protected void engineSetSeed(byte[] seed) {}

        @Override
        protected void engineNextBytes(byte[] bytes) {}

        @Override
        protected byte[] engineGenerateSeed(int bytes) {
            return new byte[bytes];
        }
    }
}
