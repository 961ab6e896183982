package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Now;

/** Hears what comes of rounds. */
public interface RepairListener {

    /**
     * This node has every record that a peer has.
     *
     * @param now the time
     */
    void synced(Now now);

    /**
     * A round that this node began is over, whatever came of it.
     *
     * @param link number of its link
     */
    void roundOver(int link);
}
