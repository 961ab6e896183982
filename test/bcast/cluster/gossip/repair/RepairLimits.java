package bcast.cluster.gossip.repair;

/** Limits and times of this package, for tests of whole nodes. */
public final class RepairLimits {

    public static final long CALM_MS = HighLoad.CALM_MS;
    public static final int FIRST_CELLS = SketchReader.FIRST_CELLS;
    public static final long HAND_OVER_STALL_MS = RoundInitiator.HAND_OVER_STALL_MS;
    public static final int LARGE_CELLS = SketchReader.LARGE_CELLS;
    public static final long LARGE_EVERY_MS = RoundResponder.LARGE_EVERY_MS;
    public static final long LARGE_STALL_MS = RoundInitiator.LARGE_STALL_MS;
    public static final long LONGEST_MS = HighLoad.LONGEST_MS;
    public static final int MANY = HighLoad.MANY;
    public static final long SECOND_MS = RoundSchedule.SECOND_MS;
    public static final long STALL_MS = RoundInitiator.STALL_MS;
    public static final long YOUNG_MS = RoundInitiator.YOUNG_MS;

    private RepairLimits() {}
}
