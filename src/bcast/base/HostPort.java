package bcast.base;

import java.net.IDN;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** Parses and formats addresses. */
public final class HostPort {

    /** Longest host in characters: a DNS name has at most 253. */
    public static final int MAX_HOST_CHARS = 253;

    /** Longest part of a host name between dots, in characters (RFC 1035, section 2.3.4). */
    static final int MAX_LABEL_CHARS = 63;

    private static final int MAX_PORT = 65_535;
    private static final int PORT_DIGITS = 5;

    /** Labels of a name, and a dot at its end; underscores are common though no RFC allows them. */
    private static final Pattern NAME = Pattern.compile(
            "([a-zA-Z0-9_-]{1," + MAX_LABEL_CHARS + "}(\\.|$))+");

    /** Looks like an IPv4 address: no top-level domain is a number (RFC 3696). */
    private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");

    private static final Pattern IPV4 = Pattern.compile(
            "((25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(25[0-5]|2[0-4]\\d|1?\\d?\\d)");

    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]+(%[^%/\\s]+)?");

    /** RFC 4291: fe80::/10. */
    private static final Pattern LINK_LOCAL = Pattern.compile("(?i)fe[89ab][0-9a-f]:.*");

    private HostPort() {}

    /**
     * {@return the host and the port, 0..65535, of a text; nothing is looked up}
     *
     * @param text {@code host:port}; IPv6 as {@code [addr]:port}
     * @throws IllegalArgumentException if it is not one; the message says why
     */
    public static InetSocketAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || colon == text.length() - 1) {
            throw new IllegalArgumentException("\"" + text + "\" is not host:port");
        }
        String host = text.substring(0, colon);
        if (host.contains(":") && !host.startsWith("[")) {
            throw new IllegalArgumentException("\"" + text + "\": write IPv6 as [addr]:port");
        }
        String known = parseHost(host);
        try {
            return InetSocketAddress.createUnresolved(known, port(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + text + "\": the port is not a whole number "
                    + "in 0.." + MAX_PORT, e);
        }
    }

    /**
     * Reads a host.
     *
     * @param text an IPv4 address, an IPv6 address in brackets, or a name: labels of letters,
     *     digits, {@code -} and {@code _} between dots
     * @return the address without brackets, or the name, its other letters in the form that name
     *     servers and browsers use (RFC 3490); nothing is looked up
     * @throws IllegalArgumentException if it is anything else; the message says what is expected
     */
    public static String parseHost(String text) {
        if (text.startsWith("[") && text.endsWith("]") && text.contains(":")) {
            String address = text.substring(1, text.length() - 1);
            if (literal(address)) {
                return address;
            }
        }
        String name = ascii(text);
        int length = name.endsWith(".") ? name.length() - 1 : name.length();
        boolean host = length <= MAX_HOST_CHARS && NAME.matcher(name).matches()
                && (literal(name) || !NUMBERS.matcher(name).matches());
        if (!host) {
            throw new IllegalArgumentException("\"" + text + "\" is not a host: expected a name "
                    + "such as news.example, an IPv4 address, or an IPv6 address in brackets");
        }
        return name;
    }

    private static String ascii(String name) {
        if (name.chars().allMatch(each -> each < 0x80)) {
            return name;
        }
        try {
            return IDN.toASCII(name, IDN.ALLOW_UNASSIGNED);
        } catch (IllegalArgumentException e) {
            // Returned unchanged, it does not match NAME.
            return name;
        }
    }

    /**
     * {@return the port that a text is}
     *
     * @param text a whole number
     * @throws NumberFormatException if it is no number
     * @throws IllegalArgumentException if it is not in 0..65535
     */
    public static int port(String text) {
        if (!text.matches("-?[0-9]+")) {
            throw new NumberFormatException("\"" + text + "\"");
        }
        if (text.length() > PORT_DIGITS || text.startsWith("-")
                || Integer.parseInt(text) > MAX_PORT) {
            throw new IllegalArgumentException("not in 0.." + MAX_PORT);
        }
        return Integer.parseInt(text);
    }

    /**
     * {@return whether a host is an IP literal, which needs no lookup}
     *
     * @param host a host, IPv6 without brackets
     */
    public static boolean literal(String host) {
        return host.contains(":") ? IPV6.matcher(host).matches() && readable(host)
                : IPV4.matcher(host).matches();
    }

    private static boolean readable(String ipv6) {
        int zone = ipv6.indexOf('%');
        try {
            // In brackets the JDK does not look it up. The zone may not exist yet.
            InetAddress.getByName("[" + (zone < 0 ? ipv6 : ipv6.substring(0, zone)) + "]");
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /**
     * Recognizes addresses that are valid on one network only, and whose zone is valid on one host
     * only.
     *
     * @param host a host, IPv6 without brackets
     * @return whether it is a link-local address of IPv6
     */
    public static boolean linkLocal(String host) {
        return LINK_LOCAL.matcher(host).matches();
    }

    /**
     * {@return an address; of IPv6 in brackets, the longest run of zeros left out (RFC 5952)}
     *
     * @param address its address
     */
    public static String host(InetAddress address) {
        String host = address.getHostAddress();
        return host.contains(":") ? "[" + host.replaceFirst("(^|:)(0(:|$)){2,8}", "::") + "]"
                : host;
    }

    /**
     * {@return {@code host:port} of a peer}
     *
     * @param address a host, which need not be looked up, and a port
     */
    public static String of(InetSocketAddress address) {
        String host = address.getHostString();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /**
     * {@return where a server listens: {@code host:port}, or {@code port n} if on all addresses}
     *
     * @param address the address it is bound to
     */
    public static String listening(InetSocketAddress address) {
        return address.getAddress().isAnyLocalAddress() ? "port " + address.getPort()
                : host(address.getAddress()) + ":" + address.getPort();
    }
}
