package bcast.http.posting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.core.Core;
import bcast.eventbus.QueueEventBus;
import bcast.http.server.Call;
import bcast.http.server.HttpError;
import bcast.http.server.MemoryBudget;
import bcast.http.server.ServerParts;
import bcast.storage.Durability;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.Stores;
import bcast.validator.DigestValidator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client may post again as soon as it has the answer, so by then its memory must be free. */
final class PostMemoryTest {

    private static final long DAY_MS = 86_400_000;
    private static final int LIMIT_BYTES = 1 << 20;
    private static final int MAX_RAW_BYTES = 1_000;

    private final Context context = Contexts.quiet(Clock.system());
    private final Core core = new Core(DigestValidator.md5(),
            Stores.map(DAY_MS, 1_000, LIMIT_BYTES, context), Durability.NONE, false,
            new QueueEventBus(context), new Core.Timing(1_000, 20_000), context);
    private final MemoryBudget bodies = MemoryBudget.ofBodies(LIMIT_BYTES);
    private final List<Integer> holdersAtAnswer = new ArrayList<>();

    @AfterEach
    void stop() {
        core.close();
    }

    /** Posts as the server does, and returns the status. */
    private int post(String body) throws Exception {
        Call call = ServerParts.post(body.getBytes(StandardCharsets.UTF_8), bodies,
                () -> holdersAtAnswer.add(ServerParts.addresses(bodies)), context);
        try {
            new PostNewData(core, MAX_RAW_BYTES, context.clock(),
                    context.counters())
                    .handle(call);
        } catch (HttpError e) {
            ServerParts.answer(call, e);
        }
        return ServerParts.status(call);
    }

    @Test
    void aPostHoldsNoMemoryWhenItsAnswerBegins() throws Exception {
        assertEquals(200, post(News.json("id", "raw")));
        assertEquals(200, post(News.json("id", "raw")), "it exists");
        assertEquals(409, post(News.json("id", "other")));
        assertEquals(400, post("{"));
        assertEquals(422, post("{\"id\":\"x\",\"raw\":\"raw\",\"signature\":\"0\"}"));
        assertEquals(413, post("x".repeat(MAX_RAW_BYTES + Posting.ENVELOPE_BYTES + 1)));
        assertEquals(List.of(0, 0, 0, 0, 0, 0), holdersAtAnswer);
    }
}
