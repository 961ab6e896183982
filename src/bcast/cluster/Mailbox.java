package bcast.cluster;

import java.nio.channels.Selector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/**
 * The only door to the cluster's thread. Other threads leave tasks here for it to run, or report
 * that an event was queued on its subscription, and wake it.
 */
final class Mailbox implements Executor {

    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    /** Whether the thread looks for events before it next waits. */
    private volatile boolean awake;

    /** A mailbox whose owner waits on a selector. */
    Mailbox(Selector selector) {
        this.selector = selector;
    }

    // ---- called by any thread

    /** Leaves a task and wakes the owner. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** Reports an event. Only the first report after {@link #sleeps} has to wake the owner. */
    void eventQueued() {
        if (!awake) {
            awake = true;
            selector.wakeup();
        }
    }

    // ---- called by the owner

    /** From now on events wake the owner, which has to look for those that were queued before. */
    void sleeps() {
        awake = false;
    }

    /** Until {@link #sleeps} the owner looks for events by itself. */
    void wakes() {
        awake = true;
    }

    /** Runs all tasks. */
    void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }
}
