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
    void thereIsNoneWhenFewEventsCome() {
        assertEquals(0, pauses.nextNs(1, START_MS));
        int few = Pauses.MANY / (int) Pauses.WINDOW_MS - 1;
        for (long now = START_MS; now < START_MS + 1_000; now++) {
            assertEquals(0, pauses.nextNs(few, now));
        }
    }

    @Test
    void thereAreSomeOnceAWindowHadMany() {
        int many = Pauses.MANY / (int) Pauses.WINDOW_MS;
        long end = START_MS + Pauses.WINDOW_MS;
        assertEquals(0, taken(many, START_MS, end - 1));
        for (long now = end; now < START_MS + 1_000; now++) {
            assertEquals(Pauses.PAUSE_NS, pauses.nextNs(many, now));
        }
    }

    @Test
    void oneLessThanManyIsFew() {
        pauses.nextNs(Pauses.MANY - 1, START_MS);
        assertEquals(0, pauses.nextNs(Pauses.MANY, START_MS + Pauses.WINDOW_MS));
        assertEquals(Pauses.PAUSE_NS, pauses.nextNs(0, START_MS + 2 * Pauses.WINDOW_MS));
    }

    @Test
    void thereIsNoneAfterAWindowWithFew() {
        assertEquals(Pauses.PAUSE_NS, taken(Pauses.MANY, START_MS, START_MS + 100));
        assertEquals(0, taken(1, START_MS + 101,
                START_MS + 101 + 2 * Pauses.WINDOW_MS));
    }

    @Test
    void thereIsNoneAfterAQuietTime() {
        assertEquals(Pauses.PAUSE_NS, taken(Pauses.MANY, START_MS, START_MS + 100));
        assertEquals(0, pauses.nextNs(Pauses.MANY, START_MS + 10_000));
    }

    /** Many at once after a quiet time are no rate: the next are not waited for. */
    @Test
    void aBurstAfterAQuietTimeIsNotYetMany() {
        for (int i = 0; i < 10; i++) {
            assertEquals(0, pauses.nextNs(1_000, START_MS + 1_000 * i));
        }
    }
}
