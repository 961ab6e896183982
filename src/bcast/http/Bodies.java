package bcast.http;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds the memory of all bodies being read or handled. Safe for use by any thread. */
final class Bodies {

    private final AtomicLong taken = new AtomicLong();
    private final long limit;

    /** Bounds all bodies together to a number of bytes. */
    Bodies(long limit) {
        this.limit = limit;
    }

    /** Takes memory, or refuses the request. */
    void take(long bytes) throws HttpError {
        if (taken.addAndGet(bytes) > limit) {
            taken.addAndGet(-bytes);
            throw new HttpError(503, "busy", "This node reads as many bodies as it can");
        }
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }
}
