package bcast.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class PausesTest {

    private static final long START_MS = 1_000_000;

    private final Pauses pauses = new Pauses();

    /** Takes events each millisecond from a time on, and tells the last pause. */
    private long taken(int eachMs, long fromMs, long toMs) {
        long pauseNs = 0;
        for (long now = fromMs; now <= toMs; now++) {
            pauseNs = pauses.nextNs(eachMs, now);
        }
        return pauseNs;
    }

    @Test
    void pausesAreShortWhenFewEventsCome() {
        assertEquals(Pauses.SHORT_NS, pauses.nextNs(1, START_MS));
        int few = Pauses.MANY / (int) Pauses.WINDOW_MS - 1;
        for (long now = START_MS; now < START_MS + 1_000; now++) {
            assertEquals(Pauses.SHORT_NS, pauses.nextNs(few, now));
        }
    }

    @Test
    void pausesAreLongOnceAWindowHadMany() {
        int many = Pauses.MANY / (int) Pauses.WINDOW_MS;
        long end = START_MS + Pauses.WINDOW_MS;
        assertEquals(Pauses.SHORT_NS, taken(many, START_MS, end - 1));
        for (long now = end; now < START_MS + 1_000; now++) {
            assertEquals(Pauses.LONG_NS, pauses.nextNs(many, now));
        }
    }

    @Test
    void oneLessThanManyIsFew() {
        pauses.nextNs(Pauses.MANY - 1, START_MS);
        assertEquals(Pauses.SHORT_NS, pauses.nextNs(Pauses.MANY, START_MS + Pauses.WINDOW_MS));
        assertEquals(Pauses.LONG_NS, pauses.nextNs(0, START_MS + 2 * Pauses.WINDOW_MS));
    }

    @Test
    void pausesAreShortAgainAfterAWindowWithFew() {
        assertEquals(Pauses.LONG_NS, taken(Pauses.MANY, START_MS, START_MS + 100));
        assertEquals(Pauses.SHORT_NS, taken(1, START_MS + 101,
                START_MS + 101 + 2 * Pauses.WINDOW_MS));
    }

    @Test
    void pausesAreShortAgainAfterAQuietTime() {
        assertEquals(Pauses.LONG_NS, taken(Pauses.MANY, START_MS, START_MS + 100));
        assertEquals(Pauses.SHORT_NS, pauses.nextNs(Pauses.MANY, START_MS + 10_000));
    }

    /** Many at once after a quiet time are no rate: the next are waited for as briefly. */
    @Test
    void aBurstAfterAQuietTimeIsNotYetMany() {
        for (int i = 0; i < 10; i++) {
            assertEquals(Pauses.SHORT_NS, pauses.nextNs(1_000, START_MS + 1_000 * i));
        }
    }
}
