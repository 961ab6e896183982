package bcast.http;

import bcast.base.Clock;
import bcast.base.Counters;
import bcast.core.Core;
import bcast.data.Data;
import bcast.storage.Arrival;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * {@code GET /events}: news as Server-Sent Events (WHATWG HTML, section 9.2), in the order in which
 * this node accepts it. Each reader follows that order at its own pace, so a slow one costs the
 * memory of one piece and no other reader any time. The id of an event is a cursor from which to go
 * on.
 */
final class Events implements Handler {

    /** A reader that takes nothing is cut when so many events wait for it. */
    static final int MAX_WAITING_EVENTS = 1_024;

    /** The same in bytes. */
    static final long MAX_WAITING_BYTES = 1024 * 1024;

    /** A reader that was written to for so long takes nothing. */
    static final long STUCK_MS = 1_000;

    /** Time between comments that keep a quiet connection open, and show when a client is gone. */
    static final long HEARTBEAT_MS = 15_000;

    /** How long a browser waits before it comes back. */
    private static final int RETRY_MS = 1_000;

    /** Writes are not closer than this: under load many events go in one. */
    private static final long PAUSE_MS = 5;

    private static final int READ_AT_ONCE = 256;

    /** Gauge of readers. */
    static final String READERS = "event_readers";

    private static final byte[] COMMENT = ascii(":\n\n");
    private static final byte[] END = ascii("\n\n");

    private final Core core;
    private final Supplier<String> start;
    private final Clock clock;
    private final AtomicInteger readers = new AtomicInteger();

    /** Streams what the core accepts; cursors carry the name of this start. */
    Events(Core core, Supplier<String> start, Clock clock, Counters counters) {
        this.core = core;
        this.start = start;
        this.clock = clock;
        counters.gauge(READERS, readers::get);
    }

    int readers() {
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
        long seq = since.isPresent() ? 0 : core.lastArrival();
        if (last.isPresent()) {
            Optional<Cursor> cursor = Cursor.parse(last.get());
            reset = cursor.isEmpty() || !cursor.get().isOf(start.get(), core.lastArrival());
            seq = reset ? 0 : cursor.get().seq();
        }
        call.setHeader("Cache-Control", "no-store");
        // nginx would otherwise hold back events until it has some kilobytes of them.
        call.setHeader("X-Accel-Buffering", "no");
        OutputStream out = call.begin(200, "text/event-stream", Call.UNKNOWN_LENGTH);
        if (call.isHead()) {
            call.finish(out);
            return;
        }
        call.setCutCount(MetricNames.EVENTS_CUT);
        readers.incrementAndGet();
        try {
            Reader reader = new Reader(call, out, since.orElse(0L), seq);
            reader.begin(reset);
            reader.follow();
        } catch (InterruptedException e) {
            // The node stops, or the reader was cut while it waited.
            throw new IOException("the stream was ended", e);
        } finally {
            readers.decrementAndGet();
        }
    }

    /** One reader. Belongs to the request's thread, but for how much waits for it. */
    private final class Reader {
        private final Call call;
        private final OutputStream out;
        private final Pieces pieces;
        private final long since;
        private volatile long seq;
        private boolean unsent;
        private long flushedMs;

        Reader(Call call, OutputStream out, long since, long seq) {
            this.call = call;
            this.out = out;
            this.pieces = new Pieces(call, out);
            this.since = since;
            this.seq = seq;
            call.setPatience(this::patience);
        }

        /** Says where the reader stands, so that it can come back before anything happened. */
        void begin(boolean reset) throws IOException {
            String begin = "retry: " + RETRY_MS + "\nid: " + new Cursor(start.get(), seq) + "\n";
            pieces.add(ascii(begin + (reset ? "event: reset\ndata: {}\n\n" : "\n")));
            flush();
        }

        void follow() throws IOException, InterruptedException, HttpError {
            while (true) {
                long upTo = core.lastArrival();
                List<Arrival> news = core.arrivals(seq, READ_AT_ONCE);
                for (Arrival each : news) {
                    // From here on it no longer waits.
                    seq = each.seq();
                    add(each);
                }
                if (news.isEmpty()) {
                    // What was there has expired.
                    seq = Math.max(seq, upTo);
                }
                if (unsent) {
                    flush();
                    Thread.sleep(PAUSE_MS);
                }
                long quietMs = clock.steadyMs() - flushedMs;
                if (quietMs >= HEARTBEAT_MS) {
                    pieces.add(COMMENT);
                    flush();
                } else if (news.isEmpty()) {
                    call.deadlines().suspend();
                    core.awaitArrival(seq, HEARTBEAT_MS - quietMs);
                }
            }
        }

        private void add(Arrival each) throws IOException, HttpError {
            if (each.data().timestamp() >= since) {
                unsent = true;
                pieces.add(ascii("id: " + new Cursor(start.get(), each.seq()) + "\ndata: "));
                pieces.add(each.data());
                pieces.add(END);
            }
        }

        private void flush() throws IOException {
            pieces.flush();
            out.flush();
            unsent = false;
            flushedMs = clock.steadyMs();
        }

        /** How long a write may take; asked by the watchdog while it does. */
        private long patience(long takenMs) {
            return takenMs >= STUCK_MS && tooMuchWaits() ? STUCK_MS : Deadlines.PHASE_MS;
        }

        private boolean tooMuchWaits() {
            long bytes = 0;
            List<Arrival> waiting = core.arrivals(seq, MAX_WAITING_EVENTS + 1);
            for (Arrival each : waiting) {
                bytes += each.data().jsonLength();
            }
            return waiting.size() > MAX_WAITING_EVENTS || bytes > MAX_WAITING_BYTES;
        }
    }
}
