package bcast.http.operations;

import bcast.core.Core;
import bcast.data.JsonText;
import bcast.http.server.Call;
import bcast.http.server.Handler;
import bcast.http.server.RequestServer;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code /healthz}: the process answers. {@code /readyz}: it also has the records, the memory and
 * the clock to serve clients; else 503 with the reasons. Notes are added to either answer: an
 * operator should look at them, but they do not make a node unready.
 */
public final class Health {

    private Health() {}

    public static Handler live() {
        return call -> call.answerJson(200, "{\"status\":\"ok\"}");
    }

    public static Handler ready(Core core) {
        return call -> answer(call, core.problems(), core.notes());
    }

    private static void answer(Call call, List<String> problems, List<String> notes)
            throws IOException {
        boolean ready = problems.isEmpty();
        if (!ready) {
            call.setHeader("Retry-After", RequestServer.RETRY_AFTER_S);
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
