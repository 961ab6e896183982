package bcast.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalLong;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** A client that takes some bytes, however slowly, stays connected; one that takes none is cut. */
final class StallTimeoutTest {

    private static final long LIMIT_MS = 5_000;
    private static final long CHECK_MS = 250;
    private static final long HOUR_MS = 3_600_000;

    /** When the watchdog cuts a client for which, at a time, some bytes wait; -1 for never. */
    private static long cutMs(LongUnaryOperator waiting) {
        long[] now = new long[1];
        StallTimeout patience = new StallTimeout(() -> {
            long bytes = waiting.applyAsLong(now[0]);
            return bytes < 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
        }, LIMIT_MS);
        for (; now[0] < HOUR_MS; now[0] += CHECK_MS) {
            if (now[0] > patience.applyAsLong(now[0])) {
                return now[0];
            }
        }
        return -1;
    }

    private static void assertCutAfter(long ms, long cutMs) {
        assertTrue(cutMs > ms && cutMs <= ms + StallTimeout.LOOK_MS, "cut after " + cutMs);
    }

    @Test
    void aClientThatTakesNothingIsCutAtTheLimit() {
        assertCutAfter(LIMIT_MS, cutMs(ms -> 2_500_000));
    }

    @Test
    void aClientThatTakesAByteNowAndThenIsNotCut() {
        assertEquals(-1, cutMs(ms -> 2_500_000 - ms / (LIMIT_MS - StallTimeout.LOOK_MS)));
    }

    @Test
    void aClientThatStopsIsCutAfterIt() {
        assertCutAfter(60_000 + LIMIT_MS,
                cutMs(ms -> 2_500_000 - Math.min(ms, 60_000)));
    }

    @Test
    void whereNothingIsKnownTimeDecides() {
        assertCutAfter(LIMIT_MS, cutMs(ms -> -1));
    }

    @Test
    void eachWriteBeginsAnew() {
        StallTimeout patience = new StallTimeout(() -> OptionalLong.of(1), LIMIT_MS);
        patience.applyAsLong(StallTimeout.LOOK_MS);
        patience.restart();
        assertEquals(Long.MAX_VALUE, patience.applyAsLong(StallTimeout.LOOK_MS - 1));
        assertEquals(LIMIT_MS, patience.applyAsLong(LIMIT_MS));
    }
}
