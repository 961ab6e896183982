package bcast.cluster.gossip.overlay;

/** Limits and times of this package, for tests of whole nodes. */
public final class OverlayLimits {

    public static final long DEAD_MS = Liveness.DEAD_MS;
    public static final long DOUBT_MS = Liveness.DOUBT_MS;
    public static final long GREETING_MS = Liveness.GREETING_MS;
    public static final int MAX_FAULTS = ActiveView.MAX_FAULTS;
    public static final long MAX_PAUSE_MS = AddressBook.MAX_PAUSE_MS;
    public static final int MESH = Membership.MESH;
    public static final long SHUT_OUT_MS = ShutOuts.SHUT_OUT_MS;

    private OverlayLimits() {}
}
