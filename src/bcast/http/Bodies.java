package bcast.http;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds the memory of many requests together. Safe for use by any thread. */
final class Bodies implements Memory {

    private final AtomicLong taken = new AtomicLong();
    private final long limit;

    /** Bounds all requests together to a number of bytes. */
    Bodies(long limit) {
        this.limit = limit;
    }

    @Override
    public void take(long bytes) throws HttpError {
        if (taken.addAndGet(bytes) > limit) {
            taken.addAndGet(-bytes);
            throw new HttpError(503, "busy", "No memory for the request now");
        }
    }

    @Override
    public void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }
}
