package bcast.http.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps web pages of other origins from posting. A post may have any content type, so a browser
 * sends one without a preflight; but it always adds {@code Origin}, which other programs do not. A
 * page whose own name was rebound to this node's address has the same name in {@code Origin} and
 * {@code Host}, so the name in {@code Host} must also be one that nobody else can own.
 */
final class OriginCheck {

    /** Longest part of a header that is repeated in an error, in characters. */
    private static final int SHOWN_CHARS = 100;

    private final Set<String> allowedHosts;
    private final Optional<String> allowedOrigin;
    private volatile Set<String> ownNames;

    /**
     * Allows IP literals, localhost, this host's name, and the given names; and pages of one other
     * origin, or with {@code *} of all.
     */
    OriginCheck(Set<String> allowedHosts, Optional<String> allowedOrigin) {
        this.allowedOrigin = allowedOrigin;
        this.allowedHosts = new HashSet<>();
        allowedHosts.forEach(host -> this.allowedHosts.add(WebOrigin.canonical(host)));
    }

    /** Whether the request comes from a page of an origin that may read and write. */
    boolean allows(Call call) {
        return allowedOrigin.isPresent() && call.header("Origin").filter(origin ->
                allowedOrigin.get().equals("*") || same(allowedOrigin.get(), origin)).isPresent();
    }

    private static boolean same(String one, String other) {
        return one.equalsIgnoreCase(other) || WebOrigin.ofOrigin(one).isPresent()
                && WebOrigin.ofOrigin(one).equals(WebOrigin.ofOrigin(other));
    }

    /** Adds the headers that let a page of an allowed origin read (WHATWG Fetch, section 3.2). */
    void answer(Call call) {
        if (allowedOrigin.isEmpty()) {
            return;
        }
        call.addHeader("Vary", "Origin");
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
        Optional<WebOrigin> page = origin.flatMap(WebOrigin::ofOrigin);
        if (page.isPresent() && allowedHosts.contains(page.get().host())) {
            return Optional.empty();
        }
        if (fetchSite.equals("cross-site")) {
            return Optional.of("a page of another site");
        }
        if (origin.isEmpty()) {
            return Optional.empty();
        }
        if (page.isEmpty() || !page.equals(WebOrigin.ofHost(page.get().scheme(), host))) {
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
            Set<String> names = new HashSet<>();
            try {
                String name = InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
                names.add(name);
                names.add(name + ".local");
            } catch (UnknownHostException e) {
                // This host has no name, so no name is its own.
                names.clear();
            }
            ownNames = names;
        }
        return ownNames;
    }
}
