package bcast.cluster.gossip;

/**
 * Whether so much news comes that stores differ by what is on its way, more than a short sketch can
 * tell. Longer ones cost a walk over all records, and would find the same.
 */
final class Rush {

    /** From so many records in a second on it is a rush. */
    static final int MANY = 5_000;

    /** It is over when there were fewer for so long: nodes that can do no more come to a halt. */
    static final long CALM_MS = 3_000;

    /** What differs for other reasons waits no longer. */
    static final long LONGEST_MS = 60_000;

    private static final long WINDOW_MS = 1_000;

    private long windowMs;
    private int records;
    private long sinceMs;
    private long untilMs;

    Rush(Now now) {
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

    /** It begins, or goes on. */
    private void begin(Now now) {
        if (now.steadyMs() >= untilMs) {
            sinceMs = now.steadyMs();
        }
        untilMs = now.steadyMs() + CALM_MS;
    }

    /** Time goes on; called several times a second. */
    void tick(Now now) {
        long lasted = now.steadyMs() - windowMs;
        if (lasted < WINDOW_MS) {
            return;
        }
        if (lasted >= 2 * WINDOW_MS) {
            // This node stood still: the more may wait to be accepted.
            untilMs += lasted;
        } else if (records >= MANY) {
            begin(now);
        }
        windowMs = now.steadyMs();
        records = 0;
    }

    /** Whether it is one now. */
    boolean isOn(Now now) {
        tick(now);
        return now.steadyMs() < untilMs && now.steadyMs() - sinceMs < LONGEST_MS;
    }
}
