package bcast.cluster.net;

/** What is counted of links, besides {@link bcast.cluster.net.discovery.Admission#REFUSED_FAR}. */
public final class LinkCounts {

    /** Counts bytes sent to compare stores with peers, without the records themselves. */
    public static final String SYNC_BYTES = "sync_bytes_sent";
    /** Counts links closed because too much waited for them when there was no room for more. */
    public static final String TOO_MUCH_WAITS = "links_too_much_waits";
    /** Counts links closed because the other side broke the protocol. */
    public static final String BROKE_PROTOCOL = "links_broke_protocol";
    /** Counts links refused because too many from their address had not greeted. */
    public static final String REFUSED_MANY = "links_refused_many";
    /** Counts links refused because their address is shut out. */
    public static final String REFUSED_SHUT_OUT = "links_refused_shut_out";
    /** Counts addresses shut out. */
    public static final String SHUT_OUT = "addresses_shut_out";

    private LinkCounts() {}
}
