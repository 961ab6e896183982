package bcast.cluster.gossip;

/**
 * Where a node listens for links.
 *
 * @param host an IP literal or a name; empty where the other side knows it better
 * @param port TCP port, 0..65535
 */
public record Address(String host, int port) {

    /** Longest host in characters: a DNS name has at most 253. */
    public static final int MAX_HOST_CHARS = 253;

    /** {@return whether only processes of one machine can mean this host} */
    public boolean loopback() {
        return host.startsWith("127.") || host.equals("::1") || host.equals("0:0:0:0:0:0:0:1");
    }

    /** {@return whether the host is an IP literal, which needs no lookup} */
    public boolean literal() {
        return host.contains(":") || host.matches("[0-9.]+");
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
