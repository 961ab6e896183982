package bcast.storage;

import bcast.base.Clock;

/**
 * The time up to which records may be deleted. A wall clock that jumps must not empty a store:
 * while wall clock and steady clock disagree about how much time went by, the earlier of the two
 * counts. After a whole retention the wall clock is believed again: by then every record held at
 * the jump has expired by the steady clock as well. Used by one thread at a time.
 */
final class SafeClock {

    private final Clock clock;
    private final long maxSkewMs;
    private final long retentionMs;
    private long offsetMs;
    private long jumpedAtMs = -1;

    SafeClock(Clock clock, long maxSkewMs, long retentionMs) {
        this.clock = clock;
        this.maxSkewMs = maxSkewMs;
        this.retentionMs = retentionMs;
        this.offsetMs = clock.wallMs() - clock.steadyMs();
    }

    /** The wall clock, or an earlier time while it is not to be believed. Call it regularly. */
    long nowMs() {
        long wall = clock.wallMs();
        long steady = clock.steadyMs();
        long drift = wall - steady - offsetMs;
        if (Math.abs(drift) <= maxSkewMs) {
            jumpedAtMs = -1;
            offsetMs += drift;
            return wall;
        }
        if (jumpedAtMs < 0) {
            jumpedAtMs = steady;
        }
        if (steady - jumpedAtMs >= retentionMs) {
            jumpedAtMs = -1;
            offsetMs += drift;
            return wall;
        }
        return Math.min(wall, steady + offsetMs);
    }

    /** Whether the wall clock is not believed now. */
    boolean jumped() {
        return jumpedAtMs >= 0;
    }
}
