package bcast.http.reading;

import bcast.base.Clock;
import bcast.base.Counters;
import bcast.base.Metric;
import bcast.data.Data;
import bcast.http.server.Call;
import bcast.http.server.Handler;
import bcast.http.server.HttpError;
import bcast.storage.Storage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code GET /events}: records as Server-Sent Events (WHATWG HTML, section 9.2), in the order in
 * which this node accepts them. Each reader follows that order at its own pace, directly in the
 * store: a slow reader delays no other, and a quiet one takes no memory but that of its connection.
 * The id of an event is a cursor from which to go on.
 */
public final class Events implements Handler {

    /** Time between comments that keep a quiet connection open, and show when a client is gone. */
    static final long HEARTBEAT_MS = 15_000;

    /** How long a browser waits before it comes back. */
    private static final int RETRY_MS = 1_000;

    /** Writes are not closer than this: under load many events go in one. */
    private static final long PAUSE_MS = 5;

    /**
     * Heap of a reader, in bytes: 48 KiB for the streams of the JDK's server and the request's
     * headers, and the part of a record that it writes. A test holds it against the heap.
     */
    static final int READER_BYTES = 48 * 1024 + ArrivedRecords.PART_BYTES;

    /** Readers may have three of four connections, so that posts and probes find some. */
    private static final double CONNECTIONS_SHARE = 0.75;

    static final Metric READERS = Metric.gauge("bcast_event_readers", "Readers of /events.");

    static final Metric REFUSED = Metric.counter("bcast_event_readers_refused_total",
            "Readers of /events refused because there were too many.");

    private static final Metric CUT = Call.CLIENTS_CUT.with("reader", "events");

    private static final String TYPE = "text/event-stream";
    private static final byte[] COMMENT = ascii(":\n\n");
    private static final byte[] END = ascii("\n\n");

    private final Storage storage;
    private final Cursors cursors;
    private final Clock clock;
    private final Counters counters;
    private final int most;
    private final AtomicInteger readers = new AtomicInteger();

    /** Streams to at most this number of readers at a time. */
    public Events(Storage storage, Cursors cursors, Clock clock, Counters counters,
            int most) {
        this.storage = storage;
        this.cursors = cursors;
        this.clock = clock;
        this.counters = counters;
        this.most = most;
        counters.declare(List.of(REFUSED, CUT));
        counters.gauge(READERS, readers::get);
    }

    /** Most readers at a time, at least 1, given the limit of requests and bytes for readers. */
    public static int limit(int connections, long bytes) {
        return (int) Math.max(1, Math.min(CONNECTIONS_SHARE * connections, bytes / READER_BYTES));
    }

    public int readers() {
        return readers.get();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        Optional<Long> since = call.number("since", 0, Data.MAX_TIMESTAMP);
        // A page that opens a new stream cannot set the header.
        Optional<String> header = call.header("Last-Event-ID");
        Optional<String> last = header.isPresent() ? header : call.query("after");
        boolean reset = false;
        long seq = since.isPresent() ? 0 : storage.lastArrival();
        if (last.isPresent()) {
            Optional<Long> place = cursors.seq(last.get(), storage.lastArrival());
            reset = place.isEmpty();
            seq = place.orElse(0L);
        }
        call.setHeader("Cache-Control", "no-store");
        // nginx would otherwise hold back events until it has some kilobytes of them.
        call.setHeader("X-Accel-Buffering", "no");
        if (call.isHead()) {
            call.finish(call.begin(200, TYPE, Call.UNKNOWN_LENGTH));
            return;
        }
        if (readers.incrementAndGet() > most) {
            readers.decrementAndGet();
            counters.count(REFUSED);
            throw new HttpError(503, "busy", "This node has " + most
                    + " event streams, its limit; try again later, or use another node");
        }
        try {
            call.setCutCount(CUT);
            Reader reader = new Reader(call, since.orElse(0L), seq);
            reader.begin(reset);
            reader.follow();
        } catch (InterruptedException e) {
            // The node stops, or the reader was cut while it waited.
            throw new IOException("the stream was ended", e);
        } finally {
            readers.decrementAndGet();
        }
    }

    /** One reader. Belongs to the request's thread. */
    private final class Reader {
        private final Call call;
        private final OutputStream out;
        private final long since;
        private long seq;
        private boolean unsent;
        private long flushedMs;

        Reader(Call call, long since, long seq) throws IOException {
            this.call = call;
            this.since = since;
            this.seq = seq;
            this.out = call.begin(200, TYPE, Call.UNKNOWN_LENGTH);
        }

        /** Sends the reader's cursor, so that it can come back before the first record. */
        void begin(boolean reset) throws IOException {
            String begin = "retry: " + RETRY_MS + "\nid: " + cursors.of(seq) + "\n";
            out.write(ascii(begin + (reset ? "event: reset\ndata: {}\n\n" : "\n")));
            flush();
        }

        void follow() throws IOException, HttpError, InterruptedException {
            while (true) {
                writeRecords();
                if (unsent) {
                    flush();
                    Thread.sleep(PAUSE_MS);
                }
                long quietMs = clock.steadyMs() - flushedMs;
                if (quietMs >= HEARTBEAT_MS) {
                    out.write(COMMENT);
                    flush();
                } else if (storage.lastArrival() == seq) {
                    call.suspendDeadline();
                    storage.awaitArrival(seq, HEARTBEAT_MS - quietMs);
                }
            }
        }

        private void writeRecords() throws IOException, HttpError {
            ArrivedRecords records = new ArrivedRecords(storage, since, seq, storage.lastArrival());
            while (records.next()) {
                seq = records.seq();
                unsent = true;
                out.write(ascii("id: " + cursors.of(seq) + "\ndata: "));
                records.writeTo(out);
                out.write(END);
            }
            // The records before have expired, or are older than the reader asked for.
            seq = records.seq();
        }

        private void flush() throws IOException {
            out.flush();
            unsent = false;
            flushedMs = clock.steadyMs();
        }
    }
}
