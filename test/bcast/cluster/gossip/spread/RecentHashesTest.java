package bcast.cluster.gossip.spread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Hash128;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RecentHashesTest {

    private final RecentHashes recent = new RecentHashes();
    private final List<Hash128> added = new ArrayList<>();
    private final Random random = new Random(1);

    private void add(int count) {
        for (int i = 0; i < count; i++) {
            Hash128 hash = new Hash128(random.nextLong(), random.nextLong());
            assertFalse(recent.contains(hash));
            assertTrue(recent.add(hash));
            added.add(hash);
        }
    }

    private long known(int from, int to) {
        return added.subList(from, to).stream().filter(recent::contains).count();
    }

    @Test
    void knowsTheLastOnesAndAtMostTwiceAsMany() {
        int max = RecentHashes.MAX;
        add(max);
        assertEquals(max, known(0, max));
        add(1);
        assertEquals(max + 1, known(0, max + 1));
        add(max - 1);
        assertEquals(2 * max, known(0, 2 * max));
        add(1);
        assertEquals(0, known(0, max), "those before the last ones are forgotten together");
        assertEquals(max + 1, known(max, 2 * max + 1));
    }

    @Test
    void addsEachOnce() {
        add(1_000);
        for (Hash128 each : added) {
            assertFalse(recent.add(each));
        }
        assertEquals(1_000, known(0, 1_000));
    }

    @Test
    void keepsApartHashesThatShareASlot() {
        for (int i = 1; i <= 1_000; i++) {
            assertTrue(recent.add(new Hash128(0, (long) i << 40)));
        }
        for (int i = 1; i <= 1_000; i++) {
            assertTrue(recent.contains(new Hash128(0, (long) i << 40)));
            assertFalse(recent.contains(new Hash128(0, (long) i << 40 | 1)));
        }
    }
}
