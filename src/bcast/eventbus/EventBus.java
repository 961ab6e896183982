package bcast.eventbus;

import java.util.Set;

/**
 * Brings events to subscribers. Safe for use by any thread.
 *
 * <p><b>Order.</b> Each subscriber takes the events of one publishing thread in the order in which
 * they were published; events of different threads have no defined order. Writes by a thread before
 * it publishes are visible to the thread that takes the event.
 *
 * <p><b>Delivery.</b> An event reaches once each subscription that began before it was published
 * and is not closed.
 *
 * <p><b>Full queues.</b> Each subscriber chooses what happens when its own queue is full. Two
 * modules that each subscribe with {@link WhenFull#WAIT} to events of the other would wait for each
 * other forever: the core subscribes with {@code WAIT}, the cluster with {@code DROP}.
 *
 * <p>A bus needs no thread: it runs on those of publishers and subscribers. It is not closed.
 */
public interface EventBus {

    /** What happens to an event that finds a subscriber's queue full. */
    enum WhenFull {
        /**
         * The publisher waits until there is room or the subscription is closed; subscribers that
         * it has not reached yet get the event only then.
         */
        WAIT,
        /** The new event is dropped for this subscriber alone, see {@link Subscription#missed}. */
        DROP
    }

    /**
     * Delivers an event to every subscriber of its kind. Blocks only for subscribers that chose
     * {@link WhenFull#WAIT}; an interrupt does not end that, and the thread stays interrupted.
     *
     * @param event what happened
     */
    void publish(Event event);

    /**
     * Begins a subscription with a queue of its own.
     *
     * @param name name of the subscriber, for logs and counts
     * @param kinds the events wanted: records of {@link Event}
     * @param capacity most events that wait in the queue, 1 or more
     * @param whenFull what happens beyond that
     * @param arrived runs on the publisher's thread each time an event was queued or dropped; must
     *     neither block nor throw
     * @return the subscription, until it is closed
     * @throws IllegalArgumentException if the capacity is less than 1
     */
    Subscription subscribe(String name, Set<Class<? extends Event>> kinds, int capacity,
            WhenFull whenFull, Runnable arrived);
}
