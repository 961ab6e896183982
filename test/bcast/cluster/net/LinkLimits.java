package bcast.cluster.net;

/** Limits and counts of links, for tests of whole nodes. */
public final class LinkLimits {

    /** Most links of an address that have not greeted. */
    public static final int MAX_SILENT = UnauthenticatedLinks.MAX_SILENT;

    /** Counts links refused because too many from their address had not greeted. */
    public static final String REFUSED_MANY = UnauthenticatedLinks.REFUSED_MANY;

    /** Counts addresses shut out. */
    public static final String SHUT_OUT = UnauthenticatedLinks.SHUT_OUT;

    private LinkLimits() {}
}
