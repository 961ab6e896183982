package bcast.cluster;

/**
 * Decides how long the cluster's thread pauses so that events come together. Each time that it
 * handles events costs each peer one or two wake-ups, which is much more than the cost of a record.
 * That does not matter at some thousand records a second; beyond, it would be most of the work. A
 * pause costs a wake-up as well, so there is one only if several events come in it. Owned by the
 * cluster's thread.
 */
final class EventBatching {

    /** Too short for people to notice. */
    static final long PAUSE_NS = 1_000_000;

    /** Events in a window from which on there are pauses; then some come in each pause. */
    static final int MANY = 40;

    static final long WINDOW_MS = 10;

    private long windowMs;
    private int events;
    private boolean many;

    /**
     * Decides about the next pause.
     *
     * @param taken events taken since the last pause
     * @param nowMs the steady clock
     * @return the pause in nanoseconds, 0 for none
     */
    long nextNs(int taken, long nowMs) {
        if (nowMs - windowMs >= WINDOW_MS) {
            // A window that lasted longer had fewer events a millisecond.
            many = nowMs - windowMs < 2 * WINDOW_MS && events >= MANY;
            windowMs = nowMs;
            events = 0;
        }
        events += taken;
        return many ? PAUSE_NS : 0;
    }
}
