package bcast.contract;

import bcast.Config;
import bcast.cluster.Cluster;
import java.util.stream.Collectors;

/** The example of a cluster. */
final class LineClusterContractTest extends ClusterContract {

    @Override
    protected Cluster newCluster(Given given) throws Exception {
        String peers = given.earlier().stream().map(each -> "127.0.0.1:" + each.port())
                .collect(Collectors.joining(","));
        Config config = Config.of("-bind=127.0.0.1", "-clusterport=0", "-peers=" + peers);
        return Examples.make(Cluster.class, "cluster.LineCluster", config, given.validator(),
                given.storage(), given.bus(), given.context());
    }

    @Override
    protected boolean confirms() {
        return false;
    }
}
