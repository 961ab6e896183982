package bcast.testing;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.locks.LockSupport;

/** Reads steadily, but no faster than a number of bytes a second, until it is let go. */
public final class SlowInput extends FilterInputStream {

    private static final int PARTS_A_SECOND = 20;

    private final int bytesAtOnce;
    private final long endNs;

    /** Is slow for some seconds from now. */
    public SlowInput(InputStream in, int bytesASecond, double seconds) {
        super(in);
        this.bytesAtOnce = bytesASecond / PARTS_A_SECOND;
        this.endNs = System.nanoTime() + (long) (seconds * 1e9);
    }

    private boolean slow() {
        return System.nanoTime() < endNs;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        if (!slow()) {
            return in.read(target, from, length);
        }
        LockSupport.parkNanos(1_000_000_000L / PARTS_A_SECOND);
        return in.read(target, from, Math.min(length, bytesAtOnce));
    }
}
