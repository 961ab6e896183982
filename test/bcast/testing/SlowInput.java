package bcast.testing;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.locks.LockSupport;

/** Reads steadily, for a while no faster than a number of bytes a second. */
public final class SlowInput extends FilterInputStream {

    private static final int PARTS_A_SECOND = 20;

    private final int bytesAtOnce;
    private volatile long endNs = System.nanoTime();

    /** Is fast, but for {@link #slowDown}. */
    public SlowInput(InputStream in, int bytesASecond) {
        super(in);
        this.bytesAtOnce = bytesASecond / PARTS_A_SECOND;
    }

    /** Is slow for some seconds from now. */
    public void slowDown(double seconds) {
        endNs = System.nanoTime() + (long) (seconds * 1e9);
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        if (System.nanoTime() >= endNs) {
            return in.read(target, from, length);
        }
        LockSupport.parkNanos(1_000_000_000L / PARTS_A_SECOND);
        return in.read(target, from, Math.min(length, bytesAtOnce));
    }
}
