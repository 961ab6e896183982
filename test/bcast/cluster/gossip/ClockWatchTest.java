package bcast.cluster.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ClockWatchTest {

    private static Optional<Long> off(long... offsets) {
        return ClockWatch.off(offsets, 300);
    }

    @Test
    void table() {
        assertEquals(Optional.empty(), off());
        assertEquals(Optional.empty(), off(1_000));
        assertEquals(Optional.of(1_000L), off(1_000, 1_000));
        assertEquals(Optional.empty(), off(1_000, 300));
        assertEquals(Optional.empty(), off(301, 301, 0, 0), "half is not most");
        assertEquals(Optional.of(301L), off(301, 301, 0));
        assertEquals(Optional.empty(), off(400, 0, -400), "they do not agree");
        assertEquals(Optional.of(-400L), off(-500, -400, -300));
    }
}
