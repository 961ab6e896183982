package bcast.cluster.gossip.overlay;

import static bcast.cluster.gossip.link.Codec.control;

import bcast.cluster.gossip.link.Codec;
import bcast.cluster.gossip.link.Fields;
import bcast.cluster.gossip.overlay.OverlayMessage.Adopt;
import bcast.cluster.gossip.overlay.OverlayMessage.ForwardJoin;
import bcast.cluster.gossip.overlay.OverlayMessage.Peer;
import bcast.cluster.gossip.overlay.OverlayMessage.Peers;
import bcast.cluster.gossip.overlay.OverlayMessage.Shuffle;
import bcast.cluster.gossip.overlay.OverlayMessage.Shuffled;
import java.nio.ByteBuffer;
import java.util.List;

/** How {@link OverlayMessage}s travel. */
public final class OverlayCodec {

    private static final int PEER_BYTES = 2 * Long.BYTES + Fields.MAX_TEXT_FIELD_BYTES
            + 2 * Short.BYTES;

    /** One row a message. */
    public static final List<Codec<? extends OverlayMessage>> ROWS = List.of(
            control(5, Peers.class, peers -> Short.BYTES + PEER_BYTES * peers.peers().size(),
                    (to, peers) -> peers(to, peers.peers()), in -> new Peers(peers(in))),
            control(22, ForwardJoin.class, any -> 1 + PEER_BYTES,
                    (to, join) -> peer(to.put((byte) join.hops()), join.peer()),
                    OverlayCodec::forwardJoin),
            control(23, Shuffle.class, shuffle -> Long.BYTES + 1 + Short.BYTES
                    + PEER_BYTES * shuffle.peers().size(),
                    (to, shuffle) -> peers(to.putLong(shuffle.walk()).put((byte) shuffle.hops()),
                            shuffle.peers()),
                    in -> new Shuffle(in.getLong(), in.get() & 0xff, peers(in))),
            control(24, Shuffled.class, shuffled -> Long.BYTES + Short.BYTES
                    + PEER_BYTES * shuffled.peers().size(),
                    (to, shuffled) -> peers(to.putLong(shuffled.walk()), shuffled.peers()),
                    in -> new Shuffled(in.getLong(), peers(in))),
            control(25, Adopt.class, any -> 0, (to, adopt) -> { }, in -> new Adopt()));

    private OverlayCodec() {}

    private static ForwardJoin forwardJoin(ByteBuffer in) {
        int hops = in.get() & 0xff;
        return new ForwardJoin(peer(in), hops);
    }

    private static void peers(ByteBuffer to, List<Peer> peers) {
        Fields.list(to, peers, OverlayCodec::peer);
    }

    private static List<Peer> peers(ByteBuffer in) {
        return Fields.list(in, OverlayMessage.MAX_PEERS, OverlayCodec::peer);
    }

    private static void peer(ByteBuffer to, Peer peer) {
        Fields.node(to, peer.node());
        Fields.address(to, peer.address());
        to.putShort((short) Math.min(peer.ageS(), Peer.MAX_AGE_S));
    }

    private static Peer peer(ByteBuffer in) {
        return new Peer(Fields.node(in), Fields.address(in), in.getShort() & 0xffff);
    }
}
