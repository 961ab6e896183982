package bcast.cluster.gossip.link;

import java.util.Collection;
import java.util.Optional;

/**
 * The links of this node, for the protocols that send records on them. The overlay decides which
 * nodes are linked.
 */
public interface Neighbours {

    /** Time between visits of this node to nodes that are not its neighbours. */
    long VISIT_MS = 5_000;

    /** {@return the links to all neighbours, in the order of their ids} */
    Collection<Link> peers();

    /**
     * Finds a link, be it to a neighbour or of a visit.
     *
     * @param number its number
     * @return the link; empty if it is gone
     */
    Optional<Link> link(int number);

    /**
     * Sums up the ids of this node and its neighbours.
     *
     * @return equal for all nodes of a full mesh, and else different but for a chance of 2^-64;
     *     never 0
     */
    long meshHash();

    /** {@return whether all neighbours are neighbours of each other, and have no others} */
    boolean fullMesh();

    /**
     * Reports a fault of a peer, which may close its link.
     *
     * @param link the link
     * @param fault what the peer did
     * @param now the time
     */
    void fault(Link link, Fault fault, Now now);
}
