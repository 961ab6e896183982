package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.Client;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Real processes on loopback that find each other by multicast, nobody naming anybody. */
final class ClusterTest {

    /** Tests that run at the same time on one host must not meet. */
    private static String name() {
        return "test-" + UUID.randomUUID();
    }

    private static void assertAgree(int count, NodeProcess... nodes) throws Exception {
        Await.until(count + " records everywhere, byte for byte alike", 2, () -> {
            String first = nodes[0].client().list();
            for (NodeProcess node : nodes) {
                if (!node.client().list().equals(first)) {
                    return false;
                }
            }
            return nodes[0].client().count() == count;
        });
    }

    @Test
    void theOriginalsSession() throws Exception {
        String cluster = name();
        try (NodeProcess a = NodeProcess.start(cluster)) {
            String post = "{\"id\": \"id\",\"raw\": \"newmessage\",\"signature\": "
                    + "\"fbf9957b19f15006367d7702a10d6463\"}";
            assertEquals("{\"result\":true,\"msg\":\"ok\"}", a.client().send("POST",
                    "/postNewData", post, "Content-Type", "application/json;").body());
            try (NodeProcess b = NodeProcess.start(cluster)) {
                Await.until("the newcomer lists it", 10, () -> b.client().count() == 1);
                b.client().mustPost("second", "from b");
                a.client().mustPost("third", "from a");
                assertAgree(3, a, b);
            }
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no such signals")
    void threeNodesOfWhichTwoAreKilledWhileTheThirdIsPosted() throws Exception {
        String cluster = name();
        try (NodeProcess a = NodeProcess.start(cluster).ready();
                NodeProcess b = NodeProcess.start(cluster).ready();
                NodeProcess c = NodeProcess.start(cluster).ready()) {
            Client client = c.client();
            int posted = 0;
            for (; posted < 100; posted++) {
                client.mustPost("before" + posted, "raw");
            }
            assertAgree(100, a, b, c);
            a.signal("KILL");
            for (int i = 0; i < 100; i++, posted++) {
                client.mustPost("one gone" + i, "raw");
            }
            b.signal("KILL");
            for (int i = 0; i < 100; i++, posted++) {
                client.mustPost("two gone" + i, "raw");
            }
            try (NodeProcess a2 = NodeProcess.start(cluster).ready();
                    NodeProcess b2 = NodeProcess.start(cluster).ready()) {
                client.mustPost("last", "raw");
                assertAgree(posted + 1, a2, b2, c);
            }
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no such signals")
    void aHungPeerIsNoticedAndCatchesUp() throws Exception {
        String cluster = name();
        try (NodeProcess a = NodeProcess.start(cluster).ready();
                NodeProcess b = NodeProcess.start(cluster).ready()) {
            a.client().mustPost("before", "raw");
            assertAgree(1, a, b);
            b.signal("STOP");
            long start = System.nanoTime();
            Await.until("the hung peer is noticed", 10, () ->
                    a.log().stream().anyMatch(line -> line.contains("fell silent")));
            System.out.println("SIGSTOP noticed after "
                    + (System.nanoTime() - start) / 1_000_000 + " ms");
            a.client().mustPost("while hung", "raw");
            b.signal("CONT");
            Await.until("it catches up", 10, () -> b.client().list().equals(a.client().list()));
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no such signals")
    void aLeavingNodeHandsOverWhatItJustAccepted() throws Exception {
        String cluster = name();
        try (NodeProcess stays = NodeProcess.start(cluster).ready()) {
            for (int round = 1; round <= 3; round++) {
                try (NodeProcess leaves = NodeProcess.start(cluster).ready()) {
                    for (int i = 0; i < 500; i++) {
                        leaves.client().mustPost("round" + round + "-" + i, "raw");
                    }
                    leaves.signal("TERM");
                    assertEquals(0, leaves.exit(15));
                    int all = 500 * round;
                    Await.until(() -> "nothing is lost: " + stays.log() + leaves.log(), 2,
                            () -> stays.client().count() == all);
                }
            }
            assertTrue(stays.log().toString().contains("left: stopped"));
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no such signals")
    void aNodeThatLeavesAtOnceHandsOverWhatOnlyItHolds() throws Exception {
        String cluster = name();
        try (NodeProcess leaves = NodeProcess.start(cluster)) {
            for (int i = 0; i < 4_000; i++) {
                leaves.client().mustPost("id" + i, "raw");
            }
            try (NodeProcess stays = NodeProcess.start(cluster)) {
                Await.until("they are linked", 5, () -> leaves.log().stream().anyMatch(
                        line -> line.contains("linked to")));
                leaves.signal("TERM");
                assertEquals(0, leaves.exit(15));
                Await.until(() -> "nothing is lost: " + stays.log() + leaves.log(), 2,
                        () -> stays.client().count() == 4_000);
            }
        }
    }

    @Test
    void nodesThatDoNotFitRefuseEachOtherAndSayWhy() throws Exception {
        String cluster = name();
        try (NodeProcess md5 = NodeProcess.start(cluster);
                NodeProcess sha = NodeProcess.start(cluster, "-validator=sha256");
                NodeProcess other = NodeProcess.start(name())) {
            for (NodeProcess each : List.of(md5, sha)) {
                Await.until("both sides say why", 10, () -> each.log().stream().anyMatch(
                        line -> line.contains("validator differs")));
                each.ready();
            }
            md5.client().mustPost("id", "raw");
            other.ready();
            assertEquals(0, sha.client().count());
            assertEquals(0, other.client().count());
            assertTrue(other.log().stream().noneMatch(line -> line.contains("refused")),
                    "nodes of other names are ignored without a word");
        }
    }

    @Test
    void recordsOfAllSizesAndTextsTravel() throws Exception {
        String cluster = name();
        List<String> raws = new ArrayList<>();
        for (int size : new int[] {1, 65_000, 65_536, 200_000, 1 << 20}) {
            raws.add("x".repeat(size));
        }
        raws.add("é\ud83d\ude00\u0000\"\\\n\u2028");
        raws.add("\u0001".repeat(150_000));
        try (NodeProcess a = NodeProcess.start(cluster).ready();
                NodeProcess b = NodeProcess.start(cluster).ready()) {
            for (int i = 0; i < raws.size(); i++) {
                String json = new String(News.data("id" + i, raws.get(i), 0).json(),
                        java.nio.charset.StandardCharsets.UTF_8);
                assertEquals("{\"result\":true,\"msg\":\"ok\"}",
                        a.client().send("POST", "/postNewData", json).body());
            }
            assertAgree(raws.size(), a, b);
            try (NodeProcess c = NodeProcess.start(cluster).ready()) {
                assertAgree(raws.size(), a, c);
            }
        }
    }

    @Test
    void aNewcomerHoldsEverythingWithinTwoSecondsOfItsStart() throws Exception {
        String cluster = name();
        try (NodeProcess a = NodeProcess.start(cluster).ready()) {
            for (int i = 0; i < 3_000; i++) {
                a.client().mustPost("id" + i, "raw" + i);
            }
            long start = System.nanoTime();
            try (NodeProcess b = NodeProcess.start(cluster)) {
                Await.until("the newcomer holds everything", 2, () ->
                        b.client().count() == 3_000);
                System.out.println("newcomer with 3000 records: "
                        + (System.nanoTime() - start) / 1_000_000 + " ms from exec");
                b.ready();
                assertEquals(a.client().list(), b.client().list());
            }
        }
    }
}
