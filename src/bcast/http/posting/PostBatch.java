package bcast.http.posting;

import bcast.base.Counters;
import bcast.base.Metric;
import bcast.http.server.Call;
import bcast.http.server.HttpError;
import bcast.http.server.RequestThreads;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * {@code POST /postNewData} with {@code application/x-ndjson}: one record a line, any number of
 * lines. Each line has an answer of its own, in the same order; a line that fails stops no other.
 */
final class PostBatch {

    /** Most batches that are delivered by a second thread: more than processors gain nothing. */
    private static final int HELPERS = Runtime.getRuntime().availableProcessors();

    private static final Metric BATCHES = Metric.counter("bcast_batches_total",
            "Posts of many records.");

    private static final Metric BATCH_LINES = Metric.counter("bcast_batch_lines_total",
            "Lines of posts of many records.");

    /** Records delivered before any of them is answered, so that they share a wait for the disk. */
    private static final int MAX_UNANSWERED = 512;

    private final Posting posting;
    private final Counters counters;
    private final Executor helpers = RequestThreads.helpers("http-batch-", HELPERS);

    PostBatch(Posting posting, Counters counters) {
        this.posting = posting;
        this.counters = counters;
        counters.declare(List.of(BATCHES, BATCH_LINES));
    }

    void handle(Call call) throws IOException, HttpError {
        BatchAnswer answer = new BatchAnswer(call);
        try (DecodedBody body = new DecodedBody(call, posting.maxBytes());
                BatchPipeline pipeline = new BatchPipeline(posting::deliver, helpers)) {
            LineReader lines = new LineReader((target, from, length) -> {
                // The read may block: the lines before must be delivered meanwhile.
                pipeline.handOn();
                return body.read(target, from, length);
            }, call.memory(), posting.maxBytes());
            answer(lines, pipeline, answer);
        } finally {
            counters.count(BATCHES);
            counters.add(BATCH_LINES, answer.lines());
        }
        answer.finish();
    }

    private void answer(LineReader lines, BatchPipeline pipeline, BatchAnswer answer)
            throws IOException, HttpError {
        RecordParser parser = posting.parser();
        while (lines.next()) {
            if (!lines.blank()) {
                add(lines, parser, pipeline);
                if (pipeline.delivered().size() >= MAX_UNANSWERED) {
                    answer(pipeline.delivered(), answer);
                }
            }
        }
        pipeline.finish();
        answer(pipeline.delivered(), answer);
    }

    private void add(LineReader lines, RecordParser parser, BatchPipeline pipeline)
            throws IOException {
        LineReader.Line line = lines.line();
        if (lines.noMemory()) {
            pipeline.add(PostedRecord.rejected(line.number(), Optional.empty(), new HttpError(503,
                    "busy", "No memory for the line now")), line.length());
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
