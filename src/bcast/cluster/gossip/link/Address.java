package bcast.cluster.gossip.link;

import bcast.base.HostPort;

/**
 * Where a node listens for links.
 *
 * @param host an IP literal or a name; empty where the other side knows it better
 * @param port TCP port, 0..65535
 */
public record Address(String host, int port) {

    /** Whether only processes of one machine can mean this host. */
    public boolean loopback() {
        return host.startsWith("127.") || host.equals("::1") || host.equals("0:0:0:0:0:0:0:1");
    }

    /**
     * Whether the host is a link-local address of IPv6, which means nothing on another link, and
     * whose zone means nothing on another host.
     */
    public boolean linkLocal() {
        return HostPort.linkLocal(host);
    }

    /** This address, with the sender's host as its receiver sees it unless it has a better one. */
    public Address seenAt(String remoteHost) {
        return host.isEmpty() || linkLocal() ? new Address(remoteHost, port) : this;
    }

    /** Whether the host is an IP literal, which needs no lookup. */
    public boolean literal() {
        return HostPort.literal(host);
    }

    public boolean dialable() {
        return !host.isEmpty() && port != 0;
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
