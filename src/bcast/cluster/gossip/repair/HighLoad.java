package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Now;

/**
 * Tells whether so many records arrive that stores differ by what is on its way, and by more than a
 * short sketch can show. A longer sketch costs a walk over all records, and would show the same.
 */
final class HighLoad {

    /** Records in a second from which on the load is high. */
    static final int MANY = 5_000;

    /** The load is high until there were fewer for this long: overloaded nodes come to a halt. */
    static final long CALM_MS = 3_000;

    /** Nothing is put off for longer, since stores may differ for other reasons. */
    static final long LONGEST_MS = 60_000;

    private static final long WINDOW_MS = 1_000;

    private long windowMs;
    private int records;
    private long sinceMs;
    private long untilMs;

    HighLoad(Now now) {
        this.windowMs = now.steadyMs();
        this.sinceMs = now.steadyMs();
        this.untilMs = now.steadyMs();
    }

    /** A record was accepted. */
    void accepted(Now now) {
        tick(now);
        if (++records == MANY) {
            begin(now);
        }
    }

    /** The load is high from now on, or still is. */
    private void begin(Now now) {
        if (now.steadyMs() >= untilMs) {
            sinceMs = now.steadyMs();
        }
        untilMs = now.steadyMs() + CALM_MS;
    }

    /** Time passes; called several times a second. */
    void tick(Now now) {
        long lasted = now.steadyMs() - windowMs;
        if (lasted < WINDOW_MS) {
            return;
        }
        if (lasted >= 2 * WINDOW_MS) {
            // This node stood still, so more records may wait to be accepted.
            untilMs += lasted;
        } else if (records >= MANY) {
            begin(now);
        }
        windowMs = now.steadyMs();
        records = 0;
    }

    /** Whether the load is high now. */
    boolean isOn(Now now) {
        tick(now);
        return now.steadyMs() < untilMs && now.steadyMs() - sinceMs < LONGEST_MS;
    }
}
