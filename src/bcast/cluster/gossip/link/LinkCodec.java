package bcast.cluster.gossip.link;

import static bcast.cluster.gossip.link.Codec.control;
import static bcast.cluster.gossip.link.Codec.inOrder;

import bcast.cluster.gossip.link.LinkMessage.Bye;
import bcast.cluster.gossip.link.LinkMessage.Heartbeat;
import bcast.cluster.gossip.link.LinkMessage.Hello;
import bcast.cluster.gossip.link.LinkMessage.Refuse;
import bcast.cluster.gossip.link.LinkMessage.Twin;
import java.nio.ByteBuffer;
import java.util.List;

/** How {@link LinkMessage}s travel. */
public final class LinkCodec {

    /** Type of {@link LinkMessage.Hello}, the first frame of a link. */
    public static final byte HELLO = 1;

    /** Type of {@link LinkMessage.Refuse}, which may come in its place. */
    public static final byte REFUSE = 2;

    /** First four bytes of each greeting. */
    static final int MAGIC = 0x42435354;

    /** Ample for a greeting: five texts, and everything else. */
    private static final int GREETING_BYTES = 5 * Fields.MAX_TEXT_FIELD_BYTES + 100;

    private static final int HEARTBEAT_BYTES = 5 * Long.BYTES + 3 + Integer.BYTES;

    private static final byte FLAG_FULL = 1;
    private static final byte FLAG_PARENT = 2;
    private static final byte FLAG_REACHABLE = 4;
    private static final byte FLAG_PLACED = 8;

    /** One row a message. */
    public static final List<Codec<? extends LinkMessage>> ROWS = List.of(
            control(HELLO, Hello.class, any -> GREETING_BYTES,
                    LinkCodec::hello, LinkCodec::hello),
            control(REFUSE, Refuse.class, any -> GREETING_BYTES,
                    (to, refuse) -> Fields.text(to, refuse.reason()),
                    in -> new Refuse(Fields.text(in))),
            inOrder(3, Bye.class, any -> GREETING_BYTES,
                    LinkCodec::bye, in -> new Bye(Fields.text(in), in.get() != 0)),
            control(4, Heartbeat.class, any -> HEARTBEAT_BYTES,
                    LinkCodec::heartbeat, LinkCodec::heartbeat),
            control(34, Twin.class, any -> Long.BYTES,
                    (to, twin) -> to.putLong(twin.number()), in -> new Twin(in.getLong())));

    private LinkCodec() {}

    private static void hello(ByteBuffer to, Hello hello) {
        to.putInt(MAGIC);
        to.putShort((short) hello.minVersion()).putShort((short) hello.maxVersion());
        Fields.text(to, hello.cluster());
        Fields.node(to, hello.node());
        Fields.address(to, hello.address());
        to.putShort((short) hello.httpPort());
        Fields.address(to, hello.dialled());
        to.putLong(hello.wallMs()).putLong(hello.retentionMs());
        Fields.text(to, hello.validator());
        to.put((byte) hello.role().ordinal());
    }

    private static Hello hello(ByteBuffer in) {
        if (in.getInt() != MAGIC) {
            throw new IllegalArgumentException("not a bcast node");
        }
        return new Hello(in.getShort() & 0xffff, in.getShort() & 0xffff, Fields.text(in),
                Fields.node(in), Fields.address(in), in.getShort() & 0xffff, Fields.address(in),
                in.getLong(), in.getLong(), Fields.text(in), role(in.get()));
    }

    private static LinkRole role(byte ordinal) {
        if (ordinal < 0 || ordinal >= LinkRole.values().length) {
            throw new IllegalArgumentException("role " + ordinal + " of a link");
        }
        return LinkRole.values()[ordinal];
    }

    private static void bye(ByteBuffer to, Bye bye) {
        Fields.text(to, bye.reason());
        to.put((byte) (bye.stays() ? 1 : 0));
    }

    private static void heartbeat(ByteBuffer to, Heartbeat beat) {
        to.putLong(beat.sentMs()).putLong(beat.echoMs()).putLong(beat.heldMs());
        to.putLong(beat.wallMs()).putLong(beat.meshHash());
        to.put((byte) ((beat.full() ? FLAG_FULL : 0) | (beat.parent() ? FLAG_PARENT : 0)
                | (beat.placed() ? FLAG_PLACED : 0) | (beat.reachable() ? FLAG_REACHABLE : 0)));
        to.putShort((short) beat.links()).putInt(beat.records());
    }

    private static Heartbeat heartbeat(ByteBuffer in) {
        long sentMs = in.getLong();
        long echoMs = in.getLong();
        long heldMs = in.getLong();
        long wallMs = in.getLong();
        long meshHash = in.getLong();
        byte flags = in.get();
        return new Heartbeat(sentMs, echoMs, heldMs, wallMs, meshHash, (flags & FLAG_FULL) != 0,
                (flags & FLAG_PARENT) != 0, (flags & FLAG_PLACED) != 0,
                (flags & FLAG_REACHABLE) != 0, in.getShort() & 0xffff, in.getInt());
    }
}
