package bcast.eventbus;

import java.util.Set;

/** Brings events to subscribers. Safe for use by any thread. */
public interface EventBus {

    /** What happens to an event that finds a subscriber's queue full. */
    enum WhenFull {
        /** The publisher waits until the subscriber has taken one. */
        WAIT,
        /** The event is dropped for this subscriber, counted, and the subscriber is told. */
        DROP
    }

    /**
     * Brings an event to every subscriber of its kind. Blocks only for subscribers that chose
     * {@link WhenFull#WAIT}.
     *
     * @param event what happened
     */
    void publish(Event event);

    /**
     * Begins a subscription with a queue of its own.
     *
     * @param name who subscribes; for logs and counts
     * @param kinds the events wanted
     * @param capacity most events that may wait in the queue
     * @param whenFull what happens beyond that
     * @param arrived run after each event is queued, on the publisher's thread; must not block
     * @return the subscription, until it is closed
     */
    Subscription subscribe(String name, Set<Class<? extends Event>> kinds, int capacity,
            WhenFull whenFull, Runnable arrived);
}
