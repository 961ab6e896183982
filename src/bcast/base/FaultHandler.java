package bcast.base;

/** Called when one of a node's threads fails: no node runs on without one of its threads. */
@FunctionalInterface
public interface FaultHandler {

    /**
     * A thread has ended by an exception.
     *
     * @param thread the thread's name
     * @param cause what ended it, an {@link OutOfMemoryError} included; called on that thread
     */
    void failed(String thread, Throwable cause);
}
