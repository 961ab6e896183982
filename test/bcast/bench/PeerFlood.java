package bcast.bench;

import bcast.base.Clock;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.overlay.OverlayMessage;
import bcast.cluster.gossip.repair.RepairMessage;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.cluster.net.SimWire;
import bcast.data.Data;
import bcast.storage.Position;
import bcast.testing.News;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What hostile peers do on links. */
final class PeerFlood implements Floods.Flood {

    private static final int PEERS = 200;
    private static final int ADDRESSES = 1_000_000;
    private static final long DAY_MS = 24 * 3_600_000L;

    private final List<byte[]> hostile;
    private final byte[] large = SimWire.bytes(new SpreadMessage.Push(News.data("large",
            "\u0001".repeat(Data.MAX_RAW_BYTES), Clock.system().wallMs()), 0, false));

    PeerFlood(long seed) {
        this.hostile = hostileMessages(new Random(seed));
    }

    /** They greet, begin large records, announce nodes that are not, ask, and read nothing. */
    @Override
    public void run(Floods.Attacker attacker) throws Exception {
        Random random = attacker.random();
        List<Socket> sockets = new ArrayList<>();
        try {
            int port = attacker.clusterPort();
            for (int i = 0; i < PEERS / Floods.THREADS + 1 && !attacker.over(); i++) {
                Socket socket = attacker.open(port);
                sockets.add(socket);
                socket.getOutputStream().write(SimWire.bytes(new LinkMessage.Hello(1, 1, "floods",
                        new NodeId(random.nextLong(), random.nextLong()),
                        new Address("127.0.0.1", 1 + random.nextInt(60_000)), 1,
                        new Address("127.0.0.1", port), Clock.system().wallMs(), DAY_MS, "md5",
                        LinkRole.values()[random.nextInt(3)])));
            }
            long endMs = Clock.system().steadyMs() + 2_000;
            while (!attacker.over() && Clock.system().steadyMs() < endMs) {
                for (Socket socket : sockets) {
                    hostile(socket.getOutputStream(), random);
                }
            }
        } finally {
            Floods.closeAll(sockets);
        }
    }

    /** Made beforehand, so that the flood costs little to make. */
    private static List<byte[]> hostileMessages(Random random) {
        List<byte[]> messages = new ArrayList<>(List.of(
                SimWire.bytes(new RepairMessage.AskAll(Position.START)),
                SimWire.bytes(new RepairMessage.AskHashes(Position.START, Long.MAX_VALUE)),
                SimWire.bytes(new RepairMessage.AskCells(65_536, 0, 2_500, 0, Long.MAX_VALUE))));
        for (int list = 0; list < ADDRESSES / OverlayMessage.MAX_PEERS; list++) {
            List<OverlayMessage.Peer> nobody = new ArrayList<>();
            for (int i = 0; i < OverlayMessage.MAX_PEERS; i++) {
                nobody.add(new OverlayMessage.Peer(new NodeId(random.nextLong(), random.nextLong()),
                        new Address("10.255." + random.nextInt(256) + "." + random.nextInt(256),
                        1 + random.nextInt(60_000)), random.nextInt(100)));
            }
            messages.add(SimWire.bytes(new OverlayMessage.Peers(nobody)));
        }
        return messages;
    }

    private void hostile(OutputStream out, Random random) throws IOException {
        out.write(hostile.get(random.nextInt(3)));
        out.write(hostile.get(3 + random.nextInt(hostile.size() - 3)));
        if (random.nextInt(10) == 0) {
            out.write(large, 0, random.nextInt(large.length));
            // What follows is no frame, so that this link is at its end.
            out.write(large, 0, large.length / 2);
        }
    }
}
