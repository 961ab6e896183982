package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.Measured;
import bcast.testing.TestClock;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** An answer that cannot be made whole after it has begun must not look whole. */
final class BrokenAnswerTest {

    private static final int RAW_BYTES = 1 << 20;

    /** More than sockets hold, although it is compressed. */
    private static final int RECORDS = 24;

    @Test
    void itEndsWithoutTheChunkThatWouldEndIt() throws Exception {
        TestClock clock = TestClock.running(0);
        try (TestNode node = new TestNode(clock, "-group=off"); Socket socket = new Socket()) {
            Random random = new Random(1);
            for (int i = 0; i < RECORDS; i++) {
                StringBuilder raw = new StringBuilder(RAW_BYTES);
                while (raw.length() < RAW_BYTES) {
                    raw.append((char) ('0' + random.nextInt(75) % 43));
                }
                node.client.mustPost("large" + i, raw.toString().replace('<', 'x'));
            }
            // Not before: a connection that sends nothing for 5 s is closed.
            socket.connect(new InetSocketAddress("127.0.0.1", node.port()));
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(("GET /listAllRecentData HTTP/1.1\r\nHost: x\r\n"
                    + "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            Await.until("the list begins", 20, () -> socket.getInputStream().available() > 0);
            // No list may take so long, whatever its reader takes.
            clock.advance(4 * 3_600_000);
            Await.until("its reader is cut", 20,
                    () -> Measured.of(node.counters(),
                            "bcast_http_clients_cut_total{reader=\"answer\"}") == 1);
            String answer = new String(socket.getInputStream().readAllBytes(),
                    StandardCharsets.ISO_8859_1);
            assertTrue(answer.startsWith("HTTP/1.1 200"), "it had begun");
            assertFalse(answer.endsWith("0\r\n\r\n"), "it looks whole");
            assertEquals(0, Measured.of(node.counters(), "bcast_http_faults_total"));
        }
    }
}
