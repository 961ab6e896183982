package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.spread.Spread;

/**
 * What all rounds of a node share.
 *
 * @param settings the node's settings
 * @param neighbours its links
 * @param spread the records under judgement, and which ones the node would take
 * @param sync how far the node is with asking for all records
 * @param load whether many records are on their way
 * @param out where messages go
 */
record RoundContext(NodeSettings settings, Neighbours neighbours, Spread spread, InitialSync sync,
        HighLoad load, Outbox out) {

    /** A record may be on its way for this long in a mesh. */
    private static final long SETTLE_MS = 500;

    /** The same where records take many hops: a dozen, of up to 100 ms each. */
    private static final long SETTLE_TREE_MS = 2_000;

    /** How long a record may be on its way. */
    long settleMs() {
        return neighbours.fullMesh() ? SETTLE_MS : SETTLE_TREE_MS;
    }
}
