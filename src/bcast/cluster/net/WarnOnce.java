package bcast.cluster.net;

import bcast.base.Log;
import bcast.base.Once;

/**
 * Logs each warning once, and its repetitions at debug level. Peers can cause warnings as often as
 * they like, so the number of different ones is bounded by {@link Once#MAX_TEXTS}. Owned by one
 * thread.
 */
public final class WarnOnce {

    private final Once logged = new Once();
    private final Log log;

    /**
     * No warning was logged yet.
     *
     * @param log where warnings go
     */
    public WarnOnce(Log log) {
        this.log = log;
    }

    /**
     * Logs a warning, unless the same text was logged before.
     *
     * @param text the text
     */
    public void warn(String text) {
        warn(text, text);
    }

    /** Logs a warning, unless one of the same kind was logged before. */
    void warn(String kind, String text) {
        log.log(logged.first(kind) ? Log.Level.WARN : Log.Level.DEBUG, text);
    }
}
