package bcast.cluster;

import bcast.base.Clock;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Shares the time of one thread among those that have something to do. Each comes in the order in
 * which it asked, and one at least in each turn; whatever is left when the time is over comes first
 * in the next turn. Belongs to that thread.
 */
final class Turns<T> {

    /**
     * Longest turn. What waits for the thread meanwhile, clients' records above all, is late by
     * that and by one step.
     */
    static final long TURN_NS = 10_000_000;

    private final Clock clock;
    private final Set<T> waiting = new LinkedHashSet<>();
    private long untilNs;

    Turns(Clock clock) {
        this.clock = clock;
    }

    /** Something can be done for one; if it waits already, it keeps its place. */
    void add(T one) {
        waiting.add(one);
    }

    void remove(T one) {
        waiting.remove(one);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Has some of those that wait served. */
    void take(Consumer<T> serve) {
        untilNs = clock.steadyNs() + TURN_NS;
        do {
            if (waiting.isEmpty()) {
                return;
            }
            T first = waiting.iterator().next();
            waiting.remove(first);
            serve.accept(first);
        } while (timeLeft());
    }

    /** Whether whoever is served may go on. */
    boolean timeLeft() {
        return clock.steadyNs() < untilNs;
    }
}
