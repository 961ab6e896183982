package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import bcast.base.Counters;
import bcast.base.LineWriter;
import bcast.testing.TestClock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class EndingTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final LineWriter lines = new LineWriter(
            new PrintStream(out, true, StandardCharsets.UTF_8), TestClock.standing(0),
            new Counters());

    private String said(String thread, Throwable e) {
        lines.start();
        new Ending(lines).uncaught(new Thread(() -> { }, thread), e);
        lines.flush(5_000);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void messageOfAFaultIsOneLine() {
        assertEquals("bcast: thread core failed: java.lang.IllegalStateException: a\\u000ab\n",
                said("core", new IllegalStateException("a\nb")));
    }

    @Test
    void virtualThreadsWhichHaveNoNameAreNamedByWhatTheyDo() {
        assertEquals("bcast: thread request failed: java.lang.IllegalStateException: a\n",
                said("", new IllegalStateException("a")));
    }
}
