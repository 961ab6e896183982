package bcast.http.posting;

import bcast.base.Clock;
import bcast.base.Counters;
import bcast.base.Metric;
import bcast.core.Core;
import bcast.http.server.Call;
import bcast.http.server.Handler;
import bcast.http.server.HttpError;
import bcast.http.server.RequestThreads;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * {@code POST /postNewData}: one record as a JSON object, whatever its content type; or a batch as
 * {@code application/x-ndjson}, one a line, any number of lines. Each line has an answer of its
 * own, in the same order; a line that fails stops no other.
 */
public final class PostNewData implements Handler {

    private static final Metric POST_SECONDS = Metric.histogram("bcast_post_seconds",
            "Time to judge and answer a post of one record.");

    private static final Metric BATCHES = Metric.counter("bcast_batches_total",
            "Posts of many records.");

    private static final Metric BATCH_LINES = Metric.counter("bcast_batch_lines_total",
            "Lines of posts of many records.");

    /** Most batches that are delivered by a second thread: more than processors gain nothing. */
    private static final int HELPERS = Runtime.getRuntime().availableProcessors();

    /** Records delivered before any of them is answered, so that they share a wait for the disk. */
    private static final int MAX_UNANSWERED = 512;

    private final Posting posting;
    private final Clock clock;
    private final Counters counters;
    private final Executor helpers = RequestThreads.helpers("http-batch-", HELPERS);

    /** Accepts raw up to a length in bytes of UTF-8. */
    public PostNewData(Core core, int maxRaw, Clock clock, Counters counters) {
        this.posting = new Posting(core, maxRaw);
        this.clock = clock;
        this.counters = counters;
        counters.declare(List.of(POST_SECONDS, BATCHES, BATCH_LINES));
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        String type = call.header("Content-Type").orElse("");
        int end = type.indexOf(';');
        if ((end < 0 ? type : type.substring(0, end)).trim().equalsIgnoreCase(Call.NDJSON)) {
            batch(call);
        } else {
            one(call);
        }
    }

    private void one(Call call) throws IOException, HttpError {
        long beganNs = clock.steadyNs();
        try {
            PostedRecord record = deliver(call);
            posting.settle(List.of(record));
            if (record.failed()) {
                throw new HttpError(record.status(), record.code(), record.msg());
            }
            call.answerJson(200, record.accepted() ? "{\"result\":true,\"msg\":\"ok\"}"
                    : HttpError.json(record.code(), record.msg()));
        } finally {
            counters.observe(POST_SECONDS, (clock.steadyNs() - beganNs) / 1e9);
        }
    }

    private PostedRecord deliver(Call call) throws IOException, HttpError {
        try (DecodedBody body = new DecodedBody(call, posting.maxBytes())) {
            return posting.deliver(posting.parser(), body.whole());
        } finally {
            // Before the answer, after which the client may post again at once.
            call.memory().free();
        }
    }

    private void batch(Call call) throws IOException, HttpError {
        BatchAnswer answer = new BatchAnswer(call);
        try (DecodedBody body = new DecodedBody(call, posting.maxBytes());
                BatchPipeline pipeline = new BatchPipeline(posting::deliver, helpers)) {
            LineReader lines = new LineReader((target, from, length) -> {
                // The read may block: the lines before must be delivered meanwhile.
                pipeline.handOn();
                return body.read(target, from, length);
            }, call.memory(), posting.maxBytes());
            RecordParser parser = posting.parser();
            while (lines.next()) {
                if (!lines.blank()) {
                    deliver(lines, parser, pipeline);
                    if (pipeline.delivered().size() >= MAX_UNANSWERED) {
                        answer(pipeline.delivered(), answer);
                    }
                }
            }
            pipeline.finish();
            answer(pipeline.delivered(), answer);
        } finally {
            counters.count(BATCHES);
            counters.add(BATCH_LINES, answer.lines());
        }
        answer.finish();
    }

    private void deliver(LineReader lines, RecordParser parser, BatchPipeline pipeline)
            throws IOException {
        LineReader.Line line = lines.line();
        if (lines.noMemory()) {
            pipeline.add(PostedRecord.rejected(line.number(), Optional.empty(), new HttpError(503,
                    "busy", "No memory for this line now")), line.length());
        } else if (lines.tooLong()) {
            pipeline.add(PostedRecord.rejected(line.number(), Optional.empty(), new HttpError(413,
                    "too_large", "The line is longer than " + posting.maxBytes() + " bytes")),
                    line.length());
        } else if (line.length() > Posting.LARGE_BYTES) {
            // In order, so after those before it.
            pipeline.finish();
            pipeline.add(posting.deliver(parser, line), 0);
        } else {
            pipeline.add(posting.parse(parser, line), line.length());
        }
    }

    /** Answers records once all of them are as safe as the node promises. */
    private void answer(List<PostedRecord> delivered, BatchAnswer answer) throws IOException {
        posting.settle(delivered);
        for (PostedRecord record : delivered) {
            answer.add(record);
        }
        delivered.clear();
    }
}
