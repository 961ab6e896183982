package bcast.http.server;

import bcast.base.Metric;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One request and its answer. Belongs to the request's thread. An {@link IOException} means that
 * the client is gone or was cut.
 */
public final class Call extends RequestHead {

    /** Media type of one JSON text (RFC 8259). */
    public static final String JSON = "application/json";

    /** Media type of one JSON text a line. */
    public static final String NDJSON = "application/x-ndjson";

    /**
     * Largest write. The JDK's server allocates twice the size of one and keeps that with the
     * connection, and once more outside the heap while it lasts.
     */
    public static final int MAX_WRITE_BYTES = 16 * 1024;

    /** Memory that the JDK's server needs for a write. */
    public static final int WRITE_MEMORY_BYTES = 3 * MAX_WRITE_BYTES;

    /** Length of an answer that is made while it is sent. */
    public static final long UNKNOWN_LENGTH = -1;

    /** Counts clients that were too slow; labelled with the kind of {@code reader}. */
    public static final Metric CLIENTS_CUT = Metric.counter("bcast_http_clients_cut_total",
            "Clients cut because they were too slow.");

    static final Metric TOO_SLOW = CLIENTS_CUT.with("reader", "answer");

    private final Deadlines.Deadline deadline;
    private final ClientBody body;
    private final AtomicBoolean answering = new AtomicBoolean();
    private final MemoryBudget.Account memory;
    private final MemoryBudget.Account answerMemory;
    private final SendQueues queues;
    private AnswerStream answer;
    private long longestMs = Long.MAX_VALUE;
    private Metric cutCount = TOO_SLOW;

    Call(HttpExchange exchange, ClientAddress addresses, Deadlines.Deadline deadline,
            MemoryBudget bodies, MemoryBudget answers, SendQueues queues) {
        super(exchange, addresses.of(exchange.getRemoteAddress().getAddress(),
                exchange.getRequestHeaders()));
        this.deadline = deadline;
        this.body = new ClientBody(exchange, deadline, this::answerLate);
        this.memory = bodies.of(limitedAddress());
        this.answerMemory = answers.of(limitedAddress());
        this.queues = queues;
    }

    public ClientBody body() {
        return body;
    }

    /** Memory for the body; all of it is given back when the request is over. */
    public MemoryBudget.Account memory() {
        return memory;
    }

    public void setHeader(String name, String value) {
        exchange.getResponseHeaders().set(name, value);
    }

    public void addHeader(String name, String value) {
        exchange.getResponseHeaders().add(name, value);
    }

    public void answerJson(int status, String json) throws IOException {
        answer(status, JSON, json.getBytes(StandardCharsets.UTF_8));
    }

    void answerError(HttpError error) throws IOException {
        answerJson(error.status(), error.json());
    }

    private void answer(int status, String type, byte[] body) throws IOException {
        OutputStream out = begin(status, type, body.length);
        if (!isHead()) {
            out.write(body);
        }
        finish(out);
    }

    /** Answers with a whole body of any size, if there is memory for it while it is sent. */
    public void answerLarge(String type, byte[] body) throws IOException, HttpError {
        takeForAnswer(body.length + WRITE_MEMORY_BYTES);
        answer(200, type, body);
    }

    /**
     * Takes memory in bytes for the answer, before it begins: afterwards it is too late to refuse.
     * It is given back when the request is over.
     */
    public void takeForAnswer(long bytes) throws HttpError {
        answerMemory.take(bytes);
    }

    public void answerNothing(int status) throws IOException {
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
        byte[] json = new HttpError(408, "timeout", "The body arrived too slowly: "
                + ClientBody.PROGRESS_BYTES / 1024 + " KiB must arrive every "
                + Deadlines.PHASE_MS / 1_000 + " s").json().getBytes(StandardCharsets.UTF_8);
        try {
            setHeader("Connection", "close");
            setHeader("Content-Type", JSON);
            exchange.sendResponseHeaders(408, json.length);
            exchange.getResponseBody().write(json);
            exchange.getResponseBody().flush();
        } catch (IOException e) {
            // The client is gone; the request's thread sees that, too.
            return true;
        }
        return true;
    }

    /**
     * Begins an answer. For HEAD nothing may be written.
     *
     * @param length bytes of its body, or {@link #UNKNOWN_LENGTH}
     * @return takes the body; end it by {@link #finish}
     */
    public OutputStream begin(int status, String type, long length) throws IOException {
        setHeader("Content-Type", type);
        if (isHead() && length >= 0) {
            setHeader("Content-Length", Long.toString(length));
        }
        deadline.extend();
        boolean bodiless = isHead() || length == 0;
        // To the JDK's server -1 means no body, and 0 one of unknown length.
        answer = new AnswerStream(sendHead(status, bodiless ? -1 : Math.max(length, 0)),
                deadline, new StallTimeout(() -> queues.waiting(exchange.getRemoteAddress()),
                Deadlines.PHASE_MS), longestMs);
        return answer;
    }

    private OutputStream sendHead(int status, long length) throws IOException {
        if (!answering.compareAndSet(false, true)) {
            throw new IOException("the client was too slow and was sent 408");
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
    public void finish(OutputStream out) throws IOException {
        // Without the flush a client that still sends sees a reset rather than the answer.
        out.flush();
        body.drain();
        if (body.trailers()) {
            // The JDK's server would keep such a request for ever, so it is broken off.
            throw new IOException("answered a body with trailers, which are unread");
        }
        out.close();
    }

    /** Limits the time in milliseconds that the client may take for the whole answer. */
    public void setLongestMs(long longest) {
        this.longestMs = longest;
    }

    /** Sets the counter of clients that are disconnected because they are too slow. */
    public void setCutCount(Metric counter) {
        this.cutCount = counter;
    }

    Metric cutCount() {
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

    boolean answered() {
        return status() >= 0;
    }

    /** Waits without a deadline from now on, for something that is not the client. */
    public void suspendDeadline() {
        deadline.suspend();
    }

    /**
     * Ends an answer that has begun and cannot be completed, so that the client sees it as broken.
     * Closing an exchange ends its body properly, but not on an interrupted thread.
     */
    void breakOff() {
        Thread.currentThread().interrupt();
    }

    void free() {
        memory.free();
        answerMemory.free();
    }

    void close() {
        exchange.close();
    }
}
