package bcast.cluster.gossip.spread;

import bcast.data.Data;
import java.nio.ByteBuffer;

/**
 * What travels before the bytes of the record of a {@link SpreadMessage.Push}.
 *
 * @param length bytes of the record, in this frame and those that follow
 */
public record PushHead(boolean inRound, boolean confirm, long meshHash, int length) {

    /** Type of the first frame of a record. */
    public static final byte TYPE = 6;

    /** Flags, mesh hash, length of the record. */
    public static final int BYTES = 1 + Long.BYTES + Integer.BYTES;

    private static final byte FLAG_IN_ROUND = 1;
    private static final byte FLAG_CONFIRM = 2;

    /** The head of a message. */
    public static PushHead of(SpreadMessage.Push push) {
        return new PushHead(push.inRound(), push.confirm(), push.meshHash(),
                push.data().wireLength());
    }

    /** The message of this head and a record. */
    public SpreadMessage.Push with(Data data) {
        return new SpreadMessage.Push(data, meshHash, inRound, confirm);
    }

    public void write(ByteBuffer to) {
        to.put((byte) ((inRound ? FLAG_IN_ROUND : 0) | (confirm ? FLAG_CONFIRM : 0)));
        to.putLong(meshHash).putInt(length);
    }

    /**
     * Reads a head from a buffer that has at least {@link #BYTES}. Throws {@link
     * IllegalArgumentException} if no record can have its length.
     */
    public static PushHead read(ByteBuffer in) {
        byte flags = in.get();
        long meshHash = in.getLong();
        int length = in.getInt();
        if (length < Long.BYTES || length > Data.MAX_WIRE_BYTES) {
            throw new IllegalArgumentException("record of " + length + " bytes");
        }
        return new PushHead((flags & FLAG_IN_ROUND) != 0, (flags & FLAG_CONFIRM) != 0, meshHash,
                length);
    }
}
