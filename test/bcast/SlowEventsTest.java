package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import bcast.base.Clock;
import bcast.eventbus.Source;
import bcast.testing.EventReader;
import bcast.testing.Measured;
import bcast.testing.News;
import bcast.testing.SlowInput;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Readers of events on slow links. */
@Timeout(90)
@Execution(ExecutionMode.CONCURRENT)
final class SlowEventsTest {

    private static final Source PEER = new Source("peer", 1);
    private static final int LINK_BYTES_A_SECOND = 500_000 / 8;
    private static final String LARGE = "x".repeat(900 * 1024);

    /** More than the sockets hold. */
    private static final int EVENTS = 12;

    /** For so many the system makes the buffer of a fast reader large. */
    private static final int READ_FAST = 16;

    /** Longer than a client may take nothing. */
    private static final double SLOW_SECONDS = 24;

    private static void deliver(TestNode node, int events) throws Exception {
        for (int i = 0; i < events; i++) {
            node.node.core().deliver(
                    News.data("id" + i, LARGE, Clock.system().wallMs()), PEER);
        }
    }

    /** Reads some events fast, then as on a slow link, and then the rest, on one connection. */
    static void readSlowly(TestNode node, Socket connection, int fast) throws Exception {
        SlowInput[] link = new SlowInput[1];
        try (EventReader reader = new EventReader(connection, in -> {
            link[0] = new SlowInput(in, LINK_BYTES_A_SECOND);
            return link[0];
        }, "")) {
            reader.next();
            deliver(node, fast + EVENTS);
            for (int i = 0; i < fast + EVENTS; i++) {
                if (i == fast) {
                    link[0].slowDown(SLOW_SECONDS);
                }
                assertEquals("id" + i, reader.next().field("id"));
            }
            assertEquals(0, Measured.of(node.counters(),
                    "bcast_http_clients_cut_total{reader=\"events\"}"));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aReaderThatReadsSlowlyAllTheTimeIsNotCut() throws Exception {
        try (TestNode node = TestNode.alone()) {
            readSlowly(node, EventReader.connect(node.port()), 0);
        }
    }

    /** The window of a large buffer opens late: what its owner reads does not show at once. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aReaderThatSlowsDownIsNotCut() throws Exception {
        try (TestNode node = TestNode.alone()) {
            readSlowly(node, new Socket("127.0.0.1", node.port()), READ_FAST);
        }
    }
}
