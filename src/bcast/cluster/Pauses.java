package bcast.cluster;

/**
 * How long the cluster's thread gathers events before it takes the next ones. Each time costs each
 * peer a wake-up or two, much more than a record does: that is of no weight at some thousand
 * records a second, and beyond would be most of the work. Belongs to the cluster's thread.
 */
final class Pauses {

    /** Short against the way to a peer. */
    static final long SHORT_NS = 100_000;

    /** Still short against what people notice. */
    static final long LONG_NS = 1_000_000;

    /** From so many events in a window on the pauses are long. */
    static final int MANY = 40;

    static final long WINDOW_MS = 10;

    private long windowMs;
    private int events;
    private boolean many;

    /**
     * Tells how long to wait.
     *
     * @param taken events taken since the last pause
     * @param nowMs the steady clock
     * @return the pause in nanoseconds
     */
    long nextNs(int taken, long nowMs) {
        if (nowMs - windowMs >= WINDOW_MS) {
            // After a longer time they came more slowly.
            many = nowMs - windowMs < 2 * WINDOW_MS && events >= MANY;
            windowMs = nowMs;
            events = 0;
        }
        events += taken;
        return many ? LONG_NS : SHORT_NS;
    }
}
