package bcast.http.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import bcast.http.server.HttpError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Texts made one at a time, for a few requests that wait. */
@Timeout(30)
final class SerialRendererTest {

    private final SerialRenderer inTurn = new SerialRenderer();

    /** Makes a text while others are being made. */
    private String nested(int depth) throws HttpError {
        return new String(inTurn.make(() -> depth == 1 ? "made" : nested(depth - 1)),
                StandardCharsets.UTF_8);
    }

    @Test
    void asManyAsMayWaitAreServedAndOneMoreIsRefused() throws Exception {
        assertEquals("made", nested(SerialRenderer.MAX_AT_ONCE));
        assertEquals(503, assertThrows(HttpError.class,
                () -> nested(SerialRenderer.MAX_AT_ONCE + 1)).status());
        assertEquals("made", nested(SerialRenderer.MAX_AT_ONCE), "all places are free again");
    }

    @Test
    void textsOfSeveralThreadsAreMadeOneAtATime() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        AtomicInteger making = new AtomicInteger();
        try {
            List<Future<byte[]>> texts = new ArrayList<>();
            for (int i = 0; i < SerialRenderer.MAX_AT_ONCE; i++) {
                texts.add(threads.submit(() -> inTurn.make(() -> {
                    int now = making.incrementAndGet();
                    Thread.yield();
                    making.decrementAndGet();
                    return "" + now;
                })));
            }
            for (Future<byte[]> each : texts) {
                assertEquals("1", new String(each.get(), StandardCharsets.UTF_8));
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
