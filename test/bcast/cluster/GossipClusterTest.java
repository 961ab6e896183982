package bcast.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.StartException;
import bcast.cluster.net.secret.Secret;
import bcast.eventbus.QueueEventBus;
import bcast.storage.MapStorage;
import bcast.testing.Await;
import bcast.testing.Contexts;
import bcast.testing.Ports;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GossipClusterTest {

    private static final long RETENTION_MS = 24 * 3_600_000L;
    private static final long SKEW_MS = 300_000;
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final List<String> faults = new CopyOnWriteArrayList<>();
    private final List<GossipCluster> clusters = new ArrayList<>();

    private GossipCluster cluster(InetSocketAddress... named) throws StartException {
        Context context = Contexts.errors(Clock.system(), faults::add);
        MapStorage storage = new MapStorage(new MapStorage.Limits(RETENTION_MS, SKEW_MS, 64 << 20),
                () -> List.of(Secret.openHashKey("test")), context);
        GossipCluster cluster = new GossipCluster(new ClusterSettings("test",
                Optional.of(LOOPBACK), 0, Optional.empty(), Optional.empty(), List.of(named),
                SKEW_MS, "md5", () -> Secrets.NONE,
                64 << 20, 64 << 20, ClusterSettings.MAX_SOCKETS),
                storage, new QueueEventBus(context), context);
        clusters.add(cluster);
        return cluster;
    }

    private static InetSocketAddress clientsAt(int port) {
        return new InetSocketAddress(LOOPBACK, port);
    }

    @AfterEach
    void closeAll() {
        clusters.forEach(GossipCluster::close);
        assertEquals(List.of(), faults);
    }

    @Test
    void peersReportWhereANodeServesClients() throws Exception {
        GossipCluster one = cluster();
        one.start(clientsAt(1_001));
        GossipCluster other = cluster(InetSocketAddress.createUnresolved("127.0.0.1", one.port()));
        other.start(clientsAt(1_002));
        Await.until("both are linked", 10, () -> one.peers() == 1 && other.peers() == 1);
        assertEquals(Optional.of("127.0.0.1:1001"),
                other.members().orElseThrow().members().get(0).http());
        assertEquals(Optional.of("127.0.0.1:1002"),
                one.members().orElseThrow().members().get(0).http());
    }

    @Test
    void theHandOverLeavesTimeToCloseTheLinks() {
        assertTrue(GossipCluster.LEAVE_MS <= Cluster.CLOSE_MS - 500);
    }

    @Test
    void closeFreesThePortWhetherOrNotItStarted() throws Exception {
        GossipCluster idle = cluster();
        int idlePort = idle.port();
        idle.close();
        Ports.awaitFree(idlePort);
        GossipCluster started = cluster();
        int port = started.port();
        started.start(clientsAt(1_003));
        assertTrue(started.members().isPresent());
        started.close();
        Ports.awaitFree(port);
        started.close();
    }
}
