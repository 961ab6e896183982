package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.eventbus.Source;
import bcast.testing.Await;
import bcast.testing.News;
import java.net.DatagramSocket;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A client that reads page by page while older records arrive through a peer. */
final class PagingTest {

    private static final int HELD = 100_000;
    private static final int LATE = 10_000;
    private static final long UP_TO_MS = 240_000;
    private static final Pattern ID = Pattern.compile("\\{\"id\":\"([^\"]+)\"");
    private static final Pattern NEXT = Pattern.compile("\"next\":\"([^\"]+)\"");

    private static void deliver(TestNode node, String name, int count) {
        long now = Clock.system().wallMs();
        for (int i = 0; i < count; i++) {
            node.node.core().deliver(News.data(name + i, "raw" + i, now - i * UP_TO_MS / count),
                    new Source("test", i));
        }
    }

    @Test
    void noneIsMissedAndNoneComesTwice() throws Exception {
        String group;
        try (DatagramSocket free = new DatagramSocket()) {
            group = "-group=239.255.77.81:" + free.getLocalPort();
        }
        try (TestNode node = new TestNode(Clock.system(), group, "-interval=500ms");
                TestNode peer = new TestNode(Clock.system(), group, "-interval=500ms")) {
            Await.until("linked", 10, () -> node.node.peers().peers() == 1);
            deliver(node, "held", HELD);
            Thread late = new Thread(() -> deliver(peer, "late", LATE));
            Set<String> seen = new HashSet<>();
            String after = "";
            int pages = 0;
            int lateBefore = 0;
            while (seen.size() < HELD + LATE) {
                HttpResponse<String> page = node.client.send("GET",
                        "/listAllRecentData?limit=1000" + after, null);
                assertEquals(200, page.statusCode());
                Matcher ids = ID.matcher(page.body());
                while (ids.find()) {
                    assertTrue(seen.add(ids.group(1)), ids.group(1) + " twice");
                }
                Matcher next = NEXT.matcher(page.body());
                assertTrue(next.find());
                after = "&after=" + next.group(1);
                if (++pages == 5) {
                    late.start();
                }
                if (pages < HELD / 1_000) {
                    lateBefore = node.node.storage().size() - HELD;
                }
                assertTrue(pages < 100_000, "only " + seen.size() + " records");
            }
            late.join();
            System.out.printf("%d pages, %d late records came while the first were read%n",
                    pages, lateBefore);
            Await.until("both hold all", 20, () -> peer.node.storage().size() == HELD + LATE);
        }
    }
}
