package bcast.base;

/**
 * A named thread with one task, which ends when the thread is interrupted; any other end by an
 * exception is a fault.
 */
public final class Worker {

    /** Longest time that {@link #stop} takes, in milliseconds. */
    public static final long JOIN_MS = 500;

    /** The task of the thread. */
    @FunctionalInterface
    public interface Task {
        /**
         * Runs until interrupted.
         *
         * @throws InterruptedException when asked to end
         */
        void run() throws InterruptedException;
    }

    private final Thread thread;

    /**
     * A daemon thread, not yet started.
     *
     * @param name the thread's name
     * @param task its task
     * @param fault called on that thread with its name and the exception that ended the task
     */
    public Worker(String name, Task task, FaultHandler fault) {
        thread = new Thread(() -> {
            try {
                task.run();
            } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
            } catch (Throwable e) {
                fault.failed(name, e);
            }
        }, name);
        thread.setDaemon(true);
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    /** Interrupts the task and does not wait. */
    public void interrupt() {
        thread.interrupt();
    }

    /** Interrupts the task and waits up to {@link #JOIN_MS}. Does nothing if it never started. */
    public void stop() {
        thread.interrupt();
        join(JOIN_MS);
    }

    /**
     * Waits for the task's end.
     *
     * @param ms longest wait in milliseconds
     */
    public void join(long ms) {
        if (thread == Thread.currentThread()) {
            return;
        }
        try {
            thread.join(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
