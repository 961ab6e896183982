package bcast.eventbus;

import java.util.Optional;

/** A subscriber's queue, from which one thread takes. */
public interface Subscription extends AutoCloseable {

    /**
     * {@return the oldest event, once there is one; {@link #close} does not end the wait}
     *
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    Event take() throws InterruptedException;

    /** {@return the oldest event, taken from the queue, or empty if none waits} */
    Optional<Event> poll();

    /**
     * {@return the number of events that this subscriber lost since the last call} Those are
     * dropped events, each counted before {@code arrived} runs for it, and those whose publishers
     * waited when the subscription was closed.
     */
    long missed();

    /**
     * Ends the subscription, any number of times, on any thread. No event published afterwards
     * arrives, publishers that wait go on within 1 s, and queued events can still be taken.
     */
    @Override
    void close();
}
