package bcast.cluster.gossip.repair;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.link.Now;
import org.junit.jupiter.api.Test;

final class HighLoadTest {

    private long ms = 1_000_000;
    private final HighLoad load = new HighLoad(now());

    private Now now() {
        return new Now(ms, 0);
    }

    /** So many records in a second. */
    private void second(int records) {
        for (int i = 0; i < records; i++) {
            load.accepted(now());
        }
        pass(1_000);
    }

    private void pass(long forMs) {
        ms += forMs;
    }

    @Test
    void isOnFromItsLimitOnAndForAWhileAfter() {
        second(1);
        second(HighLoad.MANY - 1);
        assertFalse(load.isOn(now()));
        for (int i = 0; i < HighLoad.MANY; i++) {
            assertFalse(load.isOn(now()));
            load.accepted(now());
        }
        assertTrue(load.isOn(now()), "at once");
        pass(HighLoad.CALM_MS - 1);
        assertTrue(load.isOn(now()));
        pass(1);
        assertFalse(load.isOn(now()));
    }

    @Test
    void nothingIsPutOffForEver() {
        second(1);
        int seconds = (int) (HighLoad.LONGEST_MS / 1_000) - 1;
        for (int i = 0; i < seconds; i++) {
            second(i % 2 == 0 ? HighLoad.MANY : 0);
            assertTrue(load.isOn(now()), "after " + i + " s");
        }
        second(HighLoad.MANY);
        assertFalse(load.isOn(now()));
        pass(HighLoad.CALM_MS);
        second(HighLoad.MANY);
        assertTrue(load.isOn(now()), "the next one");
    }
}
