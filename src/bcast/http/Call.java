package bcast.http;

import bcast.data.JsonText;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** One request and its answer. Belongs to the request's thread. */
final class Call {

    /** Larger writes make the JDK allocate twice their size a connection. */
    static final int PIECE_BYTES = 64 * 1024;

    /** First allocation for a body: what clients claim costs nothing until it arrives. */
    private static final int FIRST_BODY_BYTES = 4 * 1024;

    private final HttpExchange exchange;
    private final Deadlines deadlines;
    private final Bodies bodies;
    private long bodyBytes;

    Call(HttpExchange exchange, Deadlines deadlines, Bodies bodies) {
        this.exchange = exchange;
        this.deadlines = deadlines;
        this.bodies = bodies;
    }

    String method() {
        return exchange.getRequestMethod();
    }

    String path() {
        return exchange.getRequestURI().getRawPath();
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    /** A parameter of the query, decoded, or empty if it is not there. */
    Optional<String> query(String name) throws HttpError {
        String query = exchange.getRequestURI().getRawQuery();
        if (query == null) {
            return Optional.empty();
        }
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            if (equals >= 0 && Query.decode(pair.substring(0, equals)).equals(name)) {
                return Optional.of(Query.decode(pair.substring(equals + 1)));
            }
        }
        return Optional.empty();
    }

    /** Reads the body. A longer one is refused, without reading it all. */
    byte[] body(int limit) throws IOException, HttpError {
        long claimed = header("Content-Length").map(Call::length).orElse(-1L);
        if (claimed > limit) {
            throw tooLarge(limit);
        }
        deadlines.extend();
        InputStream in = exchange.getRequestBody();
        byte[] body = room(claimed < 0 ? FIRST_BODY_BYTES
                : (int) Math.min(claimed + 1, FIRST_BODY_BYTES));
        int length = 0;
        while (true) {
            int read = in.read(body, length, body.length - length);
            if (read < 0) {
                return Arrays.copyOf(body, length);
            }
            length += read;
            if (length > limit) {
                throw tooLarge(limit);
            }
            if (length == body.length) {
                byte[] larger = room(Math.min(2 * length, limit + 1));
                System.arraycopy(body, 0, larger, 0, length);
                body = larger;
            }
        }
    }

    /** Memory for a body. All that one request took is given back when it is closed. */
    private byte[] room(int bytes) throws HttpError {
        try {
            bodies.take(bytes);
        } catch (HttpError full) {
            // The rest of the body is still on its way.
            exchange.getResponseHeaders().set("Connection", "close");
            throw full;
        }
        bodyBytes += bytes;
        return new byte[bytes];
    }

    private static long length(String header) {
        try {
            return Long.parseLong(header);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private HttpError tooLarge(int limit) {
        // The rest of the body is still on its way, so the connection cannot be used again.
        exchange.getResponseHeaders().set("Connection", "close");
        return new HttpError(413, "too_large", "The body is longer than " + limit + " bytes");
    }

    void setHeader(String name, String value) {
        exchange.getResponseHeaders().set(name, value);
    }

    void answerJson(int status, String json) throws IOException {
        answerJson(status, json.getBytes(StandardCharsets.UTF_8));
    }

    void answerJson(int status, byte[] json) throws IOException {
        OutputStream out = begin(status, json.length);
        if (!isHead()) {
            out.write(json);
        }
        finish(out);
    }

    void answerError(HttpError error) throws IOException {
        answerJson(error.status, "{\"result\":false,\"msg\":" + JsonText.quote(error.getMessage())
                + ",\"code\":\"" + error.code + "\"}");
    }

    /** Begins an answer of a known length. For HEAD nothing may be written. */
    OutputStream begin(int status, long length) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        if (isHead()) {
            exchange.getResponseHeaders().set("Content-Length", Long.toString(length));
        }
        deadlines.extend();
        exchange.sendResponseHeaders(status, isHead() || length == 0 ? -1 : length);
        return exchange.getResponseBody();
    }

    /**
     * Ends an answer that was written whole. After a failure {@link #close} alone must be called:
     * with JDK 17 a stream that is closed once more leaves the connection open for ever.
     */
    void finish(OutputStream out) throws IOException {
        // Without it a client that still sends does not see the answer before the reset.
        out.flush();
        out.close();
    }

    /** Writes a piece of at most {@link #PIECE_BYTES}; the client has a deadline for each. */
    void write(OutputStream out, byte[] piece, int length) throws IOException {
        deadlines.extend();
        out.write(piece, 0, length);
    }

    boolean isHead() {
        return method().equals("HEAD");
    }

    boolean answered() {
        return exchange.getResponseCode() >= 0;
    }

    void close() {
        bodies.giveBack(bodyBytes);
        exchange.close();
    }
}
