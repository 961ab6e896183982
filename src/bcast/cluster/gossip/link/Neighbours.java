package bcast.cluster.gossip.link;

import java.util.Collection;
import java.util.Optional;

/**
 * The links of this node, for the protocols that send records on them. The overlay decides which
 * nodes are linked.
 */
public interface Neighbours {

    /** Most links at once, those that still greet included. */
    int MAX_LINKS = 128;

    /** Time between visits of this node to nodes that are not its neighbours. */
    long VISIT_MS = 5_000;

    /** The links to all neighbours, in the order of their ids. */
    Collection<Link> peers();

    /** Finds a link by its number, be it to a neighbour or of a visit; empty if it is gone. */
    Optional<Link> link(int number);

    /**
     * A sum of the ids of this node and its neighbours: equal for all nodes of a full mesh, and
     * else different but for a chance of 2^-64; never 0.
     */
    long meshHash();

    /** Whether all neighbours are neighbours of each other, and have no others. */
    boolean fullMesh();

    /** Reports a fault of a peer, which may close its link. */
    void fault(Link link, Fault fault, Now now);
}
