package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Now;

/**
 * Whether so many records are on their way that stores differ by more than a short sketch shows. A
 * large sketch, which costs a walk over all records, would only show those.
 */
final class HighLoad {

    /** Records in a second from which on the load is high. */
    static final int MANY = 5_000;

    /** How long it stays high after such a second: overloaded nodes halt for moments. */
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
        this.untilMs = now.steadyMs();
    }

    void accepted(Now now) {
        if (now.steadyMs() - windowMs >= WINDOW_MS) {
            windowMs = now.steadyMs();
            records = 0;
        }
        if (++records == MANY) {
            if (now.steadyMs() >= untilMs) {
                sinceMs = now.steadyMs();
            }
            untilMs = now.steadyMs() + CALM_MS;
        }
    }

    boolean isOn(Now now) {
        return now.steadyMs() < untilMs && now.steadyMs() - sinceMs < LONGEST_MS;
    }
}
