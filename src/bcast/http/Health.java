package bcast.http;

import bcast.core.Core;
import bcast.data.JsonText;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code /healthz}: the process answers. {@code /readyz}: it also has the data, the room and the
 * clock to serve; else 503 with the reasons.
 */
final class Health {

    private Health() {}

    static Handler live() {
        return call -> call.answerJson(200, "{\"status\":\"ok\"}");
    }

    static Handler ready(Core core) {
        return call -> answer(call, core.problems());
    }

    private static void answer(Call call, List<String> problems) throws IOException {
        if (problems.isEmpty()) {
            call.answerJson(200, "{\"ready\":true}");
            return;
        }
        String reasons = problems.stream().map(JsonText::quote).collect(Collectors.joining(","));
        call.setHeader("Retry-After", HttpModule.RETRY_AFTER_S);
        call.answerJson(503, "{\"ready\":false,\"reasons\":[" + reasons + "]}");
    }
}
