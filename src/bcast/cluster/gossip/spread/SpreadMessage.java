package bcast.cluster.gossip.spread;

import bcast.base.Metric;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.data.Data;
import bcast.data.Hash128;
import java.util.List;
import java.util.Optional;

/** Messages that bring new records to all nodes, see {@link Spread}. */
public sealed interface SpreadMessage extends Message {

    /** Most hops of a beacon: far more than any cluster is wide. */
    int MAX_HOPS = 255;

    /**
     * A record.
     *
     * @param meshHash the mesh hash of the node that accepted the record from a client; a receiver
     *     with the same mesh hash need not pass the record on, since all its neighbours get it from
     *     that node. 0 if the record is to be passed on in any case
     * @param inRound whether a round of repair brings the record, rather than the spreading
     * @param confirm whether the receiver is to answer {@link Held} once it holds the record
     */
    record Push(Data data, long meshHash, boolean inRound, boolean confirm)
            implements SpreadMessage {

        /** A record that need not be confirmed. */
        public Push(Data data, long meshHash, boolean inRound) {
            this(data, meshHash, inRound, false);
        }

        @Override
        public Optional<Metric> sentCounter() {
            return Optional.of(SpreadCounts.SENT);
        }
    }

    /**
     * Answers a {@link Push} that asks for confirmation, once the sender holds the record, if only
     * with another timestamp. The hashes are those of the records pushed.
     */
    record Held(List<Hash128> hashes) implements SpreadMessage, HashList {}

    /**
     * Flooded by the root of the tree, so that each node learns how many hops away the root is.
     *
     * @param root the node with the smallest id
     * @param seq grows with each beacon of this root
     * @param hops distance of the sender from the root
     */
    record Beacon(NodeId root, long seq, int hops) implements SpreadMessage {}

    /** Names records that the sender holds and did not push on this link. */
    record IHave(List<Hash128> hashes) implements SpreadMessage, HashList {}

    /**
     * Asks for records that the receiver announced, and for all new ones from now on. Each of the
     * two nodes pushes them on this link until it settles the tree.
     */
    record Graft(List<Hash128> hashes) implements SpreadMessage, HashList, Question {}

    /** Answers a {@link Graft} for records that the sender no longer holds. */
    record Gone(List<Hash128> hashes) implements SpreadMessage, HashList {}
}
