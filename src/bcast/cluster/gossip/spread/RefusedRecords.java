package bcast.cluster.gossip.spread;

import bcast.data.Hash128;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers records that fail the validator, those signed by keys this node does not trust, and
 * those that are too large for the room a store has left, so that they are not asked for again and
 * again.
 * Whether a record has expired, or lies in the future, is not to be remembered: it is judged anew
 * by its timestamp each time, since this node's clock may be the one that was wrong.
 */
final class RefusedRecords {

    /** Most records remembered; the oldest memory goes first. */
    static final int MAX = 16_384;

    private final Map<Hash128, Long> untilMs = new LinkedHashMap<>();

    /** Refuses a record until a time of the steady clock. */
    void add(Hash128 hash, long until) {
        untilMs.remove(hash);
        untilMs.put(hash, until);
        if (untilMs.size() > MAX) {
            untilMs.remove(untilMs.keySet().iterator().next());
        }
    }

    /** Forgets all, since what is refused may have changed. */
    void clear() {
        untilMs.clear();
    }

    boolean contains(Hash128 hash, long nowMs) {
        Long until = untilMs.get(hash);
        if (until == null) {
            return false;
        }
        if (nowMs >= until) {
            untilMs.remove(hash);
            return false;
        }
        return true;
    }
}
