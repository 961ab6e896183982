package bcast.cluster.net;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class TimeShareTest {

    private static final long START_MS = 10_000;

    private final TimeShare share = new TimeShare();

    @Test
    void isExceededBeyondTheTimeOfOneSecondAndNotAtIt() {
        assertFalse(share.exceeded(START_MS));
        share.spend(TimeShare.NS_A_SECOND);
        assertFalse(share.exceeded(START_MS));
        share.spend(1);
        assertTrue(share.exceeded(START_MS));
        assertTrue(share.exceeded(START_MS + 999));
        assertFalse(share.exceeded(START_MS + 1_000));
    }

    @Test
    void timeBeyondTheMostIsNotPaidFor() {
        assertFalse(share.exceeded(START_MS));
        share.spend(TimeShare.MAX_SPENT_NS);
        share.spend(1);
        for (int second = 1; second <= 2; second++) {
            assertTrue(share.exceeded(START_MS + second * 1_000));
        }
        assertFalse(share.exceeded(START_MS + 3_000));
    }
}
