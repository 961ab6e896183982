package bcast.cluster.net;

import bcast.cluster.gossip.link.Input;

/**
 * Receives what happens on links. {@link #later} may be called by any thread; all else is called on
 * the cluster's thread and must not block for longer than the records under judgement take.
 */
public interface LinkListener {

    /**
     * Handles {@link Input.Opened}, {@link Input.DialFailed}, {@link Input.Got},
     * {@link Input.Alive}, {@link Input.Overflowed}, {@link Input.Drained} or
     * {@link Input.Closed}. It may send on links, close them and connect to others before it
     * returns.
     *
     * @param input what happened
     */
    void handle(Input input);

    /**
     * Runs a task on the cluster's thread after what that thread is doing now.
     *
     * @param task the task
     */
    void later(Runnable task);

    /** {@return whether there is room for records that a link brings} */
    boolean mayRead();
}
