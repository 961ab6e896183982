package bcast.cluster;

/**
 * Decides how long the cluster's thread pauses so that events come together. Each time that it
 * handles events costs each peer one or two wake-ups, which is much more than the cost of a record.
 * That matters only from some thousand records a second on. A pause costs a wake-up as well, so
 * there is one only if several events come in it.
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

    /** Returns the next pause, 0 for none, after this number of events since the last one. */
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
