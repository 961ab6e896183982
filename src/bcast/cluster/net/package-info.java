/**
 * TCP links and their frames: what carries the messages of {@link bcast.cluster.gossip}.
 * {@link bcast.cluster.net.Links} is the way in: it accepts, dials, reads, sends and closes. All of
 * it is owned by the cluster's one thread.
 */
package bcast.cluster.net;
