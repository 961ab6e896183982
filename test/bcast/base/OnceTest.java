package bcast.base;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class OnceTest {

    @Test
    void eachIsNewOnceAndNoneBeyondTheLimit() {
        Once once = new Once();
        for (int i = 0; i < Once.MAX_TEXTS; i++) {
            assertTrue(once.first("text " + i));
            assertFalse(once.first("text " + i));
        }
        assertFalse(once.first("one more"));
        assertFalse(once.first("text 0"));
    }
}
