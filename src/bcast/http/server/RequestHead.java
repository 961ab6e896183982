package bcast.http.server;

import bcast.base.HostNetwork;
import bcast.data.Utf8;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The line, the headers and the client of a request. Belongs to the request's thread. */
abstract class RequestHead {

    final HttpExchange exchange;
    private final InetAddress address;
    private Map<String, String> query;

    RequestHead(HttpExchange exchange, InetAddress address) {
        this.exchange = exchange;
        this.address = address;
    }

    /** The client's address, as trusted proxies report it. */
    public InetAddress address() {
        return address;
    }

    /** The address under which all limits by address count the request. */
    public InetAddress limitedAddress() {
        return HostNetwork.of(address);
    }

    public String method() {
        return exchange.getRequestMethod();
    }

    public boolean isHead() {
        return method().equals("HEAD");
    }

    String path() {
        return exchange.getRequestURI().getRawPath();
    }

    /** The value of the first line of a header. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    /** All lines of a header, joined by commas (RFC 9110, section 5.3); blank if there is none. */
    public String list(String name) {
        return String.join(", ", exchange.getRequestHeaders().getOrDefault(name, List.of()));
    }

    /** Whether this header gives a form more weight than the usual one, or the same by name. */
    public boolean prefers(String header, String form, String usual) {
        return HeaderSyntax.prefers(list(header), form, usual);
    }

    /** A parameter of the query, decoded. */
    public Optional<String> query(String name) throws HttpError {
        if (query == null) {
            String raw = exchange.getRequestURI().getRawQuery();
            query = raw == null ? Map.of() : parseQuery(raw);
        }
        return Optional.ofNullable(query.get(name));
    }

    /**
     * Reads the parameters of a query as browsers send them (WHATWG URL, section 5); of several
     * with one name the first counts. Bytes over 127 need no escape.
     *
     * @param raw the query as it was sent, each byte a character
     */
    static Map<String, String> parseQuery(String raw) throws HttpError {
        Map<String, String> all = new HashMap<>();
        for (String pair : raw.split("&")) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String encoded = equals < 0 ? pair : pair.substring(0, equals);
                String name = decode(encoded, encoded);
                all.putIfAbsent(name, equals < 0 ? "" : decode(name, pair.substring(equals + 1)));
            }
        }
        return all;
    }

    private static String decode(String name, String text) throws HttpError {
        byte[] utf8;
        try {
            utf8 = URLDecoder.decode(text, StandardCharsets.ISO_8859_1)
                    .getBytes(StandardCharsets.ISO_8859_1);
        } catch (IllegalArgumentException e) {
            throw malformed(name, "has a malformed percent escape");
        }
        int invalid = Utf8.firstInvalid(utf8, 0, utf8.length);
        if (invalid >= 0) {
            throw malformed(name, "is not UTF-8 at byte " + invalid);
        }
        return Utf8.decode(utf8);
    }

    private static HttpError malformed(String name, String how) {
        return new HttpError(400, "malformed", "The query parameter \"" + name + "\" " + how);
    }

    /** A parameter of the query that must be a whole number in {@code min..max}, from 0 on. */
    public Optional<Long> number(String name, long min, long max) throws HttpError {
        Optional<String> text = query(name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        long number = text.get().matches("\\d{1,18}") ? Long.parseLong(text.get()) : -1;
        if (number < min || number > max) {
            throw new HttpError(400, "malformed",
                    name + " is not a whole number in " + min + ".." + max);
        }
        return Optional.of(number);
    }
}
