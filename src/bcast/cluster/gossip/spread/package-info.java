/**
 * Brings each new record to all nodes: pushed along a tree, announced on all other links, as in
 * Plumtree (Leitão, Pereira, Rodrigues, SRDS 2007). The tree is built by beacons, as in DSDV
 * (Perkins, Bhagwat, SIGCOMM 1994); Plumtree's own follows from duplicates, and does not settle
 * when several nodes post at once. In a full mesh the origin pushes to all nodes itself.
 *
 * <p>Its messages ({@link bcast.cluster.gossip.spread.SpreadMessage}) carry a record (Push) and
 * confirm it (Held), build the tree (Beacon), announce records (IHave), and ask for those that the
 * tree did not bring (Graft, Gone). Begin with {@link bcast.cluster.gossip.spread.Spread}, the way
 * in; then Pushing shows which links a record takes, and Judging what happens to one that arrives.
 */
package bcast.cluster.gossip.spread;
