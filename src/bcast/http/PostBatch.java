package bcast.http;

import bcast.base.Counters;
import bcast.core.Core;
import bcast.data.Data;
import bcast.data.JsonText;
import bcast.data.Utf8;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * {@code POST /postNewData} with {@code application/x-ndjson}: one record a line, any number of
 * lines. Each line has an answer of its own, in the same order; one that fails stops no other.
 * While one block of lines is stored the next is read.
 */
final class PostBatch {

    /** What the JDK's server reads at once if so much has come. */
    private static final int FULL_READ_BYTES = 8 * 1024;

    /** Fewer lines are stored in the time that it takes to wake a thread. */
    private static final int WORTH_A_THREAD = 64;

    private static final byte[] ID = utf8("{\"id\":");
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
        this.threads = threads;
        this.counters = counters;
    }

    void handle(Call call) throws IOException, HttpError {
        String mode = call.query("answer").orElse("all");
        if (!mode.equals("all") && !mode.equals("errors")) {
            throw new HttpError(400, "malformed", "answer is neither all nor errors");
        }
        Batch batch = new Batch(call, mode.equals("errors"));
        try {
            batch.run();
        } finally {
            counters.count(MetricNames.BATCHES);
            counters.add(MetricNames.BATCH_LINES, batch.count);
        }
    }

    /** One batch. Belongs to the request's thread. */
    private final class Batch implements Lines.Source {
        private final Call call;
        private final boolean errorsOnly;
        private final Lines.Source body;
        private final Lines lines;
        private final HeldAnswer answer;
        private final PostedData posted = new PostedData(maxRaw);
        private Block reading = new Block(core);
        private Block storing = new Block(core);
        private boolean ahead;
        private boolean drained;
        private long count;
        private long accepted;
        private long exists;
        private long failed;

        Batch(Call call, boolean errorsOnly) throws HttpError {
            this.call = call;
            this.errorsOnly = errorsOnly;
            this.body = call.bodySource();
            this.lines = new Lines(this, maxRaw + PostNewData.ENVELOPE_BYTES);
            this.answer = new HeldAnswer(call);
        }

        void run() throws IOException {
            try {
                while (lines.next()) {
                    if (!lines.blank()) {
                        read();
                    }
                    if (reading.full()) {
                        storeAhead();
                    }
                }
            } finally {
                // Nothing of a request goes on when it is over, and what came whole is stored.
                storeRead();
            }
            answer(storing);
            answer(reading);
            if (errorsOnly) {
                answer.add(utf8("{\"lines\":" + count + ",\"accepted\":" + accepted
                        + ",\"exists\":" + exists + ",\"failed\":" + failed + "}\n"));
            }
            answer.finish();
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            if (drained) {
                // The client may not be as fast as we are: no line waits for what is to come.
                if (reading.lines().size() < WORTH_A_THREAD) {
                    storeRead();
                } else {
                    storeAhead();
                }
            }
            int read = body.read(target, from, length);
            drained = read < Math.min(length, FULL_READ_BYTES);
            return read;
        }

        @Override
        public void take(int bytes) throws HttpError {
            body.take(bytes);
        }

        /** Stores all that was read. */
        private void storeRead() {
            storing.await();
            reading.store();
        }

        /** Adds the current line to the block. */
        private void read() {
            int length = lines.end() - lines.start();
            try {
                posted.forget();
                if (lines.noRoom()) {
                    throw new HttpError(503, "busy", "This node reads as many bodies as it can");
                }
                if (lines.tooLong()) {
                    throw new HttpError(413, "too_large", "The line is longer than "
                            + (maxRaw + PostNewData.ENVELOPE_BYTES) + " bytes");
                }
                if (length > Posts.LARGE_BYTES) {
                    // It is stored while it is here, and what came before it is stored before.
                    storeRead();
                    Reply reply = posts.deliver(posted, lines.buffer(), lines.start(),
                            lines.end());
                    reading.add(lines.number(), posted.id(), reply);
                } else {
                    Data data = posted.read(lines.buffer(), lines.start(), lines.end());
                    reading.add(lines.number(), posted.id(), core.judge(data), length);
                }
            } catch (HttpError e) {
                reading.add(lines.number(), posted.id(), Reply.of(e));
            }
        }

        /** Has a full block stored and answers the one before; what that one was is read next. */
        private void storeAhead() throws IOException {
            storing.await();
            Block before = storing;
            storing = reading;
            if (mayReadAhead()) {
                storing.storeOn(threads);
            } else {
                storing.store();
            }
            answer(before);
            reading = before;
        }

        /** Whether there is memory for a block beside the one that is read. */
        private boolean mayReadAhead() {
            ahead = ahead || call.takeIfFree(2 * Block.MAX_BYTES);
            return ahead;
        }

        /** Answers lines once all of them are as safe as the node promises. */
        private void answer(Block block) throws IOException {
            Optional<String> unsafe = Reply.settle(core, () -> block.lines().stream()
                    .filter(each -> !each.reply().failed()).flatMap(each -> each.id().stream())
                    .map(Utf8::decode).toList());
            for (Block.Line each : block.lines()) {
                Reply reply = each.reply().settled(unsafe);
                count(reply);
                if (!errorsOnly) {
                    answer.add(ID);
                    answer.add(each.id().map(JsonText::quote).orElse(NULL));
                    answer.add(reply.accepted() ? ACCEPTED
                            : utf8(",\"result\":false" + why(reply)));
                } else if (reply.failed()) {
                    answer.add(utf8("{\"line\":" + each.number() + ",\"id\":"));
                    answer.add(each.id().map(JsonText::quote).orElse(NULL));
                    answer.add(utf8(why(reply)));
                }
            }
            block.clear();
        }

        private void count(Reply reply) {
            count++;
            if (reply.accepted()) {
                accepted++;
            } else if (reply.failed()) {
                failed++;
            } else {
                exists++;
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String why(Reply reply) {
        return ",\"msg\":" + JsonText.quote(reply.msg()) + ",\"code\":\"" + reply.code() + "\"}\n";
    }
}
