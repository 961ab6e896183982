package bcast.cluster.gossip.spread;

import static bcast.cluster.gossip.link.Codec.control;

import bcast.cluster.gossip.link.Codec;
import bcast.cluster.gossip.link.Fields;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.spread.SpreadMessage.Beacon;
import bcast.cluster.gossip.spread.SpreadMessage.Gone;
import bcast.cluster.gossip.spread.SpreadMessage.Graft;
import bcast.cluster.gossip.spread.SpreadMessage.Held;
import bcast.cluster.gossip.spread.SpreadMessage.IHave;
import bcast.data.Hash128;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;

/**
 * How {@link SpreadMessage}s travel, but for {@link SpreadMessage.Push}: a record may be larger
 * than a frame, so that it has no row but a {@link PushHead}.
 */
public final class SpreadCodec {

    private static final int BEACON_BYTES = 3 * Long.BYTES + 1;

    /** One row a message. */
    public static final List<Codec<? extends SpreadMessage>> ROWS = List.of(
            control(26, Beacon.class, any -> BEACON_BYTES, SpreadCodec::beacon,
                    in -> new Beacon(Fields.node(in), in.getLong(), in.get() & 0xff)),
            hashes(27, IHave.class, IHave::new),
            hashes(28, Graft.class, Graft::new),
            hashes(29, Gone.class, Gone::new),
            hashes(33, Held.class, Held::new));

    private SpreadCodec() {}

    private static <M extends SpreadMessage & Message.HashList> Codec<M> hashes(int type,
            Class<M> message, Function<List<Hash128>, M> with) {
        return control(type, message, Fields::size,
                (to, each) -> Fields.hashes(to, each.hashes()),
                in -> with.apply(Fields.hashes(in)));
    }

    private static void beacon(ByteBuffer to, Beacon beacon) {
        Fields.node(to, beacon.root());
        to.putLong(beacon.seq()).put((byte) beacon.hops());
    }
}
