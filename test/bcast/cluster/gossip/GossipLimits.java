package bcast.cluster.gossip;

/** Limits and times of this package, for tests of whole nodes. */
public final class GossipLimits {

    public static final long ALONE_MS = Readiness.ALONE_MS;
    public static final long TICK_MS = Gossip.TICK_MS;

    private GossipLimits() {}
}
