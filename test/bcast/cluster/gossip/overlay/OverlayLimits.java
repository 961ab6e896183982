package bcast.cluster.gossip.overlay;

/** Limits and times of this package, for tests of whole nodes. */
public final class OverlayLimits {

    public static final int MAX_FAULTS = ActiveView.MAX_FAULTS;
    public static final int MESH = Membership.MESH;
    public static final long SHUT_OUT_MS = ActiveView.SHUT_OUT_MS;

    private OverlayLimits() {}
}
