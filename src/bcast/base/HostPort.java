package bcast.base;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Pattern;

/** Addresses as people write them. */
public final class HostPort {

    /** Longest host in characters: a DNS name has at most 253. */
    public static final int MAX_HOST_CHARS = 253;

    private static final int MAX_PORT = 65_535;

    private static final Pattern IPV4 = Pattern.compile(
            "((25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(25[0-5]|2[0-4]\\d|1?\\d?\\d)");

    /** RFC 4291: fe80::/10. */
    private static final Pattern LINK_LOCAL = Pattern.compile("(?i)fe[89ab][0-9a-f]:.*");

    private HostPort() {}

    /**
     * Reads an address.
     *
     * @param text {@code host:port}; IPv6 as {@code [addr]:port}
     * @return the host and the port, which is in 0..65535; nothing is looked up
     * @throws IllegalArgumentException if it is anything else; the message says why
     */
    public static InetSocketAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || colon == text.length() - 1) {
            throw new IllegalArgumentException("\"" + text + "\" is not host:port");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw new IllegalArgumentException("\"" + text + "\": write IPv6 as [addr]:port");
        }
        if (host.isEmpty() || host.length() > MAX_HOST_CHARS) {
            throw new IllegalArgumentException("\"" + text + "\" has no host of 1.."
                    + MAX_HOST_CHARS + " characters");
        }
        return InetSocketAddress.createUnresolved(host, port(text.substring(colon + 1)));
    }

    /**
     * Reads a port.
     *
     * @param text a whole number
     * @return the port
     * @throws NumberFormatException if it is no number
     * @throws IllegalArgumentException if it is not in 0..65535
     */
    public static int port(String text) {
        int port = Integer.parseInt(text);
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("not in 0.." + MAX_PORT);
        }
        return port;
    }

    /**
     * Tells literals from names.
     *
     * @param host a host, IPv6 without brackets
     * @return whether it is an IP literal, which needs no lookup
     */
    public static boolean literal(String host) {
        return host.contains(":") ? host.matches("[0-9a-fA-F:.]+(%[^%/\\s]+)?")
                : IPV4.matcher(host).matches();
    }

    /**
     * Tells addresses that mean nothing on another link, and whose zone means nothing on another
     * host.
     *
     * @param host a host, IPv6 without brackets
     * @return whether it is a link-local address of IPv6
     */
    public static boolean linkLocal(String host) {
        return LINK_LOCAL.matcher(host).matches();
    }

    /**
     * Writes a host.
     *
     * @param address its address
     * @return the address; of IPv6 in brackets, the longest run of zeros left out (RFC 5952)
     */
    public static String host(InetAddress address) {
        String host = address.getHostAddress();
        return host.contains(":") ? "[" + host.replaceFirst("(^|:)(0(:|$)){2,8}", "::") + "]"
                : host;
    }

    /**
     * Writes where a peer is.
     *
     * @param address a host, which need not be looked up, and a port
     * @return {@code host:port}
     */
    public static String of(InetSocketAddress address) {
        String host = address.getHostString();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /**
     * Writes where a server listens.
     *
     * @param address where it was to be bound
     * @return {@code host:port}, or {@code port n} if it is bound to all addresses
     */
    public static String listening(InetSocketAddress address) {
        return address.getAddress().isAnyLocalAddress() ? "port " + address.getPort()
                : host(address.getAddress()) + ":" + address.getPort();
    }
}
