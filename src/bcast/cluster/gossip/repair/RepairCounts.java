package bcast.cluster.gossip.repair;

/** Names of the counters of repair. */
public final class RepairCounts {

    /** Counts rounds that this node began. */
    public static final String ROUNDS = "sync_rounds";

    /** Counts those that found the stores different. */
    public static final String ROUNDS_DIFFERENT = "sync_rounds_different";

    /** Counts those that were given up. */
    public static final String ROUNDS_STALLED = "sync_rounds_stalled";

    /** Counts those that began by asking for all records. */
    public static final String BULK = "sync_rounds_bulk";

    /** Counts those that needed a large sketch. */
    public static final String LARGE = "sync_rounds_large";

    /** Counts those that compared bucket by bucket. */
    public static final String BUCKETS = "sync_rounds_buckets";

    /** Counts links whose backlog of records was dropped. */
    public static final String OVERFLOWED = "links_overflowed";

    private RepairCounts() {}
}
