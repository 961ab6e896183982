/**
 * How peers are found, and which addresses may be linked.
 *
 * <p>{@link bcast.cluster.net.discovery.MulticastDiscovery} announces this node and hears others;
 * {@link bcast.cluster.net.discovery.NamedPeers} looks up the peers that the user named.
 * {@link bcast.cluster.net.discovery.Admission} decides which addresses may be linked. All of it is
 * owned by the cluster's one thread, except for the threads of
 * {@link bcast.cluster.net.discovery.InterfaceScan} and
 * {@link bcast.cluster.net.discovery.NameLookup}.
 */
package bcast.cluster.net.discovery;
