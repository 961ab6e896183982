package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import bcast.http.HttpModule;
import bcast.testing.EventReader;
import bcast.testing.RawHttp;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Connections that end in the middle must not count as open for ever. */
final class LostConnectionsTest {

    private static final String HEAD = "POST /postNewData HTTP/1.1\r\nHost: localhost\r\n";

    private interface Visit {
        void to(int port) throws IOException;
    }

    /** As many as may be open at once, one after the other; then one more client. */
    private static void afterAll(Visit visit) throws Exception {
        try (TestNode node = TestNode.alone()) {
            for (int i = 0; i < HttpModule.MAX_CONNECTIONS; i++) {
                visit.to(node.port());
            }
            try (RawHttp client = new RawHttp(node.port())) {
                assertEquals(200, client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .answer().status());
            }
        }
    }

    @Test
    void brokenChunksLeaveRoom() throws Exception {
        afterAll(port -> {
            try (RawHttp client = new RawHttp(port)) {
                client.send(HEAD + "Transfer-Encoding: chunked\r\n\r\nno number\r\n").closed();
            }
        });
    }

    @Test
    void readersThatLeaveLeaveRoom() throws Exception {
        try (TestNode node = TestNode.alone()) {
            for (int i = 0; i < HttpModule.MAX_CONNECTIONS; i++) {
                try (EventReader reader = new EventReader(node.port(), "")) {
                    reader.next();
                }
                // They are noticed when they are written to.
                if (i % 16 == 0) {
                    node.client.post("news " + i, "raw");
                }
            }
            node.client.post("last news", "raw");
            try (RawHttp client = new RawHttp(node.port())) {
                assertEquals(200, client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .answer().status());
            }
        }
    }
}
