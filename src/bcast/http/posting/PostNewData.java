package bcast.http.posting;

import bcast.base.Clock;
import bcast.base.Counters;
import bcast.base.Metric;
import bcast.core.Core;
import bcast.http.server.Call;
import bcast.http.server.Handler;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.util.List;

/**
 * {@code POST /postNewData}: one record as a JSON object, whatever its content type; or, as
 * {@code application/x-ndjson}, one a line, see {@link PostBatch}.
 */
public final class PostNewData implements Handler {

    private static final Metric POST_SECONDS = Metric.histogram("bcast_post_seconds",
            "Time to judge and answer a post of one record.");

    private final Posting posting;
    private final PostBatch batch;
    private final Clock clock;
    private final Counters counters;

    /** Accepts raw up to a length in bytes of UTF-8. */
    public PostNewData(Core core, int maxRaw, Clock clock, Counters counters) {
        this.posting = new Posting(core, maxRaw);
        this.batch = new PostBatch(posting, counters);
        this.clock = clock;
        this.counters = counters;
        counters.declare(List.of(POST_SECONDS));
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        String type = call.header("Content-Type").orElse("");
        int end = type.indexOf(';');
        if ((end < 0 ? type : type.substring(0, end)).trim()
                .equalsIgnoreCase(Call.NDJSON)) {
            batch.handle(call);
        } else {
            one(call);
        }
    }

    private void one(Call call) throws IOException, HttpError {
        long beganNs = clock.steadyNs();
        try {
            PostedRecord record = deliver(call);
            posting.settle(List.of(record));
            Reply reply = record.reply();
            if (reply.failed()) {
                throw new HttpError(reply.status(), reply.code(), reply.msg());
            }
            call.answerJson(reply.status(), reply.json());
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
}
