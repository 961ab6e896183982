package bcast.http.server;

import bcast.base.Counters;
import bcast.base.Metric;
import com.sun.net.httpserver.Headers;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds the address of the client that made a request. A trusted proxy appends the address of its
 * client to {@code X-Forwarded-For}, or to {@code Forwarded} (RFC 7239), so these are read from the
 * right, and only as far as trusted proxies wrote them: the first untrusted address is the
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

    ClientAddress(Predicate<InetAddress> proxies, Counters counters) {
        this.proxies = proxies;
        this.counters = counters;
        counters.declare(List.of(UNUSABLE));
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
        List<String> hops = headers.getOrDefault("X-Forwarded-For", List.of()).stream()
                .flatMap(line -> Stream.of(line.split(","))).map(String::strip)
                .filter(hop -> !hop.isEmpty()).toList();
        return !hops.isEmpty() ? hops : headers.getOrDefault("Forwarded", List.of()).stream()
                .flatMap(line -> HeaderSyntax.split(line, ',').stream())
                .map(ClientAddress::node).toList();
    }

    /** The one {@code for} of an element of {@code Forwarded}, or a text that is no address. */
    private static String node(String element) {
        List<String> nodes = HeaderSyntax.split(element, ';').stream()
                .filter(pair -> pair.toLowerCase(Locale.ROOT).startsWith("for=")).toList();
        return nodes.size() == 1 ? HeaderSyntax.value(nodes.get(0).substring("for=".length()))
                .orElse("unknown") : "unknown";
    }

    private static Optional<InetAddress> address(String hop) {
        return hop.length() > MAX_CHARS ? Optional.empty() : IpLiteral.parseNode(hop);
    }
}
