package bcast.http.server;

import bcast.base.Counters;
import bcast.base.Metric;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Finds the address of the client that made a request. A connection from anywhere but a trusted
 * proxy is the client's own, whatever its headers are. A trusted proxy appends the address of its
 * client to {@code X-Forwarded-For}, or to {@code Forwarded} (RFC 7239), so the headers are read
 * from the right, and only as far as trusted proxies wrote them: the first untrusted address is the
 * client's. {@code Forwarded} counts only without {@code X-Forwarded-For}, since most proxies write
 * the latter and pass the former on as the client sent it.
 */
final class ClientAddress {

    static final Metric UNUSABLE = Metric.counter("bcast_http_forwarded_unusable_total",
            "Requests of proxies in -trustproxy whose headers did not lead to the client.");

    /** Most addresses read from a header, the client's included. */
    static final int MAX_ADDRESSES = 32;

    /** Longest form of an address in a header: IPv6 with dots, brackets and a port has 53. */
    static final int MAX_CHARS = 64;

    private final Predicate<InetAddress> proxies;
    private final Counters counters;

    /** Trusts the proxies whose addresses are accepted. */
    ClientAddress(Predicate<InetAddress> proxies, Counters counters) {
        this.proxies = proxies;
        this.counters = counters;
        counters.declare(List.of(UNUSABLE));
    }

    InetAddress of(HttpExchange exchange) {
        return of(exchange.getRemoteAddress().getAddress(), exchange.getRequestHeaders());
    }

    /**
     * The client's address. Where the headers name none, such as {@code unknown} or an address that
     * is malformed, it is that of the last trusted proxy before.
     *
     * @param peer the other end of the connection
     */
    InetAddress of(InetAddress peer, Headers headers) {
        if (!proxies.test(peer)) {
            return peer;
        }
        List<String> hops = hops(headers);
        InetAddress address = peer;
        for (int i = hops.size() - 1; i >= 0; i--) {
            Optional<InetAddress> next = address(hops.get(i));
            if (next.isEmpty() || hops.size() - i > MAX_ADDRESSES) {
                counters.count(UNUSABLE);
                return address;
            }
            address = next.get();
            if (!proxies.test(address)) {
                return address;
            }
        }
        return address;
    }

    /** The addresses of the client and of all proxies but the last, in this order. */
    private static List<String> hops(Headers headers) {
        List<String> hops = new ArrayList<>();
        for (String line : headers.getOrDefault("X-Forwarded-For", List.of())) {
            for (String hop : line.split(",")) {
                if (!hop.isBlank()) {
                    hops.add(hop.strip());
                }
            }
        }
        if (hops.isEmpty()) {
            for (String line : headers.getOrDefault("Forwarded", List.of())) {
                HeaderSyntax.split(line, ',').forEach(element -> hops.add(node(element)));
            }
        }
        return hops;
    }

    /** The one {@code for} of an element of {@code Forwarded}, or a text that is no address. */
    private static String node(String element) {
        String node = "";
        for (String pair : HeaderSyntax.split(element, ';')) {
            if (pair.toLowerCase(Locale.ROOT).startsWith("for=")) {
                if (!node.isEmpty()) {
                    return "";
                }
                node = HeaderSyntax.value(pair.substring("for=".length())).orElse("unknown");
            }
        }
        return node;
    }

    private static Optional<InetAddress> address(String hop) {
        return hop.length() > MAX_CHARS ? Optional.empty() : IpLiteral.parseNode(hop);
    }
}
