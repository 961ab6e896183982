package bcast.cluster;

import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Neighbours;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How a node takes part in a {@link GossipCluster}. The limits of memory are for all links
 * together, and may be exceeded by the last message queued or piece read.
 *
 * @param name name of the cluster; nodes of other names are ignored
 * @param bind the only address used, or empty for all interfaces
 * @param port TCP port for links, 0 for a free one
 * @param advertise the address that peers should dial; if it is empty they dial the one from which
 *     this node links to them
 * @param group multicast group, or empty for none
 * @param named addresses to dial, {@linkplain InetSocketAddress#createUnresolved unresolved}: names
 *     are looked up again at each attempt
 * @param maxSkewMs most difference between the clocks of nodes
 * @param validator name of the node's validator
 * @param secrets gives the secrets that the nodes of the cluster share now; called often
 * @param maxQueuedBytes for messages that wait to be sent, without records, which the store holds
 * @param maxUnfinishedBytes for records of which only a part has arrived; raised to
 *     {@link #MIN_UNFINISHED_BYTES} or lowered to {@link #MAX_UNFINISHED_BYTES} if it is beyond
 * @param maxSockets sockets of links and dials, those that are being closed included
 */
public record ClusterSettings(String name, Optional<InetAddress> bind, int port,
        Optional<InetSocketAddress> advertise, Optional<InetSocketAddress> group,
        List<InetSocketAddress> named, long maxSkewMs, String validator,
        Supplier<Secrets> secrets, long maxQueuedBytes, long maxUnfinishedBytes, int maxSockets) {

    /** Longest name of a cluster, in bytes of UTF-8. */
    public static final int MAX_NAME_BYTES = Message.MAX_TEXT_BYTES;

    /** Most sockets of links and dials, if the system allows as many open files. */
    public static final int MAX_SOCKETS = Neighbours.MAX_LINKS + 32;

    /** Enough for a few records of the largest size. */
    public static final long MIN_UNFINISHED_BYTES = 8L << 20;

    /** More would not make links faster. */
    public static final long MAX_UNFINISHED_BYTES = 64L << 20;
}
