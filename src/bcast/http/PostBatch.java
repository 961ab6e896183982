package bcast.http;

import bcast.base.Counters;
import bcast.core.Core;
import bcast.data.JsonText;
import bcast.data.Utf8;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

    private static final byte[] ID = utf8("{\"id\":");
    private static final byte[] NULL = utf8("null");
    private static final byte[] ACCEPTED = utf8(",\"result\":true" + why(Reply.OK));

    /** A line that waits for its answer. */
    private record Judged(long line, Optional<byte[]> id, Reply reply) {}

    private final Core core;
    private final Posts posts;
    private final int maxRaw;
    private final Counters counters;

    PostBatch(Core core, Posts posts, int maxRaw, Counters counters) {
        this.core = core;
        this.posts = posts;
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
            answer.add(utf8(tally.json()));
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
        Optional<String> unsafe = Reply.settle(core, () -> judged.stream()
                .filter(each -> !each.reply().failed()).flatMap(each -> each.id().stream())
                .map(Utf8::decode).toList());
        for (Judged each : judged) {
            Reply reply = each.reply().settled(unsafe);
            tally.count(reply);
            if (!errorsOnly) {
                answer.add(ID);
                answer.add(each.id().map(JsonText::quote).orElse(NULL));
                answer.add(reply.accepted() ? ACCEPTED : utf8(",\"result\":false" + why(reply)));
            } else if (reply.failed()) {
                answer.add(utf8("{\"line\":" + each.line() + ",\"id\":"));
                answer.add(each.id().map(JsonText::quote).orElse(NULL));
                answer.add(utf8(why(reply)));
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
            return posts.deliver(posted, lines.buffer(), lines.start(), lines.end());
        } catch (HttpError e) {
            return Reply.of(e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String why(Reply reply) {
        return ",\"msg\":" + JsonText.quote(reply.msg()) + ",\"code\":\"" + reply.code() + "\"}\n";
    }
}
