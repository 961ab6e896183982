package bcast.cluster.gossip.overlay;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import java.util.List;

/** Messages by which nodes learn of other nodes, see {@link Overlay}. */
public sealed interface OverlayMessage extends Message {

    /** Most peers in one message. */
    int MAX_PEERS = 64;

    /**
     * Where another node listens.
     *
     * @param node the node
     * @param address its address as the sender sees it
     * @param ageS seconds since it was last known to be alive
     */
    record Peer(NodeId node, Address address, int ageS) {
        /** Highest age that a message can carry. */
        public static final int MAX_AGE_S = 65_535;
    }

    /**
     * Other nodes that the sender has heard of.
     *
     * @param peers at most {@link #MAX_PEERS}
     */
    record Peers(List<Peer> peers) implements OverlayMessage {}

    /**
     * A node that joined, sent on a random walk. The last receiver dials that node.
     *
     * @param peer the node
     * @param hops steps left in the walk
     */
    record ForwardJoin(Peer peer, int hops) implements OverlayMessage, Message.Question {}

    /**
     * A sample of the nodes that its first sender has heard of, sent on a random walk. The last
     * receiver answers with a sample of its own.
     *
     * @param walk number of the walk, by which the answer finds its way back
     * @param hops steps left in the walk
     * @param peers at most {@link #MAX_PEERS}
     */
    record Shuffle(long walk, int hops, List<Peer> peers)
            implements OverlayMessage, Message.Question {}

    /**
     * Answers a {@link Shuffle} and travels the same way back.
     *
     * @param walk number of the walk
     * @param peers at most {@link #MAX_PEERS}
     */
    record Shuffled(long walk, List<Peer> peers) implements OverlayMessage {}

    /** Turns a visit into a link between neighbours, because the cluster had come apart. */
    record Adopt() implements OverlayMessage {}
}
