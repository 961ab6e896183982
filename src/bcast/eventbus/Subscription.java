package bcast.eventbus;

import java.util.Optional;

/**
 * A subscriber's queue. One thread takes from it; {@link #close} may be called by any, any number
 * of times.
 */
public interface Subscription extends AutoCloseable {

    /**
     * Takes the oldest event, waiting for one. Only an interrupt ends the wait, {@link #close} does
     * not.
     *
     * @return the event
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    Event take() throws InterruptedException;

    /** {@return the oldest event, taken from the queue, or empty if none waits} */
    Optional<Event> poll();

    /**
     * Counts the events that this subscriber did not receive: those dropped since the last call,
     * and those whose publishers waited when the subscription was closed. A dropped event is
     * counted before {@code arrived} runs for it. The events themselves are lost: a subscriber that
     * needs them has to read them elsewhere, such as from the store.
     *
     * @return the number of events
     */
    long missed();

    /**
     * Ends the subscription. No event published afterwards arrives, publishers that wait go on
     * within 1 s, and queued events can still be taken.
     */
    @Override
    void close();
}
