/**
 * TCP links, frames and multicast: what carries the messages of {@link bcast.cluster.gossip}.
 *
 * <p>{@link bcast.cluster.net.Links} is the way in for TCP: it accepts, dials, reads, sends and
 * closes. {@link bcast.cluster.net.Multicast} sends and receives announcements.
 * {@link bcast.cluster.net.Admission} decides for both which addresses may be linked, by the
 * {@link bcast.cluster.net.Interfaces} that a {@link bcast.cluster.net.InterfaceScan} finds and by
 * the {@link bcast.cluster.net.Secret}s. {@link bcast.cluster.net.NamedPeers} finds the addresses
 * of the peers that the user named. The sockets themselves are not visible outside.
 *
 * <p>All of it is owned by the cluster's one thread, except for the threads of
 * {@link bcast.cluster.net.InterfaceScan} and {@link bcast.cluster.net.NameLookup}.
 */
package bcast.cluster.net;
