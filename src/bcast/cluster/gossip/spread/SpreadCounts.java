package bcast.cluster.gossip.spread;

/** Names of the counters of spreading. */
public final class SpreadCounts {

    /** Counts records that arrived on links, whether they were new or not. */
    public static final String RECEIVED = "push_received";

    /** Counts records that arrived although they were held. */
    public static final String DUPLICATES = "push_duplicates";

    /** Counts records pushed on links. */
    public static final String PUSHED = "pushed";

    /** Counts records asked for because the tree did not bring them. */
    public static final String GRAFTS = "grafts";

    /** Counts changes of the parent in the tree. */
    public static final String PARENT_CHANGES = "tree_parent_changes";

    private SpreadCounts() {}
}
