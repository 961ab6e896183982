package bcast.http;

import bcast.base.Clock;
import bcast.base.Counters;
import bcast.core.Core;
import bcast.core.Outcome;
import java.io.IOException;
import java.util.concurrent.Executor;

/**
 * {@code POST /postNewData}: one record as a JSON object, whatever its content type; or, as
 * {@code application/x-ndjson}, one a line, see {@link PostBatch}.
 */
final class PostNewData implements Handler {

    /** Room in a body for id, signature, names, escapes and fields we do not know. */
    static final int ENVELOPE_BYTES = 64 * 1024;

    private final Core core;
    private final Posts posts;
    private final int maxRaw;
    private final PostBatch batch;
    private final Clock clock;
    private final Counters counters;

    PostNewData(Core core, int maxRaw, Executor threads, Clock clock, Counters counters) {
        this.core = core;
        this.posts = new Posts(core);
        this.maxRaw = maxRaw;
        this.batch = new PostBatch(core, posts, maxRaw, threads, counters);
        this.clock = clock;
        this.counters = counters;
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        String type = call.header("Content-Type").orElse("");
        int end = type.indexOf(';');
        if ((end < 0 ? type : type.substring(0, end)).trim().equalsIgnoreCase(Variant.NDJSON)) {
            batch.handle(call);
        } else {
            one(call);
        }
    }

    private PostedBody.Whole whole(Call call) throws IOException, HttpError {
        try (PostedBody body = new PostedBody(call, maxRaw + ENVELOPE_BYTES)) {
            return body.whole();
        }
    }

    private Outcome deliver(Call call) throws IOException, HttpError {
        try {
            PostedBody.Whole body = whole(call);
            return posts.deliver(new PostedData(maxRaw), body.bytes(), 0, body.length());
        } finally {
            // Before the answer, after which the client may post again at once.
            call.memory().free();
        }
    }

    private void one(Call call) throws IOException, HttpError {
        long beganNs = clock.steadyNs();
        try {
            Outcome outcome = deliver(call);
            Reply reply = Reply.of(outcome).settled(
                    Reply.settle(core, outcome.held().stream().toList()));
            if (reply.failed()) {
                throw new HttpError(reply.status(), reply.code(), reply.msg());
            }
            call.answerJson(reply.status(), reply.json());
        } finally {
            counters.observe(MetricNames.POST_SECONDS, (clock.steadyNs() - beganNs) / 1e9);
        }
    }
}
