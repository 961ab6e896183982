package bcast.cluster.gossip;

import java.util.regex.Pattern;

/**
 * Where a node listens for links.
 *
 * @param host an IP literal or a name; empty where the other side knows it better
 * @param port TCP port, 0..65535
 */
public record Address(String host, int port) {

    private static final Pattern IPV4 = Pattern.compile(
            "((25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(25[0-5]|2[0-4]\\d|1?\\d?\\d)");

    /** RFC 4291: fe80::/10. */
    private static final Pattern LINK_LOCAL = Pattern.compile("(?i)fe[89ab][0-9a-f]:.*");

    /** Longest host in characters: a DNS name has at most 253. */
    public static final int MAX_HOST_CHARS = 253;

    /** {@return whether only processes of one machine can mean this host} */
    public boolean loopback() {
        return host.startsWith("127.") || host.equals("::1") || host.equals("0:0:0:0:0:0:0:1");
    }

    /**
     * {@return whether the host is a link-local address of IPv6, which means nothing on another
     * link, and whose zone means nothing on another host}
     */
    public boolean linkLocal() {
        return LINK_LOCAL.matcher(host).matches();
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
        return host.contains(":") ? host.matches("[0-9a-fA-F:.]+(%[^%/\\s]+)?")
                : IPV4.matcher(host).matches();
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
