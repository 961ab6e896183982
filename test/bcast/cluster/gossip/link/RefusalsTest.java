package bcast.cluster.gossip.link;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class RefusalsTest {

    private static final int MAX = 100;

    private final Refusals<Integer> refusals = new Refusals<>(MAX);

    @Test
    void whatIsRefusedIsSoForItsTime() {
        refusals.add(1, 100);
        assertTrue(refusals.contains(1, 99));
        assertFalse(refusals.contains(1, 100));
        assertFalse(refusals.contains(2, 0));
    }

    @Test
    void asManyAsTheLimitAreRememberedAndTheFirstIsForgottenPastIt() {
        for (int i = 0; i < MAX; i++) {
            refusals.add(i, 100);
        }
        assertTrue(refusals.contains(0, 0));
        refusals.add(MAX, 100);
        assertFalse(refusals.contains(0, 0));
        assertTrue(refusals.contains(1, 0));
    }

    @Test
    void whatIsRefusedOnceMoreIsForgottenLast() {
        for (int i = 0; i < MAX; i++) {
            refusals.add(i, 100);
        }
        refusals.add(0, 200);
        refusals.add(MAX, 100);
        assertTrue(refusals.contains(0, 199));
        assertFalse(refusals.contains(1, 0));
    }
}
