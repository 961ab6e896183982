package bcast.cluster.gossip.spread;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Hash128;
import org.junit.jupiter.api.Test;

final class RefusedRecordsTest {

    private final RefusedRecords refused = new RefusedRecords();

    @Test
    void remembersForATime() {
        refused.add(new Hash128(1, 1), 100);
        assertTrue(refused.contains(new Hash128(1, 1), 99));
        assertFalse(refused.contains(new Hash128(1, 1), 100));
        assertFalse(refused.contains(new Hash128(1, 2), 0));
    }

    @Test
    void holdsAtItsLimitAndForgetsTheOldestPast() {
        for (int i = 0; i < RefusedRecords.MAX; i++) {
            refused.add(new Hash128(0, i), 100);
        }
        assertTrue(refused.contains(new Hash128(0, 0), 0));
        refused.add(new Hash128(1, 0), 100);
        assertFalse(refused.contains(new Hash128(0, 0), 0));
        assertTrue(refused.contains(new Hash128(0, 1), 0));
    }
}
