package bcast.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.TestClock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How links share the cluster's thread. */
final class TurnsTest {

    private static final long TURN_MS = Turns.TURN_NS / 1_000_000;

    private final TestClock clock = TestClock.standing(0);
    private final Turns<String> turns = new Turns<>(clock);
    private final List<String> served = new ArrayList<>();

    private List<String> takeEach(long ms) {
        served.clear();
        turns.take(one -> {
            clock.advance(ms);
            served.add(one);
        });
        return served;
    }

    private void add(String... all) {
        for (String one : all) {
            turns.add(one);
        }
    }

    @Test
    void allAreServedInTheOrderInWhichTheyAskedIfThereIsTime() {
        add("a", "b", "c");
        assertEquals(List.of("a", "b", "c"), takeEach(0));
        assertTrue(turns.isEmpty());
        assertEquals(List.of(), takeEach(0));
    }

    @Test
    void aTurnEndsWithItsTimeAndThoseLeftComeFirstInTheNext() {
        add("a", "b", "c");
        assertEquals(List.of("a", "b"), takeEach(TURN_MS / 2));
        add("a", "b", "c", "d");
        assertEquals(List.of("c", "a"), takeEach(TURN_MS / 2));
        assertEquals(List.of("b", "d"), takeEach(TURN_MS / 2));
        assertTrue(turns.isEmpty());
    }

    @Test
    void oneAtLeastIsServedHoweverLongItTakes() {
        add("a", "b");
        assertEquals(List.of("a"), takeEach(TURN_MS + 1));
        assertFalse(turns.isEmpty());
        assertEquals(List.of("b"), takeEach(TURN_MS + 1));
    }

    @Test
    void timeIsLeftUntilTheLimitAndNotAtIt() {
        add("a");
        turns.take(one -> {
            clock.advance(TURN_MS - 1);
            assertTrue(turns.timeLeft());
            clock.advance(1);
            assertFalse(turns.timeLeft());
        });
    }

    @Test
    void whoIsRemovedIsNotServed() {
        add("a", "b");
        turns.remove("a");
        assertEquals(List.of("b"), takeEach(0));
    }
}
