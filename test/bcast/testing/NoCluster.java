package bcast.testing;

import bcast.cluster.Cluster;
import bcast.cluster.Members;
import java.net.InetSocketAddress;
import java.util.Optional;

/** A node without peers. */
public final class NoCluster implements Cluster {

    @Override
    public void start(InetSocketAddress clients) {}

    @Override
    public int port() {
        return 0;
    }

    @Override
    public int peers() {
        return 0;
    }

    @Override
    public Optional<Members> members() {
        return Optional.empty();
    }

    @Override
    public void close() {}
}
