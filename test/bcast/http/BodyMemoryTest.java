package bcast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

final class BodyMemoryTest {

    private static final int SMALL = BodyMemory.SMALL_BYTES;
    private static final long LIMIT = 64L * SMALL;

    private final BodyMemory memory = new BodyMemory(LIMIT);

    private static InetAddress address(int last) throws Exception {
        return InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) last});
    }

    /** Takes for new requests of an address until one is refused. Returns how many were not. */
    private int fill(int last, int bytes) throws Exception {
        for (int requests = 0;; requests++) {
            try {
                memory.of(address(last)).take(bytes);
            } catch (HttpError busy) {
                assertEquals(503, busy.status);
                return requests;
            }
        }
    }

    @Test
    void oneAddressTakesHalfAndNotAByteMore() throws Exception {
        assertEquals(32, fill(1, SMALL));
        BodyMemory.Account next = memory.of(address(1));
        assertThrows(HttpError.class, () -> next.take(1));
        assertEquals(16, fill(2, SMALL));
        assertEquals(8, fill(3, SMALL));
    }

    @Test
    void largeOnesLeaveTheReserveToSmallOnes() throws Exception {
        int large = 0;
        for (int last = 1; last < 30; last++) {
            large += fill(last, SMALL + 1);
        }
        assertTrue(large * (SMALL + 1L) > LIMIT / 2, "only " + large + " large ones");
        assertTrue(large * (SMALL + 1L) <= LIMIT - LIMIT / BodyMemory.RESERVED_SHARE);
        assertTrue(fill(40, SMALL) >= 8, "small ones of another address find room");
    }

    @Test
    void aRequestIsLargeFromTheByteAfter64KiBOn() throws Exception {
        fill(1, SMALL + 1);
        fill(2, SMALL + 1);
        fill(3, SMALL + 1);
        fill(4, SMALL + 1);
        BodyMemory.Account request = memory.of(address(40));
        request.take(SMALL);
        for (int i = 0; i < 7; i++) {
            memory.of(address(40)).take(SMALL);
        }
        assertThrows(HttpError.class, () -> request.take(1));
    }

    @Test
    void whatIsGivenBackCanBeTakenAgain() throws Exception {
        BodyMemory.Account request = memory.of(address(1));
        for (int i = 0; i < 100; i++) {
            request.take(LIMIT * 3 / 8);
            assertThrows(HttpError.class, () -> request.take(1));
            request.giveBack(LIMIT * 3 / 8);
        }
    }
}
