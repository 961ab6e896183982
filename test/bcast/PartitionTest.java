package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.Client;
import bcast.testing.NodeProcess;
import bcast.testing.Proxy;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Two halves that cannot reach each other, and what becomes of them afterwards. */
final class PartitionTest {

    private static final int EACH = 3_000;

    private static NodeProcess node(String cluster, Proxy wire, String peers) throws Exception {
        NodeProcess node = NodeProcess.start(cluster, "-group=off", "-interval=20s",
                "-advertise=127.0.0.1:" + wire.port(), "-peers=" + peers);
        wire.target(node.clusterPort());
        return node;
    }

    @Test
    void bothHalvesConvergeOnTheSameWinners() throws Exception {
        String cluster = "test-" + UUID.randomUUID();
        try (Proxy wireA = new Proxy(); Proxy wireB = new Proxy();
                NodeProcess a = node(cluster, wireA, "");
                NodeProcess b = node(cluster, wireB, "127.0.0.1:" + wireA.port())) {
            a.client().mustPost("first", "both know it");
            Await.until("they are linked", 5, () -> b.client().count() == 1);
            wireA.cut();
            wireB.cut();
            Await.until("both saw the cut", 5, () ->
                    a.log().stream().anyMatch(line -> line.contains("closed:"))
                    && b.log().stream().anyMatch(line -> line.contains("closed:")));
            Client clientA = a.client();
            Client clientB = b.client();
            clientA.mustPost("same id", "posted at a, first");
            clientB.mustPost("same id", "posted at b, later");
            clientB.mustPost("other id", "posted at b, first");
            clientA.mustPost("other id", "posted at a, later");
            for (int i = 0; i < EACH; i++) {
                clientA.mustPost("a" + i, "raw");
                clientB.mustPost("b" + i, "raw");
            }
            assertEquals(EACH + 3, clientA.count());
            long healed = System.nanoTime();
            wireA.heal();
            wireB.heal();
            Await.until("both list the same bytes", 20, () ->
                    clientA.count() == 2 * EACH + 3 && clientA.list().equals(clientB.list()));
            System.out.println("healed: " + 2 * EACH + " records exchanged in "
                    + (System.nanoTime() - healed) / 1_000_000 + " ms");
            String list = clientA.list();
            assertTrue(list.contains("posted at a, first"));
            assertTrue(list.contains("posted at b, first"));
            assertTrue(!list.contains("later"));
            assertTrue(a.log().stream().anyMatch(
                    line -> line.contains("conflict on id \"other id\"")));
            assertTrue(b.log().stream().anyMatch(
                    line -> line.contains("conflict on id \"same id\"")));
        }
    }
}
