package bcast.http.server;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps web pages of other origins from posting. Browsers post without a preflight, but they add
 * {@code Origin}, which other programs do not. A page whose own name was rebound to this node's
 * address has that name in {@code Origin} and {@code Host}, so the name in {@code Host} must be one
 * that nobody else can own.
 */
final class OriginCheck {

    /** Longest part of a header that is repeated in an error, in characters. */
    private static final int SHOWN_CHARS = 100;

    private static final Pattern ORIGIN = Pattern.compile("(https?)://(.+)",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern HOST = Pattern.compile("([^\\[\\]:/?#@\\s]+|\\[[^\\[\\]/?#@\\s]+])"
            + "(?::(\\d{0,5}))?");

    private final Set<String> allowedHosts = new HashSet<>();
    private final Optional<String> allowedOrigin;
    private volatile Set<String> ownNames;

    /**
     * Allows IP literals, localhost, this host's name, and the given names; and pages of one other
     * origin, or with {@code *} of all.
     */
    OriginCheck(Set<String> allowedHosts, Optional<String> allowedOrigin) {
        this.allowedOrigin = allowedOrigin;
        allowedHosts.forEach(host -> this.allowedHosts.add(canonical(host)));
    }

    /** The origin of a page (RFC 6454, section 4), normalised so that equal origins are equal. */
    private record Page(String scheme, String host, int port) {}

    /** Reads {@code Origin}; empty for {@code null}, other schemes, and whatever is malformed. */
    private static Optional<Page> page(String origin) {
        Matcher parts = ORIGIN.matcher(origin);
        return parts.matches() ? page(parts.group(1).toLowerCase(Locale.ROOT), parts.group(2))
                : Optional.empty();
    }

    private static Optional<Page> page(String scheme, String host) {
        Matcher parts = HOST.matcher(host);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String port = parts.group(2);
        return Optional.of(new Page(scheme, canonical(parts.group(1)),
                port == null || port.isEmpty() ? scheme.equals("https") ? 443 : 80
                : Integer.parseInt(port)));
    }

    /** One form of a host for all ways to write it. */
    private static String canonical(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.startsWith("[")) {
            return IpLiteral.parseHost(name).map(OriginCheck::written).orElse(name);
        }
        return name.endsWith(".") && name.length() > 1 ? name.substring(0, name.length() - 1)
                : name;
    }

    /** In brackets only if it is IPv6: one that stands for IPv4 has become that. */
    private static String written(InetAddress address) {
        return address instanceof Inet6Address ? "[" + address.getHostAddress() + "]"
                : address.getHostAddress();
    }

    /** Whether the request comes from a page of an origin that may read and write. */
    boolean allows(Call call) {
        return allowedOrigin.isPresent() && call.header("Origin").filter(origin ->
                allowedOrigin.get().equals("*") || same(allowedOrigin.get(), origin)).isPresent();
    }

    private static boolean same(String one, String other) {
        return one.equalsIgnoreCase(other)
                || page(one).isPresent() && page(one).equals(page(other));
    }

    /** Adds the headers that let a page of an allowed origin read (WHATWG Fetch, section 3.2). */
    void answer(Call call) {
        if (allowedOrigin.isPresent()) {
            call.addHeader("Vary", "Origin");
        }
        if (allows(call)) {
            call.setHeader("Access-Control-Allow-Origin", call.header("Origin").orElseThrow());
            call.setHeader("Access-Control-Expose-Headers", "ETag, Link, Retry-After");
        }
    }

    /** Answers the preflight request of a browser (WHATWG Fetch, section 4.8). */
    void preflight(Call call, String methods) throws IOException {
        call.setHeader("Access-Control-Allow-Methods", methods);
        call.setHeader("Access-Control-Allow-Headers",
                "Accept, Authorization, Content-Type, If-None-Match, Last-Event-ID");
        call.setHeader("Access-Control-Max-Age", "600");
        call.answerNothing(204);
    }

    /** Refuses a write that a page of another origin may have sent. */
    void check(Call call) throws HttpError {
        if (allows(call)) {
            return;
        }
        Optional<String> refusal = refusal(call.header("Origin"), call.header("Host").orElse(""),
                call.header("Sec-Fetch-Site").orElse(""));
        if (refusal.isPresent()) {
            throw new HttpError(403, "origin", "Refused: the request comes from " + refusal.get());
        }
    }

    /**
     * Why a write is refused. A page of a host in {@code -host} may write whatever {@code Host} is,
     * since proxies rewrite that; a page of any other has to be of the very host and port that the
     * request is for, and that must be a host which nobody else can name.
     */
    Optional<String> refusal(Optional<String> origin, String host, String fetchSite) {
        Optional<Page> page = origin.flatMap(OriginCheck::page);
        if (page.isPresent() && allowedHosts.contains(page.get().host())) {
            return Optional.empty();
        }
        if (fetchSite.equals("cross-site")) {
            return Optional.of("a page of another site");
        }
        if (origin.isEmpty()) {
            return Optional.empty();
        }
        if (page.isEmpty() || !page.equals(page(page.get().scheme(), host))) {
            return Optional.of("a page of " + shown(origin.get()) + ", not of " + shown(host)
                    + "; name the page's host by -host if it is this node's");
        }
        return trusted(page.get().host()) ? Optional.empty()
                : Optional.of("a page of " + shown(host) + "; name the host by -host if it is this"
                + " node's");
    }

    private static String shown(String header) {
        return header.substring(0, Math.min(header.length(), SHOWN_CHARS));
    }

    private boolean trusted(String name) {
        return IpLiteral.parseHost(name).isPresent() || name.equals("localhost")
                || ownNames().contains(name);
    }

    /** Looked up only when a browser uses a name, since the lookup may take a while. */
    private Set<String> ownNames() {
        if (ownNames == null) {
            try {
                String name = InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
                ownNames = Set.of(name, name + ".local");
            } catch (UnknownHostException e) {
                // This host has no name, so no name is its own.
                ownNames = Set.of();
            }
        }
        return ownNames;
    }
}
