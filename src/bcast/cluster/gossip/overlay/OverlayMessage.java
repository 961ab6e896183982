package bcast.cluster.gossip.overlay;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import java.util.List;

/** Messages by which nodes learn of other nodes, see {@link Overlay}. */
public sealed interface OverlayMessage extends Message {

    /** Most peers in one message. */
    int MAX_PEERS = 64;

    /** Where another node listens, as the sender sees it, and the age of its last sign of life. */
    record Peer(NodeId node, Address address, int ageS) {
        /** Highest age that a message can carry. */
        public static final int MAX_AGE_S = 65_535;
    }

    /** At most {@link #MAX_PEERS} other nodes that the sender has heard of. */
    record Peers(List<Peer> peers) implements OverlayMessage {}

    /** A node that joined, sent on a walk with some hops left. The last receiver dials it. */
    record ForwardJoin(Peer peer, int hops) implements OverlayMessage, Message.Question {}

    /**
     * A sample of the nodes that its first sender has heard of, sent on a random walk. The last
     * receiver answers with a sample of its own.
     *
     * @param walk number of the walk, by which the answer finds its way back
     * @param hops steps left in the walk
     */
    record Shuffle(long walk, int hops, List<Peer> peers)
            implements OverlayMessage, Message.Question {}

    /** Answers a {@link Shuffle} and travels the same way back. */
    record Shuffled(long walk, List<Peer> peers) implements OverlayMessage {}

    /** Turns a visit into a link between neighbours, because the cluster had come apart. */
    record Adopt() implements OverlayMessage {}
}
