package bcast.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.HostNetwork;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

final class MemoryBudgetTest {

    private static final int SMALL = MemoryBudget.SMALL_BYTES;
    private static final long LIMIT = 64L * SMALL;

    private final MemoryBudget bodies = MemoryBudget.ofBodies(LIMIT);
    private final MemoryBudget answers = MemoryBudget.ofAnswers(LIMIT);
    private final InetAddress one = address(1);
    private final InetAddress other = address(2);

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) last});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static MemoryBudget.Account take(MemoryBudget memory, InetAddress address, long bytes)
            throws HttpError {
        MemoryBudget.Account request = memory.of(address);
        request.take(bytes);
        return request;
    }

    private static void assertRefused(MemoryBudget.Account request, long bytes, String use) {
        HttpError refused = assertThrows(HttpError.class, () -> request.take(bytes));
        assertEquals(503, refused.status());
        assertTrue(refused.getMessage().contains(" " + use), refused.getMessage());
    }

    /** Takes for new requests of an address until one is refused. Returns how many were not. */
    private int fill(int last, int bytes) {
        for (int requests = 0;; requests++) {
            try {
                take(bodies, address(last), bytes);
            } catch (HttpError busy) {
                assertEquals(503, busy.status());
                return requests;
            }
        }
    }

    @Test
    void oneAddressTakesHalfForItsBodiesAndNotAByteMore() {
        assertEquals(32, fill(1, SMALL));
        assertRefused(bodies.of(address(1)), 1, "body");
        assertEquals(16, fill(2, SMALL));
        assertEquals(8, fill(3, SMALL));
    }

    @Test
    void largeBodiesLeaveTheReserveToSmallOnes() {
        int large = 0;
        for (int last = 1; last < 30; last++) {
            large += fill(last, SMALL + 1);
        }
        assertTrue(large * (SMALL + 1L) > LIMIT / 2, "only " + large + " large ones");
        assertTrue(large * (SMALL + 1L) <= LIMIT - LIMIT / MemoryBudget.RESERVED_SHARE);
        assertTrue(fill(40, SMALL) >= 8, "small ones of another address find room");
    }

    @Test
    void aRequestIsLargeFromTheByteAfter64KiBOn() throws Exception {
        for (int last = 1; last <= 4; last++) {
            fill(last, SMALL + 1);
        }
        MemoryBudget.Account request = take(bodies, address(40), SMALL);
        for (int i = 0; i < 7; i++) {
            take(bodies, address(40), SMALL);
        }
        assertRefused(request, 1, "body");
    }

    @Test
    void whatIsGivenBackCanBeTakenAgain() throws Exception {
        MemoryBudget.Account request = bodies.of(one);
        for (int i = 0; i < 100; i++) {
            request.take(LIMIT * 3 / 8);
            assertRefused(request, 1, "body");
            request.giveBack(LIMIT * 3 / 8);
        }
    }

    @Test
    void anAddressThatHoldsNothingIsForgotten() throws Exception {
        for (int last = 0; last < 256; last++) {
            bodies.of(address(last)).free();
            MemoryBudget.Account request = take(bodies, address(last), 2);
            bodies.of(address(last)).free();
            request.giveBack(1);
            assertEquals(1, bodies.addresses());
            request.free();
            request.free();
            assertEquals(0, bodies.addresses());
        }
        assertEquals(32, fill(1, SMALL), "nothing was given back twice");
    }

    @Test
    void anAddressMayHoldAsMuchForItsAnswersAsIsFree() throws Exception {
        take(answers, one, 1);
        MemoryBudget.Account first = take(answers, one, LIMIT / 2 - 1);
        assertRefused(answers.of(one), 1, "response");
        MemoryBudget.Account second = take(answers, other, LIMIT / 4);
        assertRefused(answers.of(other), LIMIT / 4, "response");
        assertRefused(second, LIMIT / 4 + 1, "response");
        first.free();
        take(answers, other, LIMIT / 8);
    }

    @Test
    void oneAnswerMayTakeAllInAnyNumberOfPartsIfNothingElseIsSent() throws Exception {
        for (int parts : new int[] {1, 2, 64}) {
            MemoryBudget.Account only = answers.of(one);
            for (int i = 0; i < parts; i++) {
                only.take(LIMIT / parts);
            }
            assertRefused(only, 1, "response");
            assertRefused(answers.of(one), 1, "response");
            assertRefused(answers.of(other), 1, "response");
            only.free();
        }
        assertRefused(answers.of(one), LIMIT + 1, "response");
    }

    @Test
    void aListIsToldAboutListsAndABodyAboutBodies() {
        HttpError tooLarge = assertThrows(HttpError.class, () ->
                answers.of(one).take(LIMIT + 1));
        assertEquals("The response of this request takes " + (LIMIT + 1) + " bytes of memory, and"
                + " the limit for all requests together is " + LIMIT
                + "; read lists in pages by ?limit=", tooLarge.getMessage());
        tooLarge = assertThrows(HttpError.class, () -> bodies.of(one).take(LIMIT + 1));
        assertEquals("The body of this request takes " + (LIMIT + 1) + " bytes of memory, and"
                + " the limit for all requests together is " + LIMIT
                + "; send smaller batches", tooLarge.getMessage());
    }

    @Test
    void aClientOfIpv6IsToldOfItsNetwork() throws Exception {
        InetAddress client = InetAddress.getByName("2001:db8:1:2:3:4:5:6");
        take(answers, one, LIMIT - 10);
        HttpError full = assertThrows(HttpError.class, () ->
                answers.of(HostNetwork.of(client)).take(11));
        assertEquals("No memory for the response now: all requests from"
                + " 2001:db8:1:2::/64 together may take as much as is free, 10 bytes; try again"
                + " later, or read lists in pages by ?limit=", full.getMessage());
    }

    @Test
    void anArrayGrowsOnlyIfThereIsMemoryForBoth() throws Exception {
        MemoryBudget.Account request = take(answers, one, 4);
        // Such an array cannot be: memory has to be refused before it is allocated.
        assertThrows(HttpError.class, () -> request.grow(new byte[4], Integer.MAX_VALUE));
        int most = (int) LIMIT - 4;
        assertThrows(HttpError.class, () -> request.grow(new byte[4], most + 1));
        assertEquals(4, request.held);
        byte[] larger = request.grow(new byte[] {1, 2, 3, 4}, most);
        assertEquals(4, larger[3]);
        assertEquals(most, larger.length);
        assertEquals(most, request.held);
    }
}
