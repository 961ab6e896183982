package bcast.cluster.gossip;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class RushTest {

    private final Rush rush = new Rush();
    private long ms = 1_000_000;

    private Now now() {
        return new Now(ms, 0);
    }

    /** So many records in a second. */
    private void second(int records) {
        for (int i = 0; i < records; i++) {
            rush.accepted(now());
        }
        ms += 1_000;
    }

    @Test
    void isOnFromItsLimitOnAndOverASecondAfter() {
        second(1);
        second(Rush.MANY - 1);
        assertFalse(rush.isOn(now()));
        second(Rush.MANY);
        assertTrue(rush.isOn(now()));
        second(0);
        assertFalse(rush.isOn(now()));
    }

    @Test
    void recordsOfALongTimeAreNone() {
        second(Rush.MANY);
        ms += 1_000;
        assertFalse(rush.isOn(now()));
    }

    @Test
    void nothingIsPutOffForEver() {
        second(1);
        int seconds = (int) (Rush.LONGEST_MS / 1_000);
        for (int i = 0; i < seconds; i++) {
            second(Rush.MANY);
            assertTrue(rush.isOn(now()), "after " + i + " s");
        }
        second(Rush.MANY);
        assertFalse(rush.isOn(now()));
        second(0);
        assertFalse(rush.isOn(now()));
        second(Rush.MANY);
        assertTrue(rush.isOn(now()), "the next one");
    }
}
