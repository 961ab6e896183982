package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.RawHttp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a request may hold before its body, at each limit and one past it. */
final class HeaderLimitsTest {

    private static final int MAX_BYTES = 16 * 1024;
    private static final int MAX_FIELDS = 100;
    /** What the JDK's server adds to the length of the request line, and to that of each field. */
    private static final int LINE_COST = 32;
    private static final int FIELD_COST = 33;

    /** Far less than a request's deadline for its headers. */
    private static final long CLOSED_NS = 5_000_000_000L;

    private static TestNode node;

    @BeforeAll
    static void start() throws Exception {
        node = TestNode.alone();
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    /** Fields of so many bytes, together with a request line and Host, as the JDK counts them. */
    private static String request(int bytes) {
        String line = "GET /healthz HTTP/1.1";
        String host = "Host: x";
        int field = bytes - line.length() - LINE_COST - host.length() - 2 * FIELD_COST;
        return line + "\r\n" + host + "\r\nX: " + "a".repeat(field - 3) + "\r\n\r\n";
    }

    private static void assertAnswered(String request) throws Exception {
        try (RawHttp http = new RawHttp(node.port())) {
            assertEquals(200, http.send(request).answer().status());
        }
    }

    private static void assertClosed(String request) throws Exception {
        long start = System.nanoTime();
        try (RawHttp http = new RawHttp(node.port())) {
            assertTrue(http.send(request).closed());
        }
        assertTrue(System.nanoTime() - start < CLOSED_NS, "closed by its deadline only");
        assertAnswered(request(200));
    }

    @Test
    void headersUpTo16KiBAreRead() throws Exception {
        assertAnswered(request(MAX_BYTES));
    }

    @Test
    void headersOver16KiBCloseTheConnection() throws Exception {
        assertClosed(request(MAX_BYTES + 1));
    }

    @Test
    void unfinishedHeadersOver16KiBCloseTheConnection() throws Exception {
        assertClosed("GET /healthz HTTP/1.1\r\nX: " + "a".repeat(MAX_BYTES));
    }

    @Test
    void unfinishedRequestLineOver16KiBClosesTheConnection() throws Exception {
        assertClosed("GET /" + "a".repeat(MAX_BYTES));
    }

    @Test
    void hundredFieldsAreReadAndOneMoreClosesTheConnection() throws Exception {
        StringBuilder fields = new StringBuilder("GET /healthz HTTP/1.1\r\n");
        for (int i = 0; i < MAX_FIELDS; i++) {
            fields.append("F").append(i).append(": x\r\n");
        }
        assertAnswered(fields + "\r\n");
        assertClosed(fields + "One-More: x\r\n\r\n");
    }
}
