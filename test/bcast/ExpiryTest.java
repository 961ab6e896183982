package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.data.Data;
import bcast.eventbus.Source;
import bcast.testing.Await;
import bcast.testing.Measured;
import bcast.testing.News;
import bcast.testing.TestClock;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Expiry and clocks, on whole nodes with real links and injected clocks. */
final class ExpiryTest {

    private final String cluster = "-cluster=expiry-" + UUID.randomUUID();

    private static void link(TestNode... nodes) throws Exception {
        for (TestNode node : nodes) {
            Await.until("all are linked and ready", 10, () ->
                    node.node.peers().peers() == nodes.length - 1 && node.client.ready());
        }
    }

    @Test
    void anExpiredRecordVanishesEverywhereAndNobodyBringsItBack() throws Exception {
        String[] flags = {cluster, "-retention=3s", "-interval=200ms"};
        try (TestNode a = new TestNode(Clock.system(), flags);
                TestNode b = new TestNode(Clock.system(), flags);
                TestNode late = new TestNode(TestClock.running(-2_000), flags)) {
            link(a, b, late);
            a.client.mustPost("id", "raw");
            long posted = a.node.storage().get("id").orElseThrow().timestamp();
            for (TestNode node : new TestNode[] {b, late}) {
                Await.until("it is everywhere", 2, () -> node.client.count() == 1);
            }
            Await.until("it expires", 4, () -> a.client.count() == 0 && b.client.count() == 0);
            assertTrue(System.currentTimeMillis() >= posted + 3_000);
            assertEquals(1, late.client.count(), "to the late clock it lives for 2 s more");
            Await.always("nobody brings it back", 3, () -> a.client.count() == 0
                    && b.client.count() == 0);
            Await.until("it expires there as well", 2, () -> late.client.count() == 0);
            // The id is free again.
            b.client.mustPost("id", "other");
            Await.until("the new one is everywhere", 2, () -> a.client.count() == 1
                    && late.client.count() == 1);
        }
    }

    @Test
    void aRecordDatedTooFarAheadIsRefusedAndCounted() throws Exception {
        String[] flags = {cluster, "-maxskew=1s", "-interval=500ms"};
        try (TestNode a = new TestNode(Clock.system(), flags);
                TestNode ahead = new TestNode(TestClock.running(60_000), flags)) {
            Await.until("they are linked", 10, () -> a.node.peers().peers() == 1);
            ahead.client.mustPost("future", "raw");
            a.client.mustPost("now", "raw");
            Await.until("it is refused and counted", 5, () ->
                    Measured.of(a.counters(),
                            "bcast_records_refused_total{from=\"peer\",reason=\"future\"}") >= 1);
            Await.until("the other way is fine", 5, () -> ahead.client.count() == 2);
            Await.always("it is never listed", 1.5, () -> a.client.count() == 1);
            assertEquals(1, a.node.peers().peers(), "it is nobody's fault");
        }
    }

    @Test
    void aNodeWhoseClockIsOffSaysSoAndTakesNoPosts() throws Exception {
        String[] flags = {cluster, "-maxskew=1s"};
        TestClock clock = TestClock.running(0);
        try (TestNode a = new TestNode(Clock.system(), flags);
                TestNode b = new TestNode(Clock.system(), flags);
                TestNode off = new TestNode(clock, flags)) {
            link(a, b, off);
            clock.jump(30_000);
            Await.until("it is not ready", 10, () -> !off.client.ready());
            var answer = off.client.send("POST", "/postNewData", News.json("id", "raw"));
            assertEquals(503, answer.statusCode());
            assertTrue(answer.body().contains("ahead of its peers' clocks"), answer.body());
            assertTrue(a.client.ready() && b.client.ready());
            clock.jump(-30_000);
            Await.until("it is ready again", 10, off.client::ready);
            off.client.mustPost("id", "raw");
        }
    }

    @Test
    void aClockJumpOfADayEmptiesNoStore() throws Exception {
        TestClock clock = TestClock.running(0);
        try (TestNode a = new TestNode(Clock.system(), cluster);
                TestNode b = new TestNode(clock, cluster)) {
            link(a, b);
            for (int i = 0; i < 100; i++) {
                a.client.mustPost("id" + i, "raw");
            }
            Await.until("both hold all", 5, () -> b.client.count() == 100);
            clock.jump(86_400_000L + 1_000);
            assertEquals(0, b.client.count(), "hidden");
            Await.until("the sweeper saw the jump", 5, () -> b.log.stream().anyMatch(
                    line -> line.contains("wall clock jumped")));
            clock.jump(-86_400_000L - 1_000);
            assertEquals(100, b.client.count(), "not deleted");
            assertEquals(a.client.list(), b.client.list());
        }
    }

    @Test
    void theClientsTimestampIsTheAcceptingNodes() throws Exception {
        try (TestNode behind = new TestNode(TestClock.running(-100_000), cluster)) {
            Data data = News.data("id", "raw", 5);
            behind.node.core().deliver(data, Source.CLIENT);
            long timestamp = behind.node.storage().get("id").orElseThrow().timestamp();
            long expected = System.currentTimeMillis() - 100_000;
            assertTrue(Math.abs(timestamp - expected) < 5_000);
        }
    }
}
