package bcast.http.posting;

import bcast.base.Clock;
import bcast.base.Counters;
import bcast.core.Core;
import bcast.core.Outcome;
import bcast.http.server.Call;
import bcast.http.server.ContentTypes;
import bcast.http.server.Handler;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.util.concurrent.Executor;

/**
 * {@code POST /postNewData}: one record as a JSON object, whatever its content type; or, as
 * {@code application/x-ndjson}, one a line, see {@link PostBatch}.
 */
public final class PostNewData implements Handler {

    /** Room in a body for id, signature, names, escapes and fields we do not know. */
    static final int ENVELOPE_BYTES = 64 * 1024;

    /** Threads for storing long batches, in addition to those of the requests. */
    public static final int THREADS = PostBatch.STORING;

    /** Histogram of posts of one record. */
    private static final String POST_SECONDS = "post_seconds";

    private final Core core;
    private final Posts posts;
    private final int maxRaw;
    private final PostBatch batch;
    private final Clock clock;
    private final Counters counters;

    /**
     * Accepts posts.
     *
     * @param core takes the records
     * @param maxRaw longest raw accepted, in bytes of UTF-8
     * @param threads run tasks of long batches; may reject one
     * @param clock measures posts of one record
     * @param counters counts posts
     */
    public PostNewData(Core core, int maxRaw, Executor threads, Clock clock, Counters counters) {
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
        if ((end < 0 ? type : type.substring(0, end)).trim()
                .equalsIgnoreCase(ContentTypes.NDJSON)) {
            batch.handle(call);
        } else {
            one(call);
        }
    }

    private DecodedBody.Whole whole(Call call) throws IOException, HttpError {
        try (DecodedBody body = new DecodedBody(call, maxRaw + ENVELOPE_BYTES)) {
            return body.whole();
        }
    }

    private Outcome deliver(Call call) throws IOException, HttpError {
        try {
            DecodedBody.Whole body = whole(call);
            return posts.deliver(new RecordParser(maxRaw), body.bytes(), 0, body.length());
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
            counters.observe(POST_SECONDS, (clock.steadyNs() - beganNs) / 1e9);
        }
    }
}
