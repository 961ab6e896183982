package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.RawHttp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Connections on which nothing is sent: before their first request, and between two. */
final class SilentConnectionsTest {

    private static final String PING = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

    @Test
    void silentOnesAreClosedAfter5sAndIdleOnesAreKept() throws Exception {
        try (TestNode node = TestNode.alone(); RawHttp idle = new RawHttp(node.port())) {
            assertEquals(200, idle.send(PING).answer().status());
            List<RawHttp> silent = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                silent.add(new RawHttp(node.port()));
            }
            long start = System.nanoTime();
            for (RawHttp each : silent) {
                assertTrue(each.closed());
                each.close();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            assertTrue(seconds > 3 && seconds < 9, "closed after " + seconds + " s");
            assertEquals(200, idle.send(PING).answer().status());
        }
    }

    @Test
    @Tag("slow")
    void idleOnesAreKeptFor70sAndClosedBefore80s() throws Exception {
        try (TestNode node = TestNode.alone(); RawHttp kept = new RawHttp(node.port());
                RawHttp over = new RawHttp(node.port())) {
            assertEquals(200, kept.send(PING).answer().status());
            assertEquals(200, over.send(PING).answer().status());
            LockSupport.parkNanos(70_000_000_000L);
            assertEquals(200, kept.send(PING).answer().status());
            LockSupport.parkNanos(9_000_000_000L);
            assertTrue(over.closed());
            assertEquals(200, kept.send(PING).answer().status());
        }
    }
}
