package bcast.base;

import java.util.HashSet;
import java.util.Set;

/**
 * Remembers texts that were logged, so that one that would repeat is logged once. Clients and peers
 * can cause as many different texts as they like, so the number of new ones is limited. Safe for
 * use by any thread.
 */
public final class LoggedTexts {

    /** Most texts that are remembered; beyond it no text counts as new. */
    public static final int MAX_TEXTS = 256;

    private final Set<String> texts = new HashSet<>();

    /** No text was logged yet. */
    public LoggedTexts() {}

    /**
     * {@return whether a text is new; once there are {@link #MAX_TEXTS}, none is}
     *
     * @param text the text
     */
    public synchronized boolean add(String text) {
        return texts.size() < MAX_TEXTS && texts.add(text);
    }

    /**
     * {@return the level at which to log a text: {@link Log.Level#DEBUG} unless its kind is new}
     *
     * @param kind texts of one kind count as one
     * @param first the level if the kind is new
     */
    public Log.Level level(String kind, Log.Level first) {
        return add(kind) ? first : Log.Level.DEBUG;
    }
}
