package bcast.eventbus;

import java.util.Optional;

/**
 * A subscriber's queue. One thread takes from it; {@link #close} may be called by any, any number
 * of times.
 */
public interface Subscription extends AutoCloseable {

    /**
     * Takes the oldest event, waiting for one. It is not woken by {@link #close}, but by an
     * interrupt only.
     *
     * @return the event
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    Event take() throws InterruptedException;

    /** {@return the oldest event, taken from the queue, or empty if none waits} */
    Optional<Event> poll();

    /**
     * Counts the events that this subscriber did not get: those dropped since the last call,
     * and those whose publishers waited when the subscription was closed. What was dropped is
     * counted by the time {@code arrived} runs for it. Which ones they were is not known: a
     * subscriber that needs all has to look elsewhere, such as in the store.
     *
     * @return the number of events
     */
    long missed();

    /**
     * Ends the subscription. No event published afterwards arrives, publishers that wait go on
     * within 1 s, and what is queued can still be taken.
     */
    @Override
    void close();
}
