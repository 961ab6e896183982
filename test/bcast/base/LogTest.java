package bcast.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.TestClock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LogTest {

    @Test
    void writesOneLineWithTimeAndLevel() {
        List<String> lines = new ArrayList<>();
        Log log = new Log(Log.Level.INFO, TestClock.standing(0), lines::add);
        log.info("hello");
        log.debug("not said");
        assertEquals(List.of("1970-01-01T00:00:00.000Z INFO  hello"), lines);
    }

    @Test
    void nobodyCanForgeALine() {
        assertEquals("a\\u000ab\\u001b[31m\\u202ec\\u2028d",
                Log.printable("a\nb\u001b[31m\u202ec\u2028d"));
    }

    @Test
    void longTextsAreCut() {
        String at = "x".repeat(Log.MAX_TEXT_CHARS);
        assertEquals(at, Log.printable(at));
        assertTrue(Log.printable(at + "x").endsWith("x…"));
        assertEquals(Log.MAX_TEXT_CHARS + 1, Log.printable(at + "xxx").length());
    }
}
