package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import bcast.base.Clock;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.net.LinkCounts;
import bcast.cluster.net.LinkLimits;
import bcast.cluster.net.SimWire;
import bcast.testing.Await;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Links that a node dials itself do not count among the unauthenticated links of an address. */
final class UnauthenticatedLinksCountTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @Test
    void aGreetingOnADialledLinkMakesNoRoomForAnother() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try (ServerSocket peer = new ServerSocket(0, 1, LOOPBACK);
                TestNode node = TestNode.alone("-peers=127.0.0.1:" + peer.getLocalPort());
                Socket dialled = peer.accept()) {
            for (int i = 0; i < LinkLimits.MAX_SILENT; i++) {
                silent.add(new Socket(LOOPBACK, node.node.peers().port()));
            }
            dialled.getOutputStream().write(SimWire.bytes(new LinkMessage.Hello(1, 1, "bcast",
                    new NodeId(1, 1), new Address("127.0.0.1", peer.getLocalPort()), 1,
                    new Address("", 0), Clock.system().wallMs(), 86_400_000, "md5",
                    LinkRole.NONE)));
            // The node reads the greeting, hangs up, and so ends what it sends.
            dialled.getInputStream().readAllBytes();
            assertEquals(0, node.counters().get(LinkCounts.REFUSED_MANY));
            silent.add(new Socket(LOOPBACK, node.node.peers().port()));
            Await.until("one link more is refused", 4, () ->
                    node.counters().get(LinkCounts.REFUSED_MANY) == 1);
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }
}
