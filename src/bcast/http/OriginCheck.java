package bcast.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps web pages of other origins from posting. Any content type is taken, so a browser would
 * send such posts without asking; but it always says so in {@code Origin}, which programs do not
 * send. A page that rebinds its own name to this node's address shows the same name in both
 * headers, so a browser's {@code Host} must also be a name nobody else can own.
 */
final class OriginCheck {

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
        allowedHosts.forEach(host -> this.allowedHosts.add(host.toLowerCase(Locale.ROOT)));
    }

    /** Whether pages of other origins may read and write, and the request comes from such a one. */
    boolean allows(Call call) {
        return allowedOrigin.isPresent() && call.header("Origin").filter(origin ->
                allowedOrigin.get().equals("*") || allowedOrigin.get().equalsIgnoreCase(origin))
                .isPresent();
    }

    /** Tells a browser what a page of an allowed origin may do (WHATWG Fetch, section 3.2). */
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

    /** Answers the question that a browser asks first. */
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
        if (call.header("Sec-Fetch-Site").filter("cross-site"::equals).isPresent()) {
            throw refused("a page of another site");
        }
        Optional<String> origin = call.header("Origin");
        if (origin.isEmpty()) {
            return;
        }
        String host = call.header("Host").orElse("").toLowerCase(Locale.ROOT);
        String from = origin.get().toLowerCase(Locale.ROOT);
        int scheme = from.indexOf("://");
        if (scheme < 0 || !from.substring(scheme + 3).equals(host)) {
            throw refused("a page of another origin");
        }
        if (!trusted(withoutPort(host))) {
            throw refused("a host name that is not this node's; see -host");
        }
    }

    private static HttpError refused(String what) {
        return new HttpError(403, "origin", "Refused: the request comes from " + what);
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }

    private boolean trusted(String name) {
        return isIpLiteral(name) || name.equals("localhost") || allowedHosts.contains(name)
                || ownNames().contains(name);
    }

    /** Digits and dots only, or brackets: nobody can register such a name. */
    private static boolean isIpLiteral(String name) {
        if (name.startsWith("[") && name.endsWith("]")) {
            return true;
        }
        String[] parts = name.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (String part : parts) {
            if (!part.matches("\\d{1,3}") || Integer.parseInt(part) > 255) {
                return false;
            }
        }
        return true;
    }

    /** Asked for only when a browser uses a name, since the answer may take a while. */
    private Set<String> ownNames() {
        if (ownNames == null) {
            Set<String> names = new HashSet<>();
            try {
                String name = InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
                names.add(name);
                names.add(name + ".local");
            } catch (UnknownHostException e) {
                // This host has no name: then no name is its own.
                names.clear();
            }
            ownNames = names;
        }
        return ownNames;
    }
}
