package bcast.cluster.gossip;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class RushTest {

    private long ms = 1_000_000;
    private final Rush rush = new Rush(now());

    private Now now() {
        return new Now(ms, 0);
    }

    /** So many records in a second. */
    private void second(int records) {
        for (int i = 0; i < records; i++) {
            rush.accepted(now());
        }
        pass(1_000);
    }

    private void pass(int forMs) {
        for (int i = 0; i < forMs / 100; i++) {
            ms += 100;
            rush.tick(now());
        }
    }

    @Test
    void isOnFromItsLimitOnAndForAWhileAfter() {
        second(1);
        second(Rush.MANY - 1);
        assertFalse(rush.isOn(now()));
        for (int i = 0; i < Rush.MANY; i++) {
            assertFalse(rush.isOn(now()));
            rush.accepted(now());
        }
        assertTrue(rush.isOn(now()), "at once");
        pass(1_000);
        pass((int) Rush.CALM_MS - 100);
        assertTrue(rush.isOn(now()));
        pass(100);
        assertFalse(rush.isOn(now()));
    }

    @Test
    void aNodeThatStoodStillBelievesWhatItKnew() {
        second(1);
        ms += 5_000;
        assertFalse(rush.isOn(now()));
        second(Rush.MANY);
        ms += 5_000;
        assertTrue(rush.isOn(now()));
        pass((int) Rush.CALM_MS);
        assertFalse(rush.isOn(now()));
    }

    @Test
    void nothingIsPutOffForEver() {
        second(1);
        int seconds = (int) (Rush.LONGEST_MS / 1_000) - 1;
        for (int i = 0; i < seconds; i++) {
            second(i % 2 == 0 ? Rush.MANY : 0);
            assertTrue(rush.isOn(now()), "after " + i + " s");
        }
        second(Rush.MANY);
        assertFalse(rush.isOn(now()));
        pass((int) Rush.CALM_MS);
        second(Rush.MANY);
        assertTrue(rush.isOn(now()), "the next one");
    }
}
