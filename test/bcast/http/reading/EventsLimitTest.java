package bcast.http.reading;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class EventsLimitTest {

    @Test
    void readersAreLimitedByConnectionsAndMemory() {
        assertEquals(1_536, Events.limit(2_048, 1L << 40), "three of four connections");
        assertEquals(75, Events.limit(100, 1L << 40));
        assertEquals(10, Events.limit(2_048, 10 * Events.READER_BYTES));
        assertEquals(9, Events.limit(2_048, 10 * Events.READER_BYTES - 1));
        assertEquals(1, Events.limit(2_048, 0), "one at least");
    }
}
