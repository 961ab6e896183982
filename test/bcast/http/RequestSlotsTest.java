package bcast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import bcast.base.Counters;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

final class RequestSlotsTest {

    private static final int MOST = 8;

    private final Counters counters = new Counters();
    private final RequestSlots slots = new RequestSlots(MOST, counters);
    private final List<Integer> evicted = new ArrayList<>();

    private List<RequestSlots.Slot> fill() {
        List<RequestSlots.Slot> all = new ArrayList<>();
        for (int i = 0; i < MOST; i++) {
            int number = i;
            all.add(slots.take(() -> evicted.add(number)));
        }
        return all;
    }

    private void take() {
        slots.take(() -> { });
    }

    @Test
    void theOldestInHeadersMakesRoomForOneMoreThanTheLimit() {
        List<RequestSlots.Slot> all = fill();
        assertEquals(List.of(), evicted);
        take();
        assertEquals(List.of(0), evicted);
        all.get(1).headersRead();
        all.get(0).free();
        take();
        assertEquals(List.of(0, 2), evicted);
        assertEquals(2, counters.get(RequestSlots.EVICTED));
    }

    @Test
    void requestsWhoseHeadersAreReadKeepTheirSlots() {
        List<RequestSlots.Slot> all = fill();
        all.forEach(RequestSlots.Slot::headersRead);
        assertThrows(RejectedExecutionException.class, this::take);
        assertEquals(1, counters.get(RequestSlots.REFUSED));
        all.get(3).free();
        take();
        // Which still waits for its headers.
        take();
        assertEquals(List.of(), evicted);
    }

    @Test
    void answeredRequestsMakeRoomAsWell() {
        List<RequestSlots.Slot> all = fill();
        all.forEach(RequestSlots.Slot::headersRead);
        all.get(5).answered();
        take();
        assertEquals(List.of(5), evicted);
        all.get(5).answered();
        all.get(5).free();
        // The last one that was taken waits for its headers.
        take();
        assertEquals(List.of(5), evicted);
    }

    @Test
    void aQuarterMayStillBeEndingAndNotOneMore() {
        List<RequestSlots.Slot> all = fill();
        for (int i = 0; i < MOST / RequestSlots.ENDING_SHARE; i++) {
            take();
        }
        assertThrows(RejectedExecutionException.class, this::take);
        all.get(0).free();
        take();
        assertEquals(List.of(0, 1, 2), evicted);
    }
}
