/**
 * Finds other nodes and decides which of them are linked: HyParView (Leitão, Pereira, Rodrigues,
 * DSN 2007), and a full mesh while the cluster is small.
 *
 * <p>Its messages ({@link bcast.cluster.gossip.overlay.OverlayMessage}) name nodes (Peers), carry
 * random walks (ForwardJoin, Shuffle, Shuffled) and join parts of a cluster (Adopt). Begin with
 * {@link bcast.cluster.gossip.overlay.Overlay}, the way in. Behind it, Greeting brings links up,
 * ActiveView keeps them, Liveness closes silent ones; Membership decides how many neighbours there
 * are and which; Hearsay fills the AddressBook, which serves as passive view.
 */
package bcast.cluster.gossip.overlay;
