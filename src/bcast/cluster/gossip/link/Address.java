package bcast.cluster.gossip.link;

import bcast.base.HostPort;

/**
 * Where a node listens for links.
 *
 * @param host an IP literal or a name; empty where the other side knows it better
 * @param port TCP port, 0..65535
 */
public record Address(String host, int port) {

    /** Longest host in characters: a DNS name has at most 253. */
    public static final int MAX_HOST_CHARS = HostPort.MAX_HOST_CHARS;

    /** {@return whether only processes of one machine can mean this host} */
    public boolean loopback() {
        return host.startsWith("127.") || host.equals("::1") || host.equals("0:0:0:0:0:0:0:1");
    }

    /**
     * {@return whether the host is a link-local address of IPv6, which means nothing on another
     * link, and whose zone means nothing on another host}
     */
    public boolean linkLocal() {
        return HostPort.linkLocal(host);
    }

    /**
     * Fills in what only the receiver of an address can see.
     *
     * @param remoteHost the sender's IP literal, as the receiver sees it
     * @return this address, with that host if it has none that means anything to the receiver
     */
    public Address seenAt(String remoteHost) {
        return host.isEmpty() || linkLocal() ? new Address(remoteHost, port) : this;
    }

    /** {@return whether the host is an IP literal, which needs no lookup} */
    public boolean literal() {
        return HostPort.literal(host);
    }

    /** {@return whether it can be dialled} */
    public boolean dialable() {
        return !host.isEmpty() && port != 0;
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
