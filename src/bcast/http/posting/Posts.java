package bcast.http.posting;

import bcast.core.Core;
import bcast.core.Outcome;
import bcast.eventbus.Source;
import bcast.http.server.HttpError;
import java.util.concurrent.Semaphore;

/**
 * Reads posted records and delivers them. A large one takes several times its size while that goes
 * on, so there are few of them at a time. Safe for use by any thread.
 */
final class Posts {

    /** Beyond it a record is large. */
    static final int LARGE_BYTES = 64 * 1024;

    /** Most large ones at a time: reading is all work and no waiting. */
    private static final int LARGE_AT_ONCE = 2;

    private final Core core;
    private final Semaphore large = new Semaphore(LARGE_AT_ONCE, true);

    Posts(Core core) {
        this.core = core;
    }

    /** Reads one object and delivers it; {@code posted} then knows its id. */
    Outcome deliver(RecordParser posted, byte[] json, int from, int to) throws HttpError {
        if (to - from <= LARGE_BYTES) {
            return core.deliver(posted.read(json, from, to), Source.CLIENT);
        }
        large.acquireUninterruptibly();
        try {
            return core.deliver(posted.read(json, from, to), Source.CLIENT);
        } finally {
            posted.forgetTexts();
            large.release();
        }
    }
}
