package bcast.http.reading;

import bcast.base.Counters;
import bcast.base.HostNetwork;
import bcast.data.Data;
import bcast.data.JsonCursor;
import bcast.data.JsonText;
import bcast.http.server.Call;
import bcast.http.server.Handler;
import bcast.http.server.HttpError;
import bcast.http.server.RequestsPerAddress;
import bcast.storage.Snapshot;
import bcast.storage.Storage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * {@code /listAllRecentData}: all records of the retention, ordered by time and id; or, page by
 * page, in the order in which this node accepted them, which a cursor follows without missing any.
 */
public final class ListAllRecentData implements Handler {

    /** Most records of a page. */
    static final int MAX_LIMIT = 100_000;

    /** Memory of a record in a whole list, in addition to the store's, while it is sent. */
    private static final int LISTED_BYTES = 5;

    /** Memory for the buffer of an answer, and for writing it. */
    static final int SENDING_BYTES = Call.MAX_WRITE_BYTES + Call.WRITE_MEMORY_BYTES;

    /** The same for a page, whose records are copied a part at a time. */
    static final int PAGE_BYTES = SENDING_BYTES + ArrivedRecords.PART_BYTES;

    /**
     * A list holds its records while its client reads. It may last one part in this many of the
     * retention, so that records which expire meanwhile are few against those that are stored.
     */
    private static final int LONGEST_SHARE = 8;
    private static final long LONGEST_AT_LEAST_MS = 20_000;

    private static final byte[] HEAD = ascii("{\"data_list\":[");
    private static final byte[] TAIL = ascii("]}");

    /** Most lists of one address under way, since a slow reader holds its list for long. */
    static final int MAX_BY_ADDRESS = 32;

    private final Storage storage;
    private final Cursors cursors;
    private final RequestsPerAddress lists;

    public ListAllRecentData(Storage storage, Cursors cursors, Counters counters) {
        this.storage = storage;
        this.cursors = cursors;
        this.lists = new RequestsPerAddress(MAX_BY_ADDRESS, counters);
    }

    /** How long a client may take for an answer of records that are kept for the retention. */
    static long longestMs(Storage storage) {
        return Math.max(LONGEST_AT_LEAST_MS, storage.retentionMs() / LONGEST_SHARE);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        if (!lists.enter(call.limitedAddress())) {
            throw new HttpError(429, "too_many", "Too many concurrent lists for "
                    + HostNetwork.written(call.address()) + "; the limit is " + MAX_BY_ADDRESS);
        }
        try {
            list(call);
        } finally {
            lists.leave(call.limitedAddress());
        }
    }

    private void list(Call call) throws IOException, HttpError {
        Form form = Form.of(call);
        call.addHeader("Vary", "Accept, Accept-Encoding");
        call.setHeader("Cache-Control", "no-cache");
        long since = call.number("since", 0, Data.MAX_TIMESTAMP).orElse(0L);
        Optional<Long> limit = call.number("limit", 1, MAX_LIMIT);
        Optional<String> after = call.query("after");
        if (limit.isPresent() || after.isPresent()) {
            page(call, form, since, limit.orElse((long) MAX_LIMIT).intValue(), seq(after));
        } else {
            whole(call, form, since);
        }
    }

    /** The form of an answer: one JSON text a line or in all, and compressed or not. */
    private record Form(boolean lines, boolean gzip) {

        /** The form requested; without compression if there is no memory for that. */
        static Form of(Call call) {
            boolean lines = call.prefers("Accept", Call.NDJSON, Call.JSON);
            boolean gzip = call.prefers("Accept-Encoding", "gzip", "identity");
            try {
                call.takeForAnswer(gzip ? FastGzip.MEMORY_BYTES : 0);
                return new Form(lines, gzip);
            } catch (HttpError full) {
                return new Form(lines, false);
            }
        }

        String tag(String content) {
            return '"' + content + (lines ? "-l" : "-j") + (gzip ? "z" : "") + '"';
        }
    }

    /** Gzip at its fastest level, since each list is compressed anew. */
    private static final class FastGzip extends GZIPOutputStream {

