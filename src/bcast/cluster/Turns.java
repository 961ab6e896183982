package bcast.cluster;

import bcast.base.Clock;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Shares one thread's time among those that have work for it. They are served in the order in which
 * they were added, at least one in each turn; those left over when a turn's time is up are served
 * first in the next turn. Belongs to that thread.
 */
final class Turns<T> {

    /**
     * Longest turn. Clients' records and timers that wait for the thread meanwhile are late by that
     * and by the step that was under way.
     */
    static final long TURN_NS = 10_000_000;

    private final Clock clock;
    private final Set<T> waiting = new LinkedHashSet<>();
    private long untilNs;

    Turns(Clock clock) {
        this.clock = clock;
    }

    /** Adds one that has work; if it waits already, it keeps its place. */
    void add(T one) {
        waiting.add(one);
    }

    void remove(T one) {
        waiting.remove(one);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Serves those that wait until the turn is over. */
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

    /** Whether the one that is being served may go on. */
    boolean timeLeft() {
        return clock.steadyNs() < untilNs;
    }
}
