package bcast.contract;

import bcast.cluster.Cluster;
import bcast.cluster.ClusterSettings;
import bcast.cluster.GossipCluster;
import bcast.cluster.Secrets;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/** The default cluster. */
final class GossipClusterContractTest extends ClusterContract {

    @Override
    protected Cluster newCluster(Given given) throws Exception {
        return new GossipCluster(new ClusterSettings("test",
                Optional.of(InetAddress.getLoopbackAddress()), 0, Optional.empty(),
                Optional.empty(), given.earlier().stream().map(each ->
                        InetSocketAddress.createUnresolved("127.0.0.1", each.port())).toList(),
                given.maxSkewMs(), given.validator(), () -> Secrets.NONE,
                64 << 20, 64 << 20, ClusterSettings.MAX_SOCKETS),
                given.storage(), given.bus(), given.context());
    }

    @Override
    protected boolean confirms() {
        return true;
    }
}
