package bcast.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class RetentionTest {

    @Test
    void aRecordExpiresOnceItsAgeIsTheRetention() {
        Retention retention = new Retention(100);
        assertFalse(retention.expired(1_000, 1_099));
        assertTrue(retention.expired(1_000, 1_100));
    }

    @Test
    void theOldestTimestampIsTheFirstThatHasNotExpired() {
        Retention retention = new Retention(100);
        assertEquals(1_000, retention.oldestMs(1_099));
        assertFalse(retention.expired(retention.oldestMs(5_000), 5_000));
        assertTrue(retention.expired(retention.oldestMs(5_000) - 1, 5_000));
    }
}
