package bcast.cluster.gossip.overlay;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Now;

/** What the overlay needs of the protocols that use its links. */
public interface LinkEvents {

    /** A link is up, for a visit or between neighbours; again when a visit becomes the latter. */
    void up(Link link, Now now);

    /** Whether records are pushed on a link, so that it is shed last. */
    boolean inTree(Link link);

    /** This node is about to end a link: what waits for its peer is to be sent now. */
    void parting(Link link);

    /** A link is gone, whether it had been up or not. */
    void down(Link link, Now now);
}
