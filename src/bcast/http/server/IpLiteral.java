package bcast.http.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * IP addresses as text, read without a lookup: IPv4 as four decimal numbers without leading zeros,
 * IPv6 as in RFC 4291, section 2.2, without a zone.
 */
public final class IpLiteral {

    private static final String BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final Pattern IPV4 = Pattern.compile("(" + BYTE + "\\.){3}" + BYTE);
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");

    /** IPv4, or IPv6 in brackets, and a port, which proxies may obfuscate (RFC 7239). */
    private static final Pattern WITH_PORT = Pattern.compile(
            "(?:([0-9.]+)|\\[([^\\[\\]]+)]):(?:\\d{1,5}|_[\\w.-]+)");

    private IpLiteral() {}

    /** Reads an address; IPv6 that stands for IPv4 ({@code ::ffff:…}) becomes that. */
    public static Optional<InetAddress> parse(String text) {
        boolean v6 = text.contains(":") && IPV6.matcher(text).matches();
        if (!v6 && !IPV4.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            // The JDK looks up no name in brackets.
            return Optional.of(InetAddress.getByName(v6 ? "[" + text + "]" : text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** An address as in a URL: IPv6 is in brackets. */
    static Optional<InetAddress> parseHost(String host) {
        if (host.startsWith("[") && host.endsWith("]") && host.contains(":")) {
            return parse(host.substring(1, host.length() - 1));
        }
        return host.contains(":") ? Optional.empty() : parse(host);
    }

    /** An address as proxies write it: perhaps with a port, and IPv6 in brackets or not. */
    static Optional<InetAddress> parseNode(String node) {
        Matcher port = WITH_PORT.matcher(node);
        if (port.matches()) {
            return parse(port.group(1) == null ? port.group(2) : port.group(1));
        }
        Optional<InetAddress> host = parseHost(node);
        return host.isPresent() ? host : parse(node);
    }
}
