package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.eventbus.Source;
import bcast.testing.Await;
import bcast.testing.EventReader;
import bcast.testing.News;
import bcast.testing.SlowInput;
import java.net.Socket;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Readers of events on slow links, and readers that read nothing. */
@Timeout(60)
final class SlowEventsTest {

    private static final Source PEER = new Source("peer", 1);
    private static final int LINK_BYTES_A_SECOND = 500_000 / 8;
    private static final String LARGE = "x".repeat(900 * 1024);

    /** More than the sockets hold. */
    private static final int EVENTS = 8;

    /** Longer than a reader for which much waits may take nothing. */
    private static final double SLOW_SECONDS = 8;

    /** Reads as on a slow link for a while, and then the rest, all on one connection. */
    static void readSlowly(TestNode node, Callable<? extends Socket> connection)
            throws Exception {
        try (EventReader reader = new EventReader(connection.call(),
                in -> new SlowInput(in, LINK_BYTES_A_SECOND, SLOW_SECONDS), "")) {
            reader.next();
            for (int i = 0; i < EVENTS; i++) {
                node.node.core().deliver(
                        News.data("id" + i, LARGE, Clock.system().wallMs()), PEER);
            }
            for (int i = 0; i < EVENTS; i++) {
                assertEquals("id" + i, reader.next().field("id"));
            }
            assertEquals(0, node.node.counters().get("event_readers_cut"));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aReaderThatReadsSlowlyAllTheTimeIsNotCut() throws Exception {
        try (TestNode node = TestNode.alone()) {
            readSlowly(node, () -> EventReader.connect(node.port()));
        }
    }

    @Test
    void aReaderThatTakesNothingIsCutOnceOneEventWentOut() throws Exception {
        try (TestNode node = TestNode.alone();
                EventReader stuck = new EventReader(node.port(), "")) {
            stuck.next();
            long began = System.nanoTime();
            for (int i = 0; i < EVENTS; i++) {
                node.node.core().deliver(
                        News.data("id" + i, LARGE, Clock.system().wallMs()), PEER);
            }
            Await.until("it is cut", 15,
                    () -> node.node.counters().get("event_readers_cut") == 1);
            assertTrue(System.nanoTime() - began > 4_000_000_000L, "too early");
            // What went out before is still there.
            assertEquals("id0", stuck.next().field("id"));
        }
    }
}
