package bcast.cluster.gossip.link;

import bcast.base.BoundedMap;
import java.util.Map;

/** Remembers for some time what is refused: records, or nodes. */
public final class Refusals<K> {

    private final Map<K, Long> untilMs;

    /** Remembers at most a number; what was refused first is forgotten first. */
    public Refusals(int max) {
        this.untilMs = new BoundedMap<>(max);
    }

    /** Refuses something from now on until a time of the steady clock. */
    public void add(K key, long until) {
        untilMs.remove(key);
        untilMs.put(key, until);
    }

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
