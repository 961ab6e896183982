/**
 * Frames, TCP links and multicast: what carries the protocol of {@link bcast.cluster.gossip}.
 * Everything here is owned by the cluster's one thread, but for the threads of
 * {@link bcast.cluster.net.InterfaceScan} and {@link bcast.cluster.net.NameLookup}.
 */
package bcast.cluster.net;
