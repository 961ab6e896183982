package bcast.http;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/** One request and its answer. Belongs to the request's thread. */
final class Call implements LineDelivery.Request {

    /** Larger writes make the JDK allocate twice their size a connection. */
    static final int PIECE_BYTES = 64 * 1024;

    /** A body of any length must go on by so much within a deadline. */
    private static final int PROGRESS_BYTES = 16 * 1024;

    /** Of an answer that is made while it is sent. */
    static final long UNKNOWN_LENGTH = -1;

    /** First allocation for a body: what clients claim costs nothing until it arrives. */
    private static final int FIRST_BODY_BYTES = 4 * 1024;

    private final HttpExchange exchange;
    private final Deadlines deadlines;
    private final InetAddress address;
    private Map<String, String> query;
    private Bodies bodies;
    private long bodyBytes;
    private long answerBytes;
    private long answeringMs;
    private long longestMs = Long.MAX_VALUE;
    private LongUnaryOperator patience = Deadlines.PHASE;
    private String cutCount = MetricNames.CLIENTS_CUT;

    Call(HttpExchange exchange, ClientAddress addresses, Deadlines deadlines, Bodies bodies) {
        this.exchange = exchange;
        this.address = addresses.of(exchange);
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

    /** All lines of a header whose value is a list, in one (RFC 9110, section 5.3). */
    String list(String name) {
        return String.join(", ", exchange.getRequestHeaders().getOrDefault(name, List.of()));
    }

    /** A parameter of the query, decoded, or empty if it is not there. */
    Optional<String> query(String name) throws HttpError {
        if (query == null) {
            String raw = exchange.getRequestURI().getRawQuery();
            query = raw == null ? Map.of() : Query.parse(raw);
        }
        return Optional.ofNullable(query.get(name));
    }

    /** A parameter of the query that is a number. */
    Optional<Long> number(String name, long min, long max) throws HttpError {
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

    /** Reads the body. A longer one is refused, without reading it all. */
    byte[] body(int limit) throws IOException, HttpError {
        long claimed = header("Content-Length").map(Call::wholeNumber).orElse(-1L);
        if (claimed > limit) {
            throw tooLarge(limit);
        }
        deadlines.extend();
        InputStream in = exchange.getRequestBody();
        byte[] body = room(claimed < 0 ? FIRST_BODY_BYTES
                : (int) Math.min(claimed + 1, FIRST_BODY_BYTES));
        int length = 0;
        while (true) {
            int read = read(in, body, length, body.length - length);
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

    /** The JDK takes a chunk's length from ffffffff on as negative, and then fails like this. */
    private static int read(InputStream in, byte[] target, int from, int length)
            throws IOException {
        try {
            return in.read(target, from, length);
        } catch (IndexOutOfBoundsException e) {
            throw new IOException("a chunk of a length that cannot be", e);
        }
    }

    private byte[] room(int bytes) throws HttpError {
        take(bytes);
        return new byte[bytes];
    }

    /** What is taken from now on comes from here; nothing may be taken yet. */
    void takeFrom(Bodies memory) {
        if (bodyBytes > 0) {
            throw new IllegalStateException("memory was taken elsewhere");
        }
        bodies = memory;
    }

    /** Takes memory for the body. All that a request took is given back when it is closed. */
    @Override
    public void take(int bytes) throws HttpError {
        try {
            bodies.take(bytes);
        } catch (HttpError full) {
            // The rest of the body is still on its way.
            exchange.getResponseHeaders().set("Connection", "close");
            throw full;
        }
        bodyBytes += bytes;
    }

    /** Gives back some of what was taken. */
    @Override
    public void giveBack(int bytes) {
        bodies.giveBack(bytes);
        bodyBytes -= bytes;
    }

    @Override
    public void extend() {
        deadlines.extend();
    }

    /** The body, to be read piece by piece; the client has a deadline for each. */
    Lines.Source bodySource() {
        InputStream in = exchange.getRequestBody();
        deadlines.extend();
        return new Lines.Source() {
            private int progress;

            @Override
            public int read(byte[] target, int from, int length) throws IOException {
                int read = Call.read(in, target, from, length);
                progress += Math.max(read, 0);
                if (progress >= PROGRESS_BYTES) {
                    progress = 0;
                    deadlines.extend();
                }
                return read;
            }

            @Override
            public void take(int bytes) throws HttpError {
                Call.this.take(bytes);
            }
        };
    }

    private static long wholeNumber(String text) {
        try {
            return Long.parseLong(text);
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

    void addHeader(String name, String value) {
        exchange.getResponseHeaders().add(name, value);
    }

    void answerJson(int status, String json) throws IOException {
        answerJson(status, json.getBytes(StandardCharsets.UTF_8));
    }

    void answerJson(int status, byte[] json) throws IOException {
        answer(status, Variant.JSON, json);
    }

    void answerError(HttpError error) throws IOException {
        answerJson(error.status, Reply.of(error).json());
    }

    /** Answers with a whole body. */
    void answer(int status, String type, byte[] body) throws IOException {
        OutputStream out = begin(status, type, body.length);
        if (!isHead()) {
            write(out, body, 0, body.length);
        }
        finish(out);
    }

    /** Answers without a body. */
    void answerNothing(int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
        finish(exchange.getResponseBody());
    }

    /** Begins an answer, of a known length or not. For HEAD nothing may be written. */
    OutputStream begin(int status, String type, long length) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        if (isHead() && length >= 0) {
            exchange.getResponseHeaders().set("Content-Length", Long.toString(length));
        }
        answeringMs = deadlines.nowMs();
        deadlines.extend();
        boolean bodiless = isHead() || length == 0;
        // To the JDK's server -1 means no body, and 0 one of unknown length.
        exchange.sendResponseHeaders(status, bodiless ? -1 : Math.max(length, 0));
        return exchange.getResponseBody();
    }

    /**
     * Ends an answer that was written whole. After a failure nothing more may be called:
     * with JDK 17 a stream that is closed once more leaves the connection open for ever.
     */
    void finish(OutputStream out) throws IOException {
        // Without it a client that still sends does not see the answer before the reset.
        out.flush();
        out.close();
    }

    /** Writes a piece of at most {@link #PIECE_BYTES}; the client has a deadline for each. */
    void write(OutputStream out, byte[] piece, int from, int length) throws IOException {
        if (deadlines.nowMs() - answeringMs > longestMs) {
            breakOff();
            deadlines.cutByHand();
            throw new IOException("the client took longer for the answer than it may");
        }
        deadlines.extend(patience);
        out.write(piece, from, length);
        answerBytes += length;
    }

    /** Says how long the client may take for each piece, see {@link Deadlines#extend}. */
    void setPatience(LongUnaryOperator patience) {
        this.patience = patience;
    }

    /** Says how long the client may take for the whole answer. */
    void setLongestMs(long longest) {
        this.longestMs = longest;
    }

    /** Says what is counted if the client is cut. */
    void setCutCount(String name) {
        this.cutCount = name;
    }

    String cutCount() {
        return cutCount;
    }

    /** Bytes of the answer's body before compression. */
    long answerBytes() {
        return answerBytes;
    }

    /** The answer's status, -1 before there is one. */
    int status() {
        return exchange.getResponseCode();
    }

    /** Where the client is, as far as trusted proxies say. */
    InetAddress address() {
        return address;
    }

    /** Path and query, as they were sent. */
    String target() {
        return exchange.getRequestURI().toString();
    }

    Deadlines deadlines() {
        return deadlines;
    }

    boolean isHead() {
        return method().equals("HEAD");
    }

    boolean answered() {
        return status() >= 0;
    }

    /**
     * An answer that has begun cannot be whole any more: its end must not look like one. Closing an
     * exchange ends its body as it should be, but not on an interrupted thread.
     */
    void breakOff() {
        Thread.currentThread().interrupt();
    }

    /** Gives back what the request took. */
    void free() {
        bodies.giveBack(bodyBytes);
    }

    /** Ends a request that was answered. */
    void close() {
        exchange.close();
    }
}
