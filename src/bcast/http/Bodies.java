package bcast.http;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds the memory of all bodies being read or handled. Safe for use by any thread. */
final class Bodies {

    /** Share of the heap that bodies may take. */
    private static final int HEAP_SHARE = 8;

    private final AtomicLong taken = new AtomicLong();
    private final long limit = Runtime.getRuntime().maxMemory() / HEAP_SHARE;

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
