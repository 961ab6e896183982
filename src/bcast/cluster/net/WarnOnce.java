package bcast.cluster.net;

import bcast.base.Log;
import bcast.base.LoggedTexts;

/**
 * Logs each warning once, and its repetitions at debug level. Peers can cause as many different
 * warnings as they like, so only {@link LoggedTexts#MAX_TEXTS} are logged as warnings. Owned by one
 * thread.
 */
public final class WarnOnce {

    private final LoggedTexts logged = new LoggedTexts();
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
        log.log(logged.add(kind) ? Log.Level.WARN : Log.Level.DEBUG, text);
    }
}
