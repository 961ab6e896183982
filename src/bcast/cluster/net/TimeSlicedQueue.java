package bcast.cluster.net;

import bcast.base.Clock;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A queue that is served for a limited time at once, in the order in which elements were added. At
 * least one is served each time; those left over when the time is up come first the next time.
 */
final class TimeSlicedQueue<T> {

    /**
     * Longest time slice. Clients' records and timers that wait for the thread meanwhile are late
     * by the slice and the step that was running at its end.
     */
    static final long SLICE_NS = 10_000_000;

    private final Clock clock;
    private final Set<T> waiting = new LinkedHashSet<>();
    private long untilNs;

    TimeSlicedQueue(Clock clock) {
        this.clock = clock;
    }

    /** Adds an element; one that waits already keeps its place. */
    void add(T element) {
        waiting.add(element);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void serve(Consumer<T> server) {
        untilNs = clock.steadyNs() + SLICE_NS;
        for (boolean time = true; time && !waiting.isEmpty(); time = timeLeft()) {
            T first = waiting.iterator().next();
            waiting.remove(first);
            server.accept(first);
        }
    }

    /** Whether the element that is being served may take more time. */
    boolean timeLeft() {
        return clock.steadyNs() < untilNs;
    }
}
