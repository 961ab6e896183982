package bcast.base;

/**
 * The time up to which records may be deleted. A wall clock that jumps must not empty a store:
 * while wall clock and steady clock disagree about how much time has passed, the earlier of the two
 * counts. After a whole retention the wall clock is trusted again: by then every record held at
 * the jump has expired by the steady clock as well. Used by one thread at a time.
 */
public final class SafeClock {

    private final Clock clock;
    private final long maxSkewMs;
    private final long retentionMs;
    private long offsetMs;
    private long jumpedAtMs = -1;

    /**
     * Trusts the wall clock as it is now.
     *
     * @param clock both clocks
     * @param maxSkewMs difference between the two that counts as a jump
     * @param retentionMs time after a jump until the wall clock is trusted again
     */
    public SafeClock(Clock clock, long maxSkewMs, long retentionMs) {
        this.clock = clock;
        this.maxSkewMs = maxSkewMs;
        this.retentionMs = retentionMs;
        this.offsetMs = clock.wallMs() - clock.steadyMs();
    }

    /**
     * Reads both clocks. Must be called regularly, since it measures the time between calls.
     *
     * @return Unix milliseconds: the wall clock, or an earlier time while it is not trusted
     */
    public long nowMs() {
        long wall = clock.wallMs();
        long steady = clock.steadyMs();
        long drift = wall - steady - offsetMs;
        boolean jumped = Math.abs(drift) > maxSkewMs;
        if (jumped && jumpedAtMs < 0) {
            jumpedAtMs = steady;
        }
        if (!jumped || steady - jumpedAtMs >= retentionMs) {
            jumpedAtMs = -1;
            offsetMs += drift;
            return wall;
        }
        return Math.min(wall, steady + offsetMs);
    }

    /** {@return whether the wall clock was not trusted at the last call of {@link #nowMs}} */
    public boolean jumped() {
        return jumpedAtMs >= 0;
    }
}
