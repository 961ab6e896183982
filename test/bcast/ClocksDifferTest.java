package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.Json;
import bcast.testing.TestClock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two nodes whose clocks differ by more than {@code -maxskew}: neither can tell which is wrong. */
final class ClocksDifferTest {

    private static final long TEN_MINUTES_MS = 600_000;

    private static Map<?, ?> json(TestNode node, String path, int status) throws Exception {
        var answer = node.client.send("GET", path, null);
        assertEquals(status, answer.statusCode());
        return (Map<?, ?>) Json.parse(answer.body());
    }

    private static List<?> notes(TestNode node) throws Exception {
        return (List<?>) json(node, "/readyz", 200).get("notes");
    }

    private static double apartS(TestNode node) throws Exception {
        return node.client.send("GET", "/metrics", null).body().lines()
                .filter(line -> line.startsWith("bcast_clocks_apart_seconds "))
                .mapToDouble(line -> Double.parseDouble(line.split(" ")[1])).findFirst()
                .orElseThrow();
    }

    private static long logged(TestNode node, String text) {
        return node.log.stream().filter(line -> line.contains(text)).count();
    }

    @Test
    void bothSayItWhileTheyTakePostsAndStopOnceTheClockIsRight() throws Exception {
        TestClock ahead = TestClock.running(TEN_MINUTES_MS);
        try (TestNode right = TestNode.alone();
                TestNode wrong = new TestNode(ahead, "-group=off",
                        "-peers=127.0.0.1:" + right.node.peers().port())) {
            for (TestNode node : List.of(right, wrong)) {
                Await.until("ready, with a note", 10,
                        () -> node.client.ready() && notes(node) != null);
                node.client.mustPost(node == right ? "right" : "wrong", "raw");
                assertEquals(notes(node), json(node, "/members", 200).get("notes"));
                assertTrue(apartS(node) > 599 && apartS(node) < 601, "" + apartS(node));
            }
            for (TestNode node : List.of(right, wrong)) {
                String way = node == right ? "10m ahead of " : "10m behind ";
                String text = way + "this node's, more than -maxskew=5m allows";
                assertTrue(notes(node).get(0).toString().contains(text), "" + notes(node));
                assertEquals(1, logged(node, text), "" + node.log);
                assertEquals(1, logged(node, "for example by NTP"));
            }
            Map<?, ?> member = (Map<?, ?>) ((List<?>) json(right, "/members", 200)
                    .get("members")).get(0);
            assertEquals(TEN_MINUTES_MS, (double) member.get("clock_offset_ms"), 1_000);

            ahead.jump(-TEN_MINUTES_MS);
            for (TestNode node : List.of(right, wrong)) {
                Await.until("the note is gone", 10, () -> notes(node) == null);
            }
            assertTrue(apartS(right) < 1);
        }
    }
}
