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

    /** Longest host in characters: a DNS name has at most 253. */
    public static final int MAX_HOST_CHARS = 253;

    /** {@return whether only processes of one machine can mean this host} */
    public boolean loopback() {
        return host.startsWith("127.") || host.equals("::1") || host.equals("0:0:0:0:0:0:0:1");
    }

    /** {@return whether the host is an IP literal, which needs no lookup} */
    public boolean literal() {
        return host.contains(":") ? host.matches("[0-9a-fA-F:.]+(%[0-9a-zA-Z._-]+)?")
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
