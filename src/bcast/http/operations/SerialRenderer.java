package bcast.http.operations;

import bcast.http.server.HttpError;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;

/**
 * Renders a text that costs time, for one request after another, so that many at once make no more
 * garbage than one. Few requests may wait for their turn, since each holds the slot of another
 * request, perhaps of a probe; so a maker must not wait. Safe for use by any thread.
 */
final class SerialRenderer {

    /** Most requests whose text is made or that wait for theirs: some milliseconds in all. */
    static final int MAX_AT_ONCE = 16;

    private final Semaphore places = new Semaphore(MAX_AT_ONCE);

    interface Maker {
        String make() throws HttpError;
    }

    /** Makes a text in UTF-8, or refuses the request if too many wait. */
    byte[] make(Maker maker) throws HttpError {
        if (!places.tryAcquire()) {
            throw new HttpError(503, "busy", MAX_AT_ONCE + " requests already wait for this path");
        }
        try {
            synchronized (this) {
                return maker.make().getBytes(StandardCharsets.UTF_8);
            }
        } finally {
            places.release();
        }
    }
}
