package bcast.base;

import java.util.HashSet;
import java.util.Set;

/**
 * Tells what was said before, so that what repeats for as long as somebody is wrong is said once.
 * Strangers choose what there is to say, so its number is bounded: beyond it nothing is new.
 * Not for use by several threads.
 */
public final class Once {

    /** Most different texts that are new. */
    public static final int MAX_TEXTS = 256;

    private final Set<String> said = new HashSet<>();

    /** Nothing said yet. */
    public Once() {}

    /**
     * Remembers a text.
     *
     * @param text what is about to be said
     * @return whether it is new, and not too many were before
     */
    public boolean first(String text) {
        return said.size() < MAX_TEXTS && said.add(text);
    }
}
