package bcast.http.server;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The origin of a web page (RFC 6454, section 4), normalised so that equal origins are equal.
 *
 * @param scheme {@code http} or {@code https}
 * @param host name in lower case, without the dot at its end, or an IP address
 * @param port the scheme's own if none was written
 */
record WebOrigin(String scheme, String host, int port) {

    private static final Pattern ORIGIN = Pattern.compile("(https?)://(.+)",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern HOST = Pattern.compile("([^\\[\\]:/?#@\\s]+|\\[[^\\[\\]/?#@\\s]+])"
            + "(?::(\\d{0,5}))?");

    /** Reads {@code Origin}; empty for {@code null}, other schemes, and whatever is malformed. */
    static Optional<WebOrigin> ofOrigin(String origin) {
        Matcher parts = ORIGIN.matcher(origin);
        return parts.matches() ? ofHost(parts.group(1).toLowerCase(Locale.ROOT), parts.group(2))
                : Optional.empty();
    }

    /** Reads {@code Host} of a request by this scheme. */
    static Optional<WebOrigin> ofHost(String scheme, String host) {
        Matcher parts = HOST.matcher(host);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String port = parts.group(2);
        return Optional.of(new WebOrigin(scheme, canonical(parts.group(1)),
                port == null || port.isEmpty() ? scheme.equals("https") ? 443 : 80
                : Integer.parseInt(port)));
    }

    /** In brackets only if it is IPv6: one that stands for IPv4 has become that. */
    private static String written(InetAddress address) {
        return address instanceof Inet6Address ? "[" + address.getHostAddress() + "]"
                : address.getHostAddress();
    }

    /** One form of a host for all ways to write it. */
    static String canonical(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.startsWith("[")) {
            return IpLiteral.parseHost(name).map(WebOrigin::written).orElse(name);
        }
        return name.endsWith(".") && name.length() > 1 ? name.substring(0, name.length() - 1)
                : name;
    }
}
