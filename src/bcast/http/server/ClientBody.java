package bcast.http.server;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.BooleanSupplier;

/**
 * The body of a request as it arrives, without its framing. A client may take any time as long as
 * it sends at a minimum rate. Belongs to the request's thread.
 */
public final class ClientBody {

    /** Bytes that a client must send within {@link Deadlines#PHASE_MS}, or the rest. */
    static final int PROGRESS_BYTES = 16 * 1024;

    /** The connection is closed if more than this is unread when the request is answered. */
    static final int MAX_KEPT_BYTES = 64 * 1024;

    /** Most bytes that are read and thrown away after the answer. */
    static final long MAX_DRAINED_BYTES = 64L * 1024 * 1024;

    /** What the JDK's server reports if the last chunk is followed by trailers. */
    private static final String NO_END = "invalid chunk end";

    /** Receives bytes that are thrown away; all requests share it. */
    private static final byte[] WASTE = new byte[16 * 1024];

    private final InputStream in;
    private final Deadlines.Deadline deadline;
    private final BooleanSupplier late;
    private final boolean chunked;
    private final long length;
    private long read;
    private int progress = PROGRESS_BYTES;
    private boolean ended;
    private boolean trailers;
    private boolean left;
    private volatile boolean answeredLate;

    /**
     * @param late answers a request whose client is too slow, on another thread, unless it is being
     *     answered already; returns whether it did
     */
    ClientBody(HttpExchange exchange, Deadlines.Deadline deadline, BooleanSupplier late) {
        this.in = exchange.getRequestBody();
        this.deadline = deadline;
        this.late = late;
        this.chunked = exchange.getRequestHeaders().containsKey("Transfer-Encoding");
        String claimed = exchange.getRequestHeaders().getFirst("Content-Length");
        // The JDK's server has checked it.
        this.length = chunked ? Long.MAX_VALUE : claimed == null ? 0 : Long.parseLong(claimed);
    }

    /** The announced length; the largest number if none was announced. */
    public long length() {
        return length;
    }

    /** Bytes read so far. */
    public long bytesRead() {
        return read;
    }

    /** Reads some bytes. Returns how many, or -1 at the end. */
    public int read(byte[] target, int from, int most) throws IOException {
        if (progress >= PROGRESS_BYTES) {
            progress = 0;
            deadline.extend(() -> answeredLate = late.getAsBoolean());
        }
        int got = readOn(target, from, most);
        if (answeredLate) {
            throw new IOException("the client was too slow and was sent 408");
        }
        if (got < 0) {
            // The client has sent all, so its deadline begins anew.
            deadline.extend();
        }
        progress += Math.max(got, 0);
        return got;
    }

    private int readOn(byte[] target, int from, int most) throws IOException {
        if (ended || chunked && endsInTrailers()) {
            return -1;
        }
        int got = readRaw(target, from, most);
        ended = got < 0;
        read += Math.max(got, 0);
        return got;
    }

    private int readRaw(byte[] target, int from, int most) throws IOException {
        try {
            return in.read(target, from, most);
        } catch (IndexOutOfBoundsException e) {
            // The JDK takes lengths from ffffffff on as negative.
            throw new IOException("invalid chunk length", e);
        }
    }

    /**
     * Whether trailers (RFC 9112, section 7.1.2), which the JDK's server rejects, follow the last
     * chunk. A read of nothing reads a chunk's length at most, so that only the last chunk can lack
     * its end then.
     */
    private boolean endsInTrailers() throws IOException {
        try {
            readRaw(WASTE, 0, 0);
        } catch (IOException e) {
            if (!NO_END.equals(e.getMessage())) {
                throw e;
            }
            ended = true;
            trailers = true;
        }
        return trailers;
    }

    /** Whether the body ended in trailers, which are unread: no request can follow. */
    public boolean trailers() {
        return trailers;
    }

    /**
     * Leaves a chunked body unread from now on, so the connection is closed. If the JDK's server
     * reads to the end itself and meets trailers, it keeps the request for ever.
     */
    void leaveChunks() {
        left = chunked && !ended;
    }

    boolean keepsConnection() {
        return !trailers && (ended || length - read <= MAX_KEPT_BYTES);
    }

    /**
     * Reads the rest of the body within bounds of size and time. A connection that is closed while
     * its client sends is reset, and the client may lose the answer.
     */
    void drain() throws IOException {
        if (left) {
            return;
        }
        if (!ended) {
            deadline.drain();
        }
        long end = read + MAX_DRAINED_BYTES;
        while (read < end && readOn(WASTE, 0, WASTE.length) >= 0) {
            continue;
        }
    }
}
