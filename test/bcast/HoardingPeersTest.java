package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import bcast.base.Clock;
import bcast.cluster.ClusterSettings;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.cluster.net.LinkCounts;
import bcast.cluster.net.SimWire;
import bcast.data.Data;
import bcast.testing.Await;
import bcast.testing.News;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Peers that begin records of the largest size and never end them. */
final class HoardingPeersTest {

    @Test
    void unfinishedRecordsOfAllLinksAreLimited() throws Exception {
        byte[] record = SimWire.bytes(new SpreadMessage.Push(News.data("id",
                "\u0001".repeat(Data.MAX_RAW_BYTES), Clock.system().wallMs()), 0, false));
        int fit = (int) (ClusterSettings.MAX_UNFINISHED_BYTES / Data.MAX_WIRE_BYTES);
        List<Socket> sockets = new ArrayList<>();
        try (TestNode node = TestNode.alone()) {
            for (int i = 0; i < fit; i++) {
                sockets.add(node.visit(i));
                sockets.get(i).getOutputStream().write(record, 0, record.length - 1);
            }
            node.client.mustPost("meanwhile", "raw");
            assertEquals(0, node.counters().get(LinkCounts.BROKE_PROTOCOL));
            sockets.add(node.visit(fit));
            try {
                sockets.get(fit).getOutputStream().write(record, 0, record.length - 1);
            } catch (SocketException cutWhileItSends) {
                // As it should be: what follows looks for the reason.
            }
            Await.until("one is too many", 10, () ->
                    node.counters().get(LinkCounts.BROKE_PROTOCOL) == 1);
            Await.until("the log says why", 10, () ->
                    node.log.stream().anyMatch(line -> line.contains("unfinished records")));
            // The others may go on.
            sockets.get(0).getOutputStream().write(record, record.length - 1, 1);
            Await.until("it is whole", 10, () -> node.client.count() == 2);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
