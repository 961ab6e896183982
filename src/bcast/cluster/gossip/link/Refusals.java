package bcast.cluster.gossip.link;

import bcast.base.BoundedMap;
import java.util.Map;

/**
 * Remembers for some time what is refused: records, or nodes.
 *
 * @param <K> the type of what is refused
 */
public final class Refusals<K> {

    private final Map<K, Long> untilMs;

    /**
     * Nothing is refused.
     *
     * @param max how many are remembered; the one that was refused first is forgotten first
     */
    public Refusals(int max) {
        this.untilMs = new BoundedMap<>(max);
    }

    /**
     * Refuses something from now on.
     *
     * @param key what is refused
     * @param until the end of that, by the steady clock
     */
    public void add(K key, long until) {
        untilMs.remove(key);
        untilMs.put(key, until);
    }

    /**
     * Tells whether something is refused.
     *
     * @param key what may be
     * @param nowMs the steady clock
     * @return whether it is
     */
    public boolean contains(K key, long nowMs) {
        Long until = untilMs.get(key);
        if (until != null && nowMs >= until) {
            untilMs.remove(key);
        }
        return until != null && nowMs < until;
    }

    /** Forgets all, since the reason may be gone. */
    public void clear() {
        untilMs.clear();
    }
}
