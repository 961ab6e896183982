package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.RawHttp;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An answer that cannot be made whole after it has begun must not look whole. */
final class BrokenAnswerTest {

    private static final int BODY_BYTES = 1_000_000;

    @Test
    void itEndsWithoutTheChunkThatWouldEndIt() throws Exception {
        List<RawHttp> half = new ArrayList<>();
        try (TestNode node = TestNode.alone()) {
            node.client.mustPost("large", "x".repeat(500_000));
            String part = "x".repeat(BODY_BYTES - 1_000);
            int busy = 0;
            while (busy == 0) {
                // Each holds memory for a body that does not come to its end.
                half.add(new RawHttp(node.port()).send("POST /postNewData HTTP/1.1\r\nHost: x\r\n"
                        + "Content-Length: " + BODY_BYTES + "\r\n\r\n" + part));
                busy = node.client.post("probe", "x".repeat(300_000)).contains("busy") ? 1 : 0;
                assertTrue(half.size() < 1_000, "there is memory without end");
            }
            String answer = gzipList(node.port());
            // JDK 25 has not even sent the head by then.
            assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 200"), answer);
            assertFalse(answer.endsWith("0\r\n\r\n"), "it looks whole");
            for (RawHttp each : half) {
                each.close();
            }
            Await.until("the memory is back", 10, () ->
                    gzipList(node.port()).endsWith("0\r\n\r\n"));
            assertEquals(0, node.node.counters().get("http_faults"));
        }
    }

    private static String gzipList(int port) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(("GET /listAllRecentData HTTP/1.1\r\nHost: x\r\n"
                    + "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(),
                    StandardCharsets.ISO_8859_1);
        }
    }
}
