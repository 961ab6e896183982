package bcast.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.base.Counters;
import bcast.testing.Await;
import bcast.testing.TestClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class RequestSlotsTest {

    private static final int MOST = 8;

    private final Counters counters = new Counters();
    private final TestClock clock = TestClock.standing(0);
    private final RequestSlots slots = new RequestSlots(MOST, 0, clock, counters);
    private final List<Integer> evicted = new ArrayList<>();

    private List<RequestSlots.Slot> fill() {
        List<RequestSlots.Slot> all = new ArrayList<>();
        for (int i = 0; i < MOST; i++) {
            int number = i;
            all.add(slots.take(() -> evicted.add(number)).orElseThrow());
        }
        clock.advance(RequestSlots.HEADERS_MS);
        return all;
    }

    /** Takes one more. Returns whether there was one. */
    private boolean take() {
        return slots.take(() -> { }).isPresent();
    }

    @Test
    void theOldestInHeadersMakesRoomForOneMoreThanTheLimit() {
        List<RequestSlots.Slot> all = fill();
        assertEquals(List.of(), evicted);
        assertTrue(take());
        assertEquals(List.of(0), evicted);
        all.get(1).headersRead();
        all.get(0).free();
        assertTrue(take());
        assertEquals(List.of(0, 2), evicted);
        assertEquals(2, counters.get(RequestSlots.EVICTED));
    }

    /** Its headers may have arrived, while its thread waits for a processor. */
    @Test
    void aRequestThatHasHardlyBegunIsNotEvicted() {
        for (int i = 0; i < MOST; i++) {
            assertTrue(take());
        }
        clock.advance(RequestSlots.HEADERS_MS - 1);
        assertFalse(take());
        clock.advance(1);
        assertTrue(take());
    }

    @Test
    void aNewRequestWaitsUntilTheOldestMayBeEvicted() {
        RequestSlots patient = new RequestSlots(MOST, 60_000, Clock.system(), counters);
        for (int i = 0; i < MOST; i++) {
            int number = i;
            patient.take(() -> evicted.add(number)).orElseThrow();
        }
        assertTrue(patient.take(() -> { }).isPresent());
        assertEquals(List.of(0), evicted);
    }

    @Test
    void requestsWhoseHeadersAreReadKeepTheirSlots() {
        List<RequestSlots.Slot> all = fill();
        all.forEach(RequestSlots.Slot::headersRead);
        assertFalse(take());
        assertEquals(1, counters.get(RequestSlots.REFUSED));
        all.get(3).free();
        assertTrue(take());
        // Which still waits for its headers.
        clock.advance(RequestSlots.HEADERS_MS);
        assertTrue(take());
        assertEquals(List.of(), evicted);
    }

    @Test
    void answeredRequestsMakeRoomAsWell() {
        List<RequestSlots.Slot> all = fill();
        all.forEach(RequestSlots.Slot::headersRead);
        all.get(5).answered();
        clock.advance(RequestSlots.HEADERS_MS);
        assertTrue(take());
        assertEquals(List.of(5), evicted);
        all.get(5).answered();
        all.get(5).free();
        // The last one that was taken waits for its headers.
        clock.advance(RequestSlots.HEADERS_MS);
        assertTrue(take());
        assertEquals(List.of(5), evicted);
    }

    @Test
    void aQuarterMayStillBeEndingAndNotOneMore() {
        List<RequestSlots.Slot> all = fill();
        for (int i = 0; i < MOST / RequestSlots.ENDING_SHARE; i++) {
            assertTrue(take());
        }
        assertFalse(take());
        all.get(0).free();
        assertTrue(take());
        assertEquals(List.of(0, 1, 2), evicted);
    }

    @Test
    void oneThatFindsNoSlotWaitsForOne() throws Exception {
        RequestSlots patient = new RequestSlots(1, 60_000, Clock.system(), counters);
        RequestSlots.Slot first = patient.take(() -> { }).orElseThrow();
        first.headersRead();
        AtomicBoolean got = new AtomicBoolean();
        Thread second = new Thread(() -> got.set(patient.take(() -> { }).isPresent()));
        second.start();
        Await.until("it waits", 5, () -> second.getState() == Thread.State.TIMED_WAITING);
        first.free();
        second.join();
        assertTrue(got.get());
    }
}
