package bcast.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class EventBatchingTest {

    private static final long START_MS = 1_000_000;

    private final EventBatching batching = new EventBatching();

    /** Takes events each millisecond from a time on. Returns the last pause. */
    private long taken(int eachMs, long fromMs, long toMs) {
        long pauseNs = 0;
        for (long now = fromMs; now <= toMs; now++) {
            pauseNs = batching.nextNs(eachMs, now);
        }
        return pauseNs;
    }

    @Test
    void noPauseWhileFewEventsCome() {
        assertEquals(0, batching.nextNs(1, START_MS));
        int few = EventBatching.MANY / (int) EventBatching.WINDOW_MS - 1;
        for (long now = START_MS; now < START_MS + 1_000; now++) {
            assertEquals(0, batching.nextNs(few, now));
        }
    }

    @Test
    void pausesOnceAWindowHadMany() {
        int many = EventBatching.MANY / (int) EventBatching.WINDOW_MS;
        long end = START_MS + EventBatching.WINDOW_MS;
        assertEquals(0, taken(many, START_MS, end - 1));
        for (long now = end; now < START_MS + 1_000; now++) {
            assertEquals(EventBatching.PAUSE_NS, batching.nextNs(many, now));
        }
    }

    @Test
    void oneEventLessThanManyCausesNoPause() {
        batching.nextNs(EventBatching.MANY - 1, START_MS);
        assertEquals(0, batching.nextNs(EventBatching.MANY, START_MS + EventBatching.WINDOW_MS));
        assertEquals(EventBatching.PAUSE_NS,
                batching.nextNs(0, START_MS + 2 * EventBatching.WINDOW_MS));
    }

    @Test
    void noPauseAfterAWindowWithFew() {
        assertEquals(EventBatching.PAUSE_NS, taken(EventBatching.MANY, START_MS, START_MS + 100));
        assertEquals(0, taken(1, START_MS + 101,
                START_MS + 101 + 2 * EventBatching.WINDOW_MS));
    }

    @Test
    void noPauseAfterAQuietTime() {
        assertEquals(EventBatching.PAUSE_NS, taken(EventBatching.MANY, START_MS, START_MS + 100));
        assertEquals(0, batching.nextNs(EventBatching.MANY, START_MS + 10_000));
    }

    /** Many events at one moment after a quiet time do not show a rate. */
    @Test
    void aBurstAfterAQuietTimeCausesNoPause() {
        for (int i = 0; i < 10; i++) {
            assertEquals(0, batching.nextNs(1_000, START_MS + 1_000 * i));
        }
    }
}
