package bcast.http;

import bcast.base.Counters;
import bcast.core.Core;
import bcast.data.JsonText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code POST /postNewData} with {@code application/x-ndjson}: one record a line, any number of
 * lines. Each line has an answer of its own, in the same order; one that fails stops no other.
 */
final class PostBatch {

    /** Lines judged before any of them is answered, so that they share a wait for the disk. */
    private static final int MAX_JUDGED = 512;

    /** A line that waits for its answer. */
    private record Judged(long line, Optional<String> id, Reply reply) {}

    private final Core core;
    private final int maxRaw;
    private final Counters counters;

    PostBatch(Core core, int maxRaw, Counters counters) {
        this.core = core;
        this.maxRaw = maxRaw;
        this.counters = counters;
    }

    /** Counts of one batch. */
    private static final class Tally {
        private long lines;
        private long accepted;
        private long exists;
        private long failed;

        void count(Reply reply) {
            lines++;
            if (reply.accepted()) {
                accepted++;
            } else if (reply.failed()) {
                failed++;
            } else {
                exists++;
            }
        }

        String json() {
            return "{\"lines\":" + lines + ",\"accepted\":" + accepted + ",\"exists\":" + exists
                    + ",\"failed\":" + failed + "}\n";
        }
    }

    void handle(Call call) throws IOException, HttpError {
        String mode = call.query("answer").orElse("all");
        if (!mode.equals("all") && !mode.equals("errors")) {
            throw new HttpError(400, "malformed", "answer is neither all nor errors");
        }
        boolean errorsOnly = mode.equals("errors");
        Lines lines = new Lines(call.bodySource(), maxRaw + PostNewData.ENVELOPE_BYTES);
        HeldAnswer answer = new HeldAnswer(call);
        Tally tally = new Tally();
        try {
            answer(lines, errorsOnly, answer, tally);
        } finally {
            counters.count(MetricNames.BATCHES);
            counters.add(MetricNames.BATCH_LINES, tally.lines);
        }
        if (errorsOnly) {
            answer.add(tally.json());
        }
        answer.finish();
    }

    private void answer(Lines lines, boolean errorsOnly, HeldAnswer answer, Tally tally)
            throws IOException {
        PostedData posted = new PostedData(maxRaw);
        List<Judged> judged = new ArrayList<>();
        while (lines.next()) {
            if (lines.blank()) {
                continue;
            }
            Reply reply = deliver(lines, posted);
            judged.add(new Judged(lines.number(), posted.id(), reply));
            if (judged.size() == MAX_JUDGED) {
                answer(judged, errorsOnly, answer, tally);
            }
        }
        answer(judged, errorsOnly, answer, tally);
    }

    /** Answers lines once all of them are as safe as the node promises. */
    private void answer(List<Judged> judged, boolean errorsOnly, HeldAnswer answer, Tally tally)
            throws IOException {
        boolean allFailed = judged.stream().allMatch(each -> each.reply().failed());
        Optional<String> unsafe = allFailed ? Optional.empty() : Reply.settle(core);
        for (Judged each : judged) {
            Reply reply = each.reply().settled(unsafe);
            tally.count(reply);
            String id = "\"id\":" + each.id().map(JsonText::quote).orElse("null");
            if (!errorsOnly) {
                answer.add("{" + id + ",\"result\":" + reply.accepted() + why(reply));
            } else if (reply.failed()) {
                answer.add("{\"line\":" + each.line() + "," + id + why(reply));
            }
        }
        judged.clear();
    }

    private Reply deliver(Lines lines, PostedData posted) {
        try {
            posted.forget();
            if (lines.noRoom()) {
                throw new HttpError(503, "busy", "This node reads as many bodies as it can");
            }
            if (lines.tooLong()) {
                throw new HttpError(413, "too_large", "The line is longer than "
                        + (maxRaw + PostNewData.ENVELOPE_BYTES) + " bytes");
            }
            return Reply.deliver(core, posted.read(lines.buffer(), lines.start(), lines.end()));
        } catch (HttpError e) {
            return Reply.of(e);
        }
    }

    private static String why(Reply reply) {
        return ",\"msg\":" + JsonText.quote(reply.msg()) + ",\"code\":\"" + reply.code() + "\"}\n";
    }
}
