package bcast.http.posting;

import bcast.base.Counters;
import bcast.core.Core;
import bcast.core.Outcome;
import bcast.data.JsonText;
import bcast.data.Text;
import bcast.eventbus.Source;
import bcast.http.server.Call;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * {@code POST /postNewData} with {@code application/x-ndjson}: one record a line, any number of
 * lines. Each line has an answer of its own, in the same order; one that fails stops no other.
 */
final class PostBatch {

    /** Counts posts of many records. */
    private static final String BATCHES = "batches";

    /** Counts lines of such posts. */
    private static final String BATCH_LINES = "batch_lines";

    /** Lines judged before any of them is answered, so that they share a wait for the disk. */
    private static final int MAX_JUDGED = 512;

    /** Most batches that are stored by threads of their own: there is no use in more than cores. */
    static final int STORING = Runtime.getRuntime().availableProcessors();

    private static final byte[] ID = utf8("{\"id\":");
    private static final byte[] QUOTE = utf8("\"");
    private static final byte[] NULL = utf8("null");
    private static final byte[] ACCEPTED = utf8(",\"result\":true" + why(Reply.OK));

    private final Core core;
    private final Posts posts;
    private final int maxRaw;
    private final Executor threads;
    private final Counters counters;

    PostBatch(Core core, Posts posts, int maxRaw, Executor threads, Counters counters) {
        this.core = core;
        this.posts = posts;
        this.maxRaw = maxRaw;
        this.threads = new BoundedExecutor(threads, STORING);
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
        DeferredResponse answer = new DeferredResponse(call);
        Tally tally = new Tally();
        int limit = maxRaw + PostNewData.ENVELOPE_BYTES;
        try (DecodedBody body = new DecodedBody(call, limit);
                BatchPipeline delivery = new BatchPipeline(this::deliver, threads,
                        call.memory(), call::extendDeadline)) {
            LineReader lines = new LineReader((target, from, length) -> {
                // The reader may have to wait: lines read before are not to wait with it.
                delivery.handOn();
                return body.read(target, from, length);
            }, call.memory(), limit);
            answer(lines, delivery, errorsOnly, answer, tally);
        } finally {
            counters.count(BATCHES);
            counters.add(BATCH_LINES, tally.lines);
        }
        if (errorsOnly) {
            answer.add(utf8(tally.json()));
        }
        answer.finish();
    }

    private void answer(LineReader lines, BatchPipeline delivery, boolean errorsOnly,
            DeferredResponse answer, Tally tally) throws IOException, HttpError {
        RecordParser posted = new RecordParser(maxRaw);
        List<BatchLine> judged = new ArrayList<>();
        while (lines.next()) {
            if (lines.blank()) {
                continue;
            }
            int bytes = lines.end() - lines.start();
            if (bytes <= Posts.LARGE_BYTES || lines.tooLong() || lines.noRoom()) {
                delivery.add(read(lines, posted), bytes);
            } else {
                delivery.finish();
                delivery.add(deliverLarge(lines, posted), 0);
            }
            delivery.takeDelivered(judged);
            if (judged.size() >= MAX_JUDGED) {
                answer(judged, errorsOnly, answer, tally);
            }
        }
        delivery.finish();
        delivery.takeDelivered(judged);
        answer(judged, errorsOnly, answer, tally);
    }

    /** Answers lines once all of them are as safe as the node promises. */
    private void answer(List<BatchLine> judged, boolean errorsOnly, DeferredResponse answer,
            Tally tally) throws IOException {
        Optional<String> unsafe = Reply.settle(core, judged.stream()
                .flatMap(each -> each.held().stream()).toList());
        for (BatchLine each : judged) {
            Reply reply = each.reply().settled(unsafe);
            tally.count(reply);
            if (!errorsOnly) {
                answer.add(ID);
                addId(each, answer);
                answer.add(reply.accepted() ? ACCEPTED : utf8(",\"result\":false" + why(reply)));
            } else if (reply.failed()) {
                answer.add(utf8("{\"line\":" + each.number() + ",\"id\":"));
                addId(each, answer);
                answer.add(utf8(why(reply)));
            }
        }
        judged.clear();
    }

    private static void addId(BatchLine line, DeferredResponse answer) throws IOException {
        Optional<Text> id = line.id();
        if (id.isEmpty()) {
            answer.add(NULL);
        } else {
            answer.add(QUOTE);
            answer.add(id.get());
            answer.add(QUOTE);
        }
    }

    private BatchLine read(LineReader lines, RecordParser posted) {
        try {
            posted.forget();
            if (lines.noRoom()) {
                throw new HttpError(503, "busy", "No memory for the line now");
            }
            if (lines.tooLong()) {
                throw new HttpError(413, "too_large", "The line is longer than "
                        + (maxRaw + PostNewData.ENVELOPE_BYTES) + " bytes");
            }
            return BatchLine.of(lines.number(), posted.read(lines.buffer(), lines.start(),
                    lines.end()));
        } catch (HttpError e) {
            return BatchLine.answered(lines.number(), posted.id(), Reply.of(e));
        }
    }

    private void deliver(BatchLine line) {
        if (line.data().isPresent()) {
            line.answer(core.deliver(line.data().get(), Source.CLIENT));
        }
    }

    /** Few are read and delivered at a time, and none waits. */
    private BatchLine deliverLarge(LineReader lines, RecordParser posted) {
        try {
            Outcome outcome = posts.deliver(posted, lines.buffer(), lines.start(), lines.end());
            // Known only now that it was read.
            return BatchLine.delivered(lines.number(), posted.id(), outcome);
        } catch (HttpError e) {
            return BatchLine.answered(lines.number(), posted.id(), Reply.of(e));
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String why(Reply reply) {
        return ",\"msg\":" + JsonText.quote(reply.msg()) + ",\"code\":\"" + reply.code() + "\"}\n";
    }
}
