package bcast.cluster.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.TestClock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How links share the time of the cluster's thread. */
final class TimeSlicedQueueTest {

    private static final long SLICE_MS = TimeSlicedQueue.SLICE_NS / 1_000_000;

    private final TestClock clock = TestClock.standing(0);
    private final TimeSlicedQueue<String> queue = new TimeSlicedQueue<>(clock);
    private final List<String> served = new ArrayList<>();

    private List<String> serveEach(long ms) {
        served.clear();
        queue.serve(one -> {
            clock.advance(ms);
            served.add(one);
        });
        return served;
    }

    private void add(String... all) {
        for (String one : all) {
            queue.add(one);
        }
    }

    @Test
    void allAreServedInTheOrderOfAddingIfThereIsTime() {
        add("a", "b", "c");
        assertEquals(List.of("a", "b", "c"), serveEach(0));
        assertTrue(queue.isEmpty());
        assertEquals(List.of(), serveEach(0));
    }

    @Test
    void thoseLeftOverWhenTheSliceEndsComeFirstInTheNext() {
        add("a", "b", "c");
        assertEquals(List.of("a", "b"), serveEach(SLICE_MS / 2));
        add("a", "b", "c", "d");
        assertEquals(List.of("c", "a"), serveEach(SLICE_MS / 2));
        assertEquals(List.of("b", "d"), serveEach(SLICE_MS / 2));
        assertTrue(queue.isEmpty());
    }

    @Test
    void atLeastOneIsServedHoweverLongItTakes() {
        add("a", "b");
        assertEquals(List.of("a"), serveEach(SLICE_MS + 1));
        assertFalse(queue.isEmpty());
        assertEquals(List.of("b"), serveEach(SLICE_MS + 1));
    }

    @Test
    void timeIsLeftUntilTheEndOfTheSliceAndNotAtIt() {
        add("a");
        queue.serve(one -> {
            clock.advance(SLICE_MS - 1);
            assertTrue(queue.timeLeft());
            clock.advance(1);
            assertFalse(queue.timeLeft());
        });
    }
}
