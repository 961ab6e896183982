package bcast.http.posting;

import bcast.data.JsonText;
import bcast.data.Text;
import bcast.http.server.Call;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The answer to a batch: a line for each record, or only for those that failed, followed by their
 * numbers. Not for use by several threads.
 */
final class BatchAnswer {

    private static final byte[] ID = utf8("{\"id\":");
    private static final byte[] QUOTE = utf8("\"");
    private static final byte[] NULL = utf8("null");
    private static final byte[] ACCEPTED = utf8(",\"result\":true" + why(Reply.OK));

    private final DeferredResponse out;
    private final boolean errorsOnly;
    private long lines;
    private long accepted;
    private long failed;

    BatchAnswer(Call call) throws HttpError {
        String form = call.query("answer").orElse("all");
        if (!form.equals("all") && !form.equals("errors")) {
            throw new HttpError(400, "malformed", "answer is neither all nor errors");
        }
        this.errorsOnly = form.equals("errors");
        this.out = new DeferredResponse(call);
    }

    void add(PostedRecord record) throws IOException {
        Reply reply = record.reply();
        lines++;
        accepted += reply.accepted() ? 1 : 0;
        failed += reply.failed() ? 1 : 0;
        if (!errorsOnly) {
            out.add(ID);
            addId(record);
            out.add(reply.accepted() ? ACCEPTED : utf8(",\"result\":false" + why(reply)));
        } else if (reply.failed()) {
            out.add(utf8("{\"line\":" + record.line() + ",\"id\":"));
            addId(record);
            out.add(utf8(why(reply)));
        }
    }

    private void addId(PostedRecord record) throws IOException {
        Optional<Text> id = record.id();
        if (id.isEmpty()) {
            out.add(NULL);
        } else {
            out.add(QUOTE);
            out.add(id.get());
            out.add(QUOTE);
        }
    }

    private static String why(Reply reply) {
        return ",\"msg\":" + JsonText.quote(reply.msg()) + ",\"code\":\"" + reply.code() + "\"}\n";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    long lines() {
        return lines;
    }

    void finish() throws IOException {
        if (errorsOnly) {
            out.add(utf8("{\"lines\":" + lines + ",\"accepted\":" + accepted + ",\"exists\":"
                    + (lines - accepted - failed) + ",\"failed\":" + failed + "}\n"));
        }
        out.finish();
    }
}
