package bcast.http;

import bcast.base.Counters;
import bcast.core.Core;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.JsonCursor;
import bcast.data.JsonText;
import bcast.storage.Arrival;
import bcast.storage.Snapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code /listAllRecentData}: all records of the retention, ordered by time and id; or, page by
 * page, in the order in which this node accepted them, which a cursor follows without missing any.
 */
final class ListAllRecentData implements Handler {

    /** Most records of a page. */
    static final int MAX_LIMIT = 100_000;

    /** What a record in a whole list takes beside what the store holds, while it is sent. */
    private static final int LISTED_BYTES = 5;

    /** The same of a record in a page. */
    private static final int PAGED_BYTES = 56;

    /**
     * A list holds its records for as long as its client takes: of the retention one part in so
     * many, so that what expired meanwhile is little against what is held.
     */
    private static final int LONGEST_SHARE = 8;
    private static final long LONGEST_AT_LEAST_MS = 20_000;

    private static final int READ_AT_ONCE = 1_024;

    private static final byte[] HEAD = ascii("{\"data_list\":[");

    /** Most lists of one address under way, since a slow reader holds its list for long. */
    static final int MAX_BY_ADDRESS = 32;

    private final Core core;
    private final Supplier<String> start;
    private final Bodies memory;
    private final Guests guests;

    /**
     * Lists what the core holds; cursors carry the name of this start. Lists have memory of their
     * own, so that slow readers take none from those who post.
     */
    ListAllRecentData(Core core, Supplier<String> start, Bodies memory, Counters counters) {
        this.core = core;
        this.start = start;
        this.memory = memory;
        this.guests = new Guests(MAX_BY_ADDRESS, counters);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        if (!guests.enter(call.address())) {
            throw new HttpError(429, "too_many", "Too many concurrent lists for "
                    + call.address().getHostAddress() + "; the limit is " + MAX_BY_ADDRESS);
        }
        try {
            call.takeFrom(memory);
            list(call);
        } finally {
            guests.leave(call.address());
        }
    }

    private void list(Call call) throws IOException, HttpError {
        Variant variant = Variant.of(call);
        call.addHeader("Vary", "Accept, Accept-Encoding");
        call.setHeader("Cache-Control", "no-cache");
        long since = call.number("since", 0, Data.MAX_TIMESTAMP).orElse(0L);
        Optional<Long> limit = call.number("limit", 1, MAX_LIMIT);
        Optional<String> after = call.query("after");
        if (limit.isPresent() || after.isPresent()) {
            page(call, variant, since, limit.orElse((long) MAX_LIMIT).intValue(), seq(after));
        } else {
            whole(call, variant, since);
        }
    }

    private long seq(Optional<String> after) throws HttpError {
        if (after.isEmpty()) {
            return 0;
        }
        Cursor cursor = Cursor.parse(after.get()).orElseThrow(() ->
                new HttpError(400, "malformed", "after is no cursor"));
        if (!cursor.isOf(start.get(), core.lastArrival())) {
            throw new HttpError(410, "gone",
                    "The cursor is of another node or start; begin without one");
        }
        return cursor.seq();
    }

    private void whole(Call call, Variant variant, long since) throws IOException, HttpError {
        call.take(LISTED_BYTES * core.size());
        Snapshot snapshot = core.snapshot(since);
        Hash128 sum = snapshot.sum();
        String tag = variant.tag(String.format("%016x%016x", sum.hi(), sum.lo()));
        call.setHeader("ETag", tag);
        if (!call.method().equals("POST") && matches(call, tag)) {
            call.answerNothing(304);
        } else {
            send(call, variant, snapshot.size(), snapshot.jsonBytes(), snapshot.json().get(),
                    ascii("]}"));
        }
    }

    private static boolean matches(Call call, String tag) {
        for (String one : call.list("If-None-Match").split(",")) {
            String mine = one.trim();
            if (mine.equals("*") || mine.equals(tag) || mine.equals("W/" + tag)) {
                return true;
            }
        }
        return false;
    }

    private void page(Call call, Variant variant, long since, int limit, long after)
            throws IOException, HttpError {
        call.take(PAGED_BYTES * Math.min(limit, core.size()));
        List<Data> page = new ArrayList<>();
        long seq = after;
        while (page.size() < limit) {
            long upTo = core.lastArrival();
            List<Arrival> some = core.arrivals(seq, Math.min(limit - page.size(), READ_AT_ONCE));
            if (some.isEmpty()) {
                // What was there has expired.
                seq = Math.max(seq, upTo);
                break;
            }
            for (Arrival arrival : some) {
                seq = arrival.seq();
                if (arrival.data().timestamp() >= since) {
                    page.add(arrival.data());
                }
            }
        }
        String next = new Cursor(start.get(), seq).toString();
        // A page that is not full is the last for now: who follows links alone comes to an end.
        if (page.size() == limit) {
            call.setHeader("Link", "</listAllRecentData?after=" + next + "&limit=" + limit
                    + (since > 0 ? "&since=" + since : "") + ">; rel=\"next\"");
        }
        send(call, variant, page.size(), page.stream().mapToLong(Data::jsonLength).sum(),
                JsonCursor.of(page), ascii("],\"next\":" + JsonText.quote(next) + "}"));
    }

    private void send(Call call, Variant variant, int size, long jsonBytes, JsonCursor records,
            byte[] tail) throws IOException, HttpError {
        long length = jsonBytes + (variant.lines() ? size
                : HEAD.length + tail.length + Math.max(0, size - 1));
        boolean gzip = variant.gzip() && length > 0;
        if (gzip) {
            call.setHeader("Content-Encoding", "gzip");
        }
        call.setLongestMs(Math.max(LONGEST_AT_LEAST_MS, core.retentionMs() / LONGEST_SHARE));
        OutputStream out = call.begin(200, variant.contentType(),
                gzip ? Call.UNKNOWN_LENGTH : length);
        if (!call.isHead() && gzip) {
            FastGzip body = new FastGzip(out);
            try {
                write(new Pieces(call, body), variant, records, tail);
                body.finish();
            } finally {
                body.free();
            }
        } else if (!call.isHead()) {
            write(new Pieces(call, out), variant, records, tail);
        }
        call.finish(out);
    }

    private static void write(Pieces pieces, Variant variant, JsonCursor records, byte[] tail)
            throws IOException, HttpError {
        if (!variant.lines()) {
            pieces.add(HEAD);
        }
        boolean first = true;
        while (records.next()) {
            if (!variant.lines() && !first) {
                pieces.add((byte) ',');
            }
            first = false;
            pieces.add(records);
            if (variant.lines()) {
                pieces.add((byte) '\n');
            }
        }
        if (!variant.lines()) {
            pieces.add(tail);
        }
        pieces.flush();
    }
}
