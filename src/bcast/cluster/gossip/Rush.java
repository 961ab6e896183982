package bcast.cluster.gossip;

/**
 * Whether so much news comes that stores differ by what is on its way, more than a short sketch can
 * tell. Longer ones cost a walk over all records, and would find the same.
 */
final class Rush {

    /** From so many records in a second on it is a rush. */
    static final int MANY = 5_000;

    /** What differs for other reasons waits no longer. */
    static final long LONGEST_MS = 60_000;

    private static final long WINDOW_MS = 1_000;

    private long windowMs;
    private int records;
    private boolean many;
    private long sinceMs;

    /** A record was accepted. */
    void accepted(Now now) {
        look(now);
        records++;
    }

    private void look(Now now) {
        long lasted = now.steadyMs() - windowMs;
        if (lasted < WINDOW_MS) {
            return;
        }
        boolean before = many;
        // After a longer time they came more slowly.
        many = lasted < 2 * WINDOW_MS && records >= MANY;
        if (many && !before) {
            sinceMs = now.steadyMs();
        }
        windowMs = now.steadyMs();
        records = 0;
    }

    /** Whether it is one now. */
    boolean isOn(Now now) {
        look(now);
        return many && now.steadyMs() - sinceMs < LONGEST_MS;
    }
}
