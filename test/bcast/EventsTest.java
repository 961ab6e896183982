package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.eventbus.Source;
import bcast.testing.Await;
import bcast.testing.EventReader;
import bcast.testing.Measured;
import bcast.testing.News;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** News as it comes, by Server-Sent Events. */
@Timeout(60)
@Isolated("measures the processor time of the process")
final class EventsTest {

    private static final Source PEER = new Source("peer", 1);

    private TestNode node;

    @BeforeEach
    void start() throws Exception {
        node = TestNode.alone();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private void fromPeer(String id, String raw, long agoMs) {
        node.node.core().deliver(News.data(id, raw, Clock.system().wallMs() - agoMs), PEER);
    }

    private EventReader reader(String query, String... headers) throws Exception {
        return new EventReader(node.port(), query, headers);
    }

    @Test
    void whatIsAcceptedHereComesFromClientsAndPeersAlike() throws Exception {
        fromPeer("before", "raw", 10);
        try (EventReader reader = reader("")) {
            assertEquals(200, reader.status());
            assertEquals("text/event-stream", reader.header("Content-Type"));
            assertTrue(reader.next().id().endsWith("-1"), "where it begins");
            node.client.mustPost("a", "from a client");
            fromPeer("b", "from a peer", 60_000);
            EventReader.Event first = reader.next();
            assertEquals(node.client.send("GET", "/data?id=a", null).body(), first.data());
            assertEquals("b", reader.next().field("id"));
            fromPeer("a", "an earlier one", 120_000);
            assertEquals("an earlier one", reader.next().field("raw"), "it replaces the other");
        }
    }

    @Test
    void historySinceATimeAndThenNews() throws Exception {
        fromPeer("old", "raw", 100_000);
        fromPeer("new", "raw", 1_000);
        long since = Clock.system().wallMs() - 50_000;
        try (EventReader reader = reader("?since=" + since)) {
            reader.next();
            assertEquals("new", reader.next().field("id"));
            fromPeer("older", "raw", 200_000);
            fromPeer("newer", "raw", 0);
            assertEquals("newer", reader.next().field("id"));
        }
    }

    @Test
    void whoComesBackMissesNothing() throws Exception {
        String last;
        try (EventReader reader = reader("")) {
            last = reader.next().id();
        }
        fromPeer("a", "raw", 5);
        fromPeer("b", "raw", 50);
        try (EventReader reader = reader("", "Last-Event-ID: " + last)) {
            reader.next();
            assertEquals("a", reader.next().field("id"));
            EventReader.Event b = reader.next();
            assertEquals("b", b.field("id"));
            last = b.id();
        }
        fromPeer("c", "raw", 500);
        try (EventReader reader = reader("?after=" + last)) {
            reader.next();
            assertEquals("c", reader.next().field("id"), "a page cannot set the header");
        }
    }

    @Test
    void aForeignCursorBeginsAnew() throws Exception {
        fromPeer("a", "raw", 5);
        String beyond;
        try (EventReader reader = reader("")) {
            beyond = reader.next().id().replaceAll("1$", "2");
        }
        for (String foreign : List.of("0123456789ab-7", "nonsense", beyond)) {
            try (EventReader reader = reader("", "Last-Event-ID: " + foreign)) {
                EventReader.Event reset = reader.next();
                assertEquals("reset", reset.type());
                assertTrue(reset.id().endsWith("-0"));
                assertEquals("a", reader.next().field("id"));
            }
        }
    }

    @Test
    void manyReadersSeeAllInTheSameOrder() throws Exception {
        List<EventReader> readers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            readers.add(reader(""));
            readers.get(i).next();
        }
        for (int i = 0; i < 500; i++) {
            fromPeer("id" + i, "raw", i);
        }
        for (EventReader reader : readers) {
            for (int i = 0; i < 500; i++) {
                assertEquals("id" + i, reader.next().field("id"));
            }
            reader.close();
        }
        Await.until("readers that left are noticed at the next write", 10, () -> {
            fromPeer("more" + System.nanoTime(), "raw", 0);
            return Measured.of(node.counters(), "bcast_event_readers") == 0;
        });
    }

    @Test
    void aReaderThatReadsNothingIsCutAndOthersDoNotFeelIt() throws Exception {
        String raw = "x".repeat(10_000);
        try (EventReader stuck = reader(""); EventReader other = reader("")) {
            stuck.next();
            other.next();
            int posted = 0;
            long began = System.nanoTime();
            // Several times what the sockets hold.
            while (posted < 2_000) {
                fromPeer("id" + posted, raw, 0);
                assertEquals("id" + posted++, other.next().field("id"));
            }
            Await.until("it is cut", 40,
                    () -> Measured.of(node.counters(),
                            "bcast_http_clients_cut_total{reader=\"events\"}") == 1);
            assertTrue(System.nanoTime() - began > 15_000_000_000L, "too early");
            fromPeer("id" + posted, raw, 0);
            assertEquals("id" + posted++, other.next().field("id"));
            // It comes back and goes on after the last event that it got.
            String last = "";
            int got = 0;
            for (EventReader.Event event = stuck.nextIfAny(); event != null;
                    event = stuck.nextIfAny()) {
                assertEquals("id" + got++, event.field("id"));
                last = event.id();
            }
            try (EventReader again = reader("", "Last-Event-ID: " + last)) {
                again.next();
                while (got < posted) {
                    assertEquals("id" + got++, again.next().field("id"));
                }
            }
        }
    }

    @Test
    void whatExpiredIsNoNewsAndCostsNothing() throws Exception {
        try (TestNode brief = TestNode.alone("-retention=1s")) {
            for (int i = 0; i < 10; i++) {
                brief.client.mustPost("id" + i, "raw");
            }
            Await.until("all expire", 5, () -> brief.client.count() == 0);
            String page = brief.client.send("GET", "/listAllRecentData?limit=5", null).body();
            assertTrue(page.contains("-10\"}"), page);
            try (EventReader reader = new EventReader(brief.port(), "?since=0")) {
                reader.next();
                Await.until("it waits instead of looking again and again", 10,
                        EventsTest::idle);
                brief.client.mustPost("new", "raw");
                assertEquals("new", reader.next().field("id"));
            }
        }
    }

    /** Whether this process, the node in it, takes little of a processor for a while. */
    private static boolean idle() {
        long wallNs = System.nanoTime();
        long cpuNs = cpuNs();
        LockSupport.parkNanos(300_000_000);
        return cpuNs() - cpuNs < (System.nanoTime() - wallNs) / 8;
    }

    private static long cpuNs() {
        return ((com.sun.management.OperatingSystemMXBean)
                ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    @Test
    void aNodeThatStopsDoesNotWaitForReaders() throws Exception {
        try (EventReader reader = reader("")) {
            reader.next();
            long began = System.nanoTime();
            node.node.close();
            assertTrue(System.nanoTime() - began < 1_500_000_000L);
            assertEquals(null, reader.nextIfAny());
        }
    }
}
