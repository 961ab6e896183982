package bcast.http.server;

import bcast.base.HostNetwork;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The line, the headers and the client of a request. Belongs to the request's thread. */
abstract class RequestHead {

    /** The request as the JDK's server has read it. */
    final HttpExchange exchange;
    private final InetAddress address;
    private Map<String, String> query;

    RequestHead(HttpExchange exchange, InetAddress address) {
        this.exchange = exchange;
        this.address = address;
    }

    /** {@return the client's address, as trusted proxies report it} */
    public InetAddress address() {
        return address;
    }

    /** {@return the address under which all limits by address count the request} */
    public InetAddress limitedAddress() {
        return HostNetwork.of(address);
    }

    /** {@return the method} */
    public String method() {
        return exchange.getRequestMethod();
    }

    String path() {
        return exchange.getRequestURI().getRawPath();
    }

    /**
     * The first line of a header.
     *
     * @param name its name, in any case
     * @return its value, or empty if there is none
     */
    public Optional<String> header(String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    /**
     * All lines of a header whose value is a list, in one (RFC 9110, section 5.3).
     *
     * @param name its name, in any case
     * @return the values, joined by commas; blank if there is none
     */
    public String list(String name) {
        return String.join(", ", exchange.getRequestHeaders().getOrDefault(name, List.of()));
    }

    /**
     * Whether a client prefers one form of the answer to the usual one (RFC 9110, section 12).
     *
     * @param header {@code Accept} or {@code Accept-Encoding}
     * @param form the form in question
     * @param usual the form that it gets otherwise
     * @return whether it gives the form more weight, or the same and names it
     */
    public boolean prefers(String header, String form, String usual) {
        return AcceptHeader.prefers(list(header), form, usual);
    }

    /** {@return whether the method is HEAD} */
    public boolean isHead() {
        return method().equals("HEAD");
    }

    /** Path and query, as they were sent. */
    String target() {
        return exchange.getRequestURI().toString();
    }

    /**
     * A parameter of the query.
     *
     * @param name its name
     * @return its decoded value, or empty if it is not there
     * @throws HttpError if the query is malformed
     */
    public Optional<String> query(String name) throws HttpError {
        if (query == null) {
            String raw = exchange.getRequestURI().getRawQuery();
            query = raw == null ? Map.of() : Query.parse(raw);
        }
        return Optional.ofNullable(query.get(name));
    }

    /**
     * A parameter of the query that is a whole number.
     *
     * @param name its name
     * @param min least value allowed, not negative
     * @param max largest value allowed
     * @return its value, or empty if it is not there
     * @throws HttpError if it is anything else
     */
    public Optional<Long> number(String name, long min, long max) throws HttpError {
        Optional<String> text = query(name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        long number = wholeNumber(text.get());
        if (number < min || number > max) {
            throw new HttpError(400, "malformed",
                    name + " is not a whole number in " + min + ".." + max);
        }
        return Optional.of(number);
    }

    private static long wholeNumber(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
