package bcast.cluster;

/**
 * How long the cluster's thread gathers events before it takes the next ones. Each time costs each
 * peer a wake-up or two, much more than a record does: that is of no weight at some thousand
 * records a second, and beyond would be most of the work. A pause costs a wake-up as well, so it is
 * only made where several events come in it. Belongs to the cluster's thread.
 */
final class Pauses {

    /** Short against what people notice. */
    static final long PAUSE_NS = 1_000_000;

    /** From so many events in a window on there are pauses, with some events in each. */
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
     * @return the pause in nanoseconds, 0 for none
     */
    long nextNs(int taken, long nowMs) {
        if (nowMs - windowMs >= WINDOW_MS) {
            // After a longer time they came more slowly.
            many = nowMs - windowMs < 2 * WINDOW_MS && events >= MANY;
            windowMs = nowMs;
            events = 0;
        }
        events += taken;
        return many ? PAUSE_NS : 0;
    }
}
