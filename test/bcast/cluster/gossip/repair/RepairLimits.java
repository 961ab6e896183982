package bcast.cluster.gossip.repair;

/** Limits and times of this package, for tests of whole nodes. */
public final class RepairLimits {

    public static final long LARGER_ID_DELAY_MS = RoundSchedule.LARGER_ID_DELAY_MS;
    public static final long STALL_MS = RoundPace.STALL_MS;

    private RepairLimits() {}
}
