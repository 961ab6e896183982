package bcast.http;

import bcast.base.HostNetwork;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** One request and its answer. Belongs to the request's thread. */
final class Call {

    /**
     * Largest write. The JDK's server allocates twice the size of one and keeps that with the
     * connection, and once more outside the heap while it lasts.
     */
    static final int PIECE_BYTES = 16 * 1024;

    /** What the JDK's server needs to write pieces. */
    static final int WRITING_BYTES = 3 * PIECE_BYTES;

    /** Of an answer that is made while it is sent. */
    static final long UNKNOWN_LENGTH = -1;

    private final HttpExchange exchange;
    private final Deadlines deadlines;
    private final InetAddress address;
    private Map<String, String> query;
    private final ClientBody body;
    private final AtomicBoolean answering = new AtomicBoolean();
    private final SharedMemory.Account memory;
    private final SharedMemory.Account answerMemory;
    private final SendQueues queues;
    private AnswerStream answer;
    private long longestMs = Long.MAX_VALUE;
    private String cutCount = MetricNames.CLIENTS_CUT;

    Call(HttpExchange exchange, ClientAddress addresses, Deadlines deadlines, SharedMemory bodies,
            SharedMemory answers, SendQueues queues) {
        this.exchange = exchange;
        this.address = addresses.of(exchange);
        this.deadlines = deadlines;
        this.body = new ClientBody(exchange, deadlines, this::answerLate);
        this.memory = bodies.of(limitedAddress());
        this.answerMemory = answers.of(limitedAddress());
        this.queues = queues;
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

    boolean hasBody() {
        return body.length() > 0;
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

    /** The body, as it arrives. */
    ClientBody clientBody() {
        return body;
    }

    /** Memory for the body. All that a request took is given back when it is over. */
    SharedMemory.Account memory() {
        return memory;
    }

    private static long wholeNumber(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return -1;
        }
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

    /** Answers with a whole body that is small. */
    void answer(int status, String type, byte[] body) throws IOException {
        OutputStream out = begin(status, type, body.length);
        if (!isHead()) {
            out.write(body);
        }
        finish(out);
    }

    /** Answers with a whole body of any size, if there is memory for it while it is sent. */
    void answerLarge(String type, byte[] body) throws IOException, HttpError {
        takeForAnswer(body.length + WRITING_BYTES);
        answer(200, type, body);
    }

    /**
     * Takes memory for the answer, before it begins: afterwards it is too late to refuse. It is
     * given back when the request is over.
     */
    void takeForAnswer(long bytes) throws HttpError {
        answerMemory.take(bytes);
    }

    /** Answers without a body. */
    void answerNothing(int status) throws IOException {
        finish(sendHead(status, -1));
    }

    /**
     * Answers a request whose body comes too slowly, on another thread than the request's. Returns
     * whether the request was not being answered already.
     */
    private boolean answerLate() {
        if (!answering.compareAndSet(false, true)) {
            return false;
        }
        byte[] json = new Reply(408, "timeout", "The body arrived too slowly: "
                + ClientBody.PROGRESS_BYTES / 1024 + " KiB must come every "
                + Deadlines.PHASE_MS / 1_000 + " s").json().getBytes(StandardCharsets.UTF_8);
        try {
            setHeader("Connection", "close");
            setHeader("Content-Type", Variant.JSON);
            exchange.sendResponseHeaders(408, json.length);
            exchange.getResponseBody().write(json);
            exchange.getResponseBody().flush();
        } catch (IOException e) {
            // The client is gone; the request's thread sees that, too.
            return true;
        }
        return true;
    }

    /** Begins an answer, of a known length or not. For HEAD nothing may be written. */
    OutputStream begin(int status, String type, long length) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        if (isHead() && length >= 0) {
            exchange.getResponseHeaders().set("Content-Length", Long.toString(length));
        }
        deadlines.extend();
        boolean bodiless = isHead() || length == 0;
        // To the JDK's server -1 means no body, and 0 one of unknown length.
        answer = new AnswerStream(sendHead(status, bodiless ? -1 : Math.max(length, 0)),
                deadlines, new Patience(() -> queues.waiting(exchange.getRemoteAddress()),
                Deadlines.PHASE_MS), longestMs);
        return answer;
    }

    private OutputStream sendHead(int status, long length) throws IOException {
        if (!answering.compareAndSet(false, true)) {
            throw new IOException("the client was told that it is too slow");
        }
        if (length <= 0) {
            // The JDK's server ends the request with such a head, or with the answer's last chunk.
            body.leaveChunks();
        }
        if (length < 0) {
            body.drain();
            if (body.trailers()) {
                throw new IOException("a body with trailers, and no body to answer with");
            }
        }
        if (!body.keepsConnection()) {
            setHeader("Connection", "close");
        }
        exchange.sendResponseHeaders(status, length);
        return exchange.getResponseBody();
    }

    /**
     * Ends an answer that was written whole. After a failure nothing more may be called:
     * with JDK 17 a stream that is closed once more leaves the connection open for ever.
     */
    void finish(OutputStream out) throws IOException {
        // Without it a client that still sends does not see the answer before the reset.
        out.flush();
        body.drain();
        if (body.trailers()) {
            // The JDK's server keeps a request for ever that ends like this and is not broken off.
            throw new IOException("answered a body with trailers, which are unread");
        }
        out.close();
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

    /** Bytes of the answer's body that were sent. */
    long answerBytes() {
        return answer == null ? 0 : answer.bytes();
    }

    /** The answer's status, -1 before there is one. */
    int status() {
        return exchange.getResponseCode();
    }

    /** Where the client is, as far as trusted proxies say. */
    InetAddress address() {
        return address;
    }

    /** The address under which all limits by address count the request. */
    InetAddress limitedAddress() {
        return HostNetwork.of(address);
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
        memory.free();
        answerMemory.free();
    }

    /** Ends a request that was answered. */
    void close() {
        exchange.close();
    }
}
