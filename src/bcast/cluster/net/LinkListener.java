package bcast.cluster.net;

import bcast.cluster.gossip.link.Input;

/**
 * Receives what happens on links. {@link #later} may be called by any thread; all else is called on
 * the cluster's thread and must not block for longer than the records under judgement take.
 */
public interface LinkListener {

    /** Handles an input; it may send on links, close them and connect to others meanwhile. */
    void handle(Input input);

    /** Runs a task on the cluster's thread after what that thread is doing now. */
    void later(Runnable task);

    /** Whether there is room for records that a link brings. */
    boolean mayRead();
}
