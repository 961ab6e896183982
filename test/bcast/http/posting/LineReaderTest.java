package bcast.http.posting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.http.server.HttpError;
import bcast.http.server.MemoryBudget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Lines at their limits, however the bytes arrive. */
final class LineReaderTest {

    private static final int LIMIT = 100_000;

    private static LineReader lines(String body, int atOnce, int room) throws HttpError {
        ByteArrayInputStream in = new ByteArrayInputStream(
                body.getBytes(StandardCharsets.US_ASCII));
        return new LineReader((target, from, length) ->
                in.read(target, from, Math.min(length, atOnce)),
                MemoryBudget.ofAnswers(room).of(InetAddress.getLoopbackAddress()), LIMIT);
    }

    private static String text(LineReader lines) {
        LineReader.Line line = lines.line();
        return new String(line.bytes(), line.from(), line.length(), StandardCharsets.US_ASCII);
    }

    @Test
    void aLineOfTheLimitIsReadAndOneByteMoreIsPassedOver() throws IOException, HttpError {
        String body = "x".repeat(LIMIT) + "\n" + "y".repeat(LIMIT + 1) + "\n"
                + "z".repeat(5 * LIMIT) + "\nlast";
        for (int atOnce : new int[] {7, 8_192, 1 << 20}) {
            LineReader lines = lines(body, atOnce, 1 << 20);
            assertTrue(lines.next());
            assertFalse(lines.tooLong());
            assertEquals("x".repeat(LIMIT), text(lines));
            assertTrue(lines.next());
            assertTrue(lines.tooLong());
            assertTrue(lines.next());
            assertTrue(lines.tooLong());
            assertTrue(lines.next());
            assertFalse(lines.tooLong());
            assertEquals("last", text(lines));
            assertEquals(4, lines.line().number());
            assertFalse(lines.next());
        }
    }

    @Test
    void aLineForWhichThereIsNoMemoryIsPassedOver() throws IOException, HttpError {
        LineReader lines = lines("x".repeat(LIMIT) + "\nlast\n", 8_192, 100_000);
        assertTrue(lines.next());
        assertTrue(lines.noMemory());
        assertFalse(lines.blank());
        assertTrue(lines.next());
        assertFalse(lines.noMemory());
        assertEquals("last", text(lines));
        assertFalse(lines.next());
    }

    @Test
    void aLineGrowsOnlyIfThereIsMemoryForTheOldBufferAndTheNew() throws IOException, HttpError {
        int first = 64 * 1024;
        int longest = LIMIT + 1;
        String body = "x".repeat(LIMIT) + "\n";
        LineReader refused = lines(body, 8_192, first + longest - 1);
        assertTrue(refused.next());
        assertTrue(refused.noMemory());
        LineReader read = lines(body, 8_192, first + longest);
        assertTrue(read.next());
        assertFalse(read.noMemory());
        assertEquals("x".repeat(LIMIT), text(read));
    }
}
