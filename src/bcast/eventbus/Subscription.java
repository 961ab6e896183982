package bcast.eventbus;

import java.util.Optional;

/** A subscriber's queue. One thread takes from it. */
public interface Subscription extends AutoCloseable {

    /**
     * Takes the oldest event, waiting for one.
     *
     * @return the event
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    Event take() throws InterruptedException;

    /** {@return the oldest event, taken from the queue, or empty if none waits} */
    Optional<Event> poll();

    /** {@return how many events were dropped since this was last asked} */
    long missed();

    /** Ends the subscription; what waits can still be taken, waiting publishers go on. */
    @Override
    void close();
}
