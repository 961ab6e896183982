package bcast.cluster.gossip.spread;

/** Limits and times of this package, for tests of whole nodes. */
public final class SpreadLimits {

    public static final long AGAIN_MS = Acks.AGAIN_MS;

    private SpreadLimits() {}
}