        private static final int BUFFER_BYTES = 16 * 1024;

        /** Memory of one: zlib's window and tables outside the heap (zconf.h), and the buffer. */
        static final int MEMORY_BYTES = 256 * 1024 + 16 * 1024 + BUFFER_BYTES;

        FastGzip(OutputStream out) throws IOException {
            super(out, BUFFER_BYTES);
            def.setLevel(Deflater.BEST_SPEED);
        }

        /** Frees what the compressor holds outside the heap. */
        void free() {
            def.end();
        }
    }

    private long seq(Optional<String> after) throws HttpError {
        if (after.isEmpty()) {
            return 0;
        }
        if (!Cursors.isCursor(after.get())) {
            throw new HttpError(400, "malformed", "after is not a cursor");
        }
        return cursors.seq(after.get(), storage.lastArrival()).orElseThrow(() ->
                new HttpError(410, "gone",
                        "The cursor is from another node, or from before a restart; start again "
                        + "without after"));
    }

    private void whole(Call call, Form form, long since)
            throws IOException, HttpError {
        call.takeForAnswer(SENDING_BYTES + (long) LISTED_BYTES * storage.size());
        Snapshot snapshot = storage.snapshot(since);
        String tag = form.tag(snapshot.name());
        call.setHeader("ETag", tag);
        if (!call.method().equals("POST") && matches(call, tag)) {
            call.answerNothing(304);
        } else {
            int size = snapshot.size();
            long length = snapshot.jsonBytes() + (form.lines() ? size
                    : HEAD.length + TAIL.length + Math.max(0, size - 1));
            send(call, form, length, snapshot.json().get(), TAIL);
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

    /**
     * A page takes the same memory whatever its limit: it is read once to find its end, and once
     * more to be sent. Records that expire in between are left out, and those replaced in between
     * come after the page.
     */
    private void page(Call call, Form form, long since, int limit, long after)
            throws IOException, HttpError {
        call.takeForAnswer(PAGE_BYTES);
        ArrivedRecords found = new ArrivedRecords(storage, since, after, Long.MAX_VALUE);
        int size = 0;
        while (size < limit && found.next()) {
            size++;
        }
        long last = found.seq();
        String next = cursors.of(last);
        // A page that is not full is the last for now, and has no link to a next one.
        if (size == limit) {
            call.setHeader("Link", "</listAllRecentData?after=" + next + "&limit=" + limit
                    + (since > 0 ? "&since=" + since : "") + ">; rel=\"next\"");
        }
        send(call, form, Call.UNKNOWN_LENGTH, new ArrivedRecords(storage, since, after, last),
                ascii("],\"next\":" + JsonText.quote(next) + "}"));
    }

    private void send(Call call, Form form, long length, JsonCursor records,
            byte[] tail) throws IOException, HttpError {
        boolean gzip = form.gzip() && length != 0;
        if (gzip) {
            call.setHeader("Content-Encoding", "gzip");
        }
        call.setLongestMs(longestMs(storage));
        OutputStream out = call.begin(200, form.lines() ? Call.NDJSON : Call.JSON,
                gzip ? Call.UNKNOWN_LENGTH : length);
        if (!call.isHead() && gzip) {
            FastGzip body = new FastGzip(out);
            try {
                write(new RecordWriter(body, Call.MAX_WRITE_BYTES), form, records, tail);
                body.finish();
            } finally {
                body.free();
            }
        } else if (!call.isHead()) {
            write(new RecordWriter(out, Call.MAX_WRITE_BYTES), form, records, tail);
        }
        call.finish(out);
    }

    private static void write(RecordWriter writer, Form form, JsonCursor records,
            byte[] tail) throws IOException, HttpError {
        if (!form.lines()) {
            writer.add(HEAD);
        }
        boolean first = true;
        while (records.next()) {
            if (!form.lines() && !first) {
                writer.add((byte) ',');
            }
            first = false;
            writer.add(records);
            if (form.lines()) {
                writer.add((byte) '\n');
            }
        }
        if (!form.lines()) {
            writer.add(tail);
        }
        writer.flush();
    }
}
