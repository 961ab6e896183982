package bcast.cluster.net;

/** Limits of links, for tests of whole nodes. */
public final class LinkLimits {

    /** Most links of an address that have not greeted. */
    public static final int MAX_SILENT = Acceptor.MAX_SILENT;

    private LinkLimits() {}
}
