package bcast.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class DescriptorsTest {

    private static Descriptors limited(long limit) {
        return new Descriptors(limit);
    }

    @Test
    void readsTheLimitThatIsInForce() {
        assertEquals(limited(256), Descriptors.of(List.of(
                "Limit                     Soft Limit           Hard Limit           Units     ",
                "Max open files            256                  4096                 files     ")));
        for (String unknown : List.of("Max open files            unlimited            unlimited"
                + "            files     ", "Max processes             9  9  processes", "")) {
            assertEquals(limited(Long.MAX_VALUE), Descriptors.of(List.of(unknown)));
        }
    }

    @Test
    void anUnknownLimitChangesNothing() {
        Descriptors unknown = limited(Long.MAX_VALUE);
        assertEquals(2_048, unknown.clients(2_048));
        assertEquals(160, unknown.links(160));
    }

    @Test
    void clientsLinksAndTheReserveStayBelowTheLimit() {
        for (long limit = Descriptors.MIN_LIMIT; limit < 5_000; limit++) {
            int clients = limited(limit).clients(2_048);
            int links = limited(limit).links(160);
            assertTrue(clients + links + Descriptors.RESERVED <= limit, "at " + limit);
        }
        assertEquals(48, limited(Descriptors.MIN_LIMIT).clients(2_048));
        assertEquals(16, limited(Descriptors.MIN_LIMIT).links(160));
    }

    @Test
    void theWantedLimitIsTheLeastThatIsEnough() {
        long wanted = Descriptors.wanted(2_048, 160);
        assertEquals(2_048, limited(wanted).clients(2_048));
        assertEquals(160, limited(wanted).links(160));
        assertEquals(2_047, limited(wanted - 1).clients(2_048));
        assertEquals(1_000, limited(Descriptors.wanted(10, 1_000)).links(1_000));
        assertEquals(999, limited(Descriptors.wanted(10, 1_000) - 1).links(1_000));
    }
}
