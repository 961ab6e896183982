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

    private static final int RAW_BYTES = 1 << 20;

    @Test
    void itEndsWithoutTheChunkThatWouldEndIt() throws Exception {
        List<RawHttp> stuck = new ArrayList<>();
        // So that lists have little memory.
        long most = Runtime.getRuntime().maxMemory() / 100 * 79;
        try (TestNode node = TestNode.alone("-maxbytes=" + most)) {
            for (int i = 0; i < 12; i++) {
                node.client.mustPost("large" + i, "x".repeat(RAW_BYTES));
            }
            while (gzipList(node.port()).endsWith("0\r\n\r\n")) {
                // Each holds memory for the record that it is at, since nobody reads.
                stuck.add(new RawHttp(node.port()).send("GET /listAllRecentData HTTP/1.1\r\n"
                        + "Host: x\r\n\r\n"));
                assertTrue(stuck.size() < 100, "there is memory without end");
            }
            String answer = gzipList(node.port());
            // JDK 25 has not even sent the head by then.
            assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 200"), answer);
            assertFalse(answer.endsWith("0\r\n\r\n"), "it looks whole");
            for (RawHttp each : stuck) {
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
