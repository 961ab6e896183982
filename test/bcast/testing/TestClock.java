package bcast.testing;

import bcast.base.Clock;

/** Clocks that a test sets: either by hand, or running with the machine's at an offset. */
public final class TestClock implements Clock {

    private static final Clock SYSTEM = Clock.system();

    private final boolean running;
    private volatile long wallMs;
    private volatile long steadyMs;

    private TestClock(boolean running, long wallMs) {
        this.running = running;
        this.wallMs = wallMs;
    }

    /** Clocks that stand still until told otherwise. */
    public static TestClock standing(long wallMs) {
        return new TestClock(false, wallMs);
    }

    /** The machine's clocks, the wall clock off by a number of milliseconds. */
    public static TestClock running(long offsetMs) {
        return new TestClock(true, offsetMs);
    }

    /** Time goes by for both clocks. */
    public void advance(long ms) {
        wallMs += ms;
        steadyMs += ms;
    }

    /** The wall clock jumps. */
    public void jump(long ms) {
        wallMs += ms;
    }

    @Override
    public long wallMs() {
        return running ? SYSTEM.wallMs() + wallMs : wallMs;
    }

    @Override
    public long steadyNs() {
        return running ? SYSTEM.steadyNs() + steadyMs * 1_000_000 : steadyMs * 1_000_000;
    }
}
