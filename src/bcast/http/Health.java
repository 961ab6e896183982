package bcast.http;

import bcast.core.Core;
import bcast.data.JsonText;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code /healthz}: the process answers. {@code /readyz}: it also has the data, the room and the
 * clock to serve; else 503 with the reasons. Notes are added to either answer: they name what an
 * operator should look at and do not make a node unready.
 */
final class Health {

    private Health() {}

    static Handler live() {
        return call -> call.answerJson(200, "{\"status\":\"ok\"}");
    }

    static Handler ready(Core core) {
        return call -> answer(call, core.problems(), core.notes());
    }

    private static void answer(Call call, List<String> problems, List<String> notes)
            throws IOException {
        boolean ready = problems.isEmpty();
        if (!ready) {
            call.setHeader("Retry-After", HttpModule.RETRY_AFTER_S);
        }
        call.answerJson(ready ? 200 : 503, "{\"ready\":" + ready
                + (ready ? "" : ",\"reasons\":" + json(problems))
                + (notes.isEmpty() ? "" : ",\"notes\":" + json(notes)) + "}");
    }

    /** An array of texts. */
    static String json(List<String> texts) {
        return texts.stream().map(JsonText::quote).collect(Collectors.joining(",", "[", "]"));
    }
}
