/**
 * Brings each new record to all nodes: pushed along a tree, announced on all other links, as in
 * Plumtree (Leitão, Pereira, Rodrigues, SRDS 2007). The tree is built by beacons, as in DSDV
 * (Perkins, Bhagwat, SIGCOMM 1994); Plumtree's own follows from duplicates, and does not settle
 * when several nodes post at once. In a full mesh the origin pushes to all nodes itself.
 *
 * <p>Its messages ({@link bcast.cluster.gossip.spread.SpreadMessage}) carry a record (Push) and
 * confirm it (Held), build the tree (Beacon), announce records (IHave), and ask for those that the
 * tree did not bring (Graft, Gone). Begin with {@link bcast.cluster.gossip.spread.Spread}.
 *
 * <ul>
 * <li>neighbour: a peer that gets new records. Any other link is a <i>visit</i>, for a round.
 * <li>round: a comparison of two stores by {@code repair}, which brings what spreading missed.
 * <li>full node: its store has no room. It gets no new records, and passes none on.
 * <li>full mesh: each node is a neighbour of all others, so that their <i>mesh hashes</i>, sums of
 *     a node's own id and those of its neighbours, are equal.
 * <li>{@code link.heartbeat().parent()}: this node is the parent of the peer.
 * <li>{@code link.store()}: the store, which hashes records by the key that both ends of this link
 *     use. A record may have other hashes on other links; a map may hold hashes of all of them.
 * <li>settle: a second after a beacon, each node chooses its parent and ends its grafts.
 * </ul>
 */
package bcast.cluster.gossip.spread;
