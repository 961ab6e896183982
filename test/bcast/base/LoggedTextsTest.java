package bcast.base;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class LoggedTextsTest {

    @Test
    void eachIsNewOnceAndNoneBeyondTheLimit() {
        LoggedTexts logged = new LoggedTexts();
        for (int i = 0; i < LoggedTexts.MAX_TEXTS; i++) {
            assertTrue(logged.add("text " + i));
            assertFalse(logged.add("text " + i));
        }
        assertFalse(logged.add("one more"));
        assertFalse(logged.add("text 0"));
    }
}
