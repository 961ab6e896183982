package bcast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import org.junit.jupiter.api.Test;

final class AnswerMemoryTest {

    private static final long LIMIT = 1_000;

    private final AnswerMemory memory = new AnswerMemory(LIMIT);
    private final InetAddress one = address(1);
    private final InetAddress other = address(2);

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private void assertRefused(InetAddress address, long bytes) {
        HttpError refused = assertThrows(HttpError.class, () -> memory.take(address, bytes));
        assertEquals(503, refused.status);
        assertTrue(refused.getMessage().contains("answer"), refused.getMessage());
        assertFalse(refused.getMessage().contains("bod"), refused.getMessage());
    }

    @Test
    void anAddressMayHoldAsMuchAsIsFree() throws Exception {
        memory.take(one, 1);
        memory.take(one, LIMIT / 2 - 1);
        assertRefused(one, 1);
        memory.take(other, LIMIT / 4);
        assertRefused(other, LIMIT / 4);
        memory.giveBack(one, LIMIT / 2);
        memory.take(other, LIMIT / 8);
    }

    @Test
    void oneAnswerMayTakeAllIfNothingElseIsSent() throws Exception {
        assertRefused(one, LIMIT + 1);
        memory.take(one, LIMIT);
        assertRefused(one, 1);
        assertRefused(other, 1);
        memory.giveBack(one, LIMIT);
        memory.take(other, LIMIT);
    }
}
