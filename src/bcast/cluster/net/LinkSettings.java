package bcast.cluster.net;

import java.net.InetAddress;
import java.util.Optional;

/**
 * Names and limits of links.
 *
 * @param cluster name of the cluster
 * @param bind the only address used, or empty for all interfaces
 * @param port TCP port, 0 for a free one
 * @param maxQueuedBytes memory for messages that wait to be sent, without records
 * @param maxUnfinishedBytes memory for records of which only a part has arrived
 * @param maxSockets sockets of links and dials, those that are being closed included
 */
public record LinkSettings(String cluster, Optional<InetAddress> bind, int port,
        long maxQueuedBytes, long maxUnfinishedBytes, int maxSockets) {}
