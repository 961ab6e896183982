package bcast.cluster.net;

import java.net.InetAddress;
import java.util.Optional;

/** The part of {@code ClusterSettings} that concerns links, which explains each field. */
public record LinkSettings(String cluster, Optional<InetAddress> bind, int port,
        long maxQueuedBytes, long maxUnfinishedBytes, int maxSockets) {}
