package bcast.cluster.gossip.overlay;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Now;

/** Hears of links that come and go. */
public interface LinkEvents {

    /**
     * A link is up, between neighbours or for a visit.
     *
     * @param link the link
     * @param now the time
     */
    void up(Link link, Now now);

    /**
     * A visit became a link between neighbours.
     *
     * @param link the link
     * @param now the time
     */
    void adopted(Link link, Now now);

    /**
     * This node is about to end a link: what waits for its peer is to be sent now.
     *
     * @param link the link
     */
    void parting(Link link);

    /**
     * A link is gone, whether it had been up or not.
     *
     * @param link the link
     * @param now the time
     */
    void down(Link link, Now now);
}
