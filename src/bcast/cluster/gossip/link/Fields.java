package bcast.cluster.gossip.link;

import bcast.data.Hash128;
import bcast.data.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Fields that several messages have, as they travel. A method that reads throws {@link
 * IllegalArgumentException} if the bytes make no sense, before it allocates anything for them.
 */
public final class Fields {

    /** Most bytes of a text with its length. */
    public static final int MAX_TEXT_FIELD_BYTES = 1 + Message.MAX_TEXT_BYTES;

    private Fields() {}

    /** Writes a list of at most 65,535 elements with its length. */
    public static <T> void list(ByteBuffer to, List<T> list, BiConsumer<ByteBuffer, T> write) {
        to.putShort((short) list.size());
        for (T each : list) {
            write.accept(to, each);
        }
    }

    /** Reads a list of at most a number of elements. */
    public static <T> List<T> list(ByteBuffer in, int limit, Function<ByteBuffer, T> read) {
        int count = in.getShort() & 0xffff;
        if (count > limit) {
            throw new IllegalArgumentException("list of " + count + ", the limit is " + limit);
        }
        List<T> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(read.apply(in));
        }
        return list;
    }

    /** Writes at most {@link Message#MAX_HASHES} hashes of records. */
    public static void hashes(ByteBuffer to, List<Hash128> hashes) {
        list(to, hashes, Fields::hash);
    }

    /** Reads at most {@link Message#MAX_HASHES} hashes of records. */
    public static List<Hash128> hashes(ByteBuffer in) {
        return list(in, Message.MAX_HASHES, Fields::hash);
    }

    /** Bytes of a message that is a list of hashes. */
    public static int size(Message.HashList message) {
        return Short.BYTES + Hash128.BYTES * message.hashes().size();
    }

    public static void hash(ByteBuffer to, Hash128 hash) {
        to.putLong(hash.hi()).putLong(hash.lo());
    }

    public static Hash128 hash(ByteBuffer in) {
        return new Hash128(in.getLong(), in.getLong());
    }

    public static void node(ByteBuffer to, NodeId node) {
        to.putLong(node.hi()).putLong(node.lo());
    }

    public static NodeId node(ByteBuffer in) {
        return new NodeId(in.getLong(), in.getLong());
    }

    public static void address(ByteBuffer to, Address address) {
        text(to, address.host());
        to.putShort((short) address.port());
    }

    public static Address address(ByteBuffer in) {
        return new Address(text(in), in.getShort() & 0xffff);
    }

    /** Writes a text. One that is too long is cut; only reasons can be that long. */
    public static void text(ByteBuffer to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = bytes.length;
        if (length > Message.MAX_TEXT_BYTES) {
            length = Message.MAX_TEXT_BYTES;
            while ((bytes[length] & 0xc0) == 0x80) {
                length--;
            }
        }
        to.put((byte) length).put(bytes, 0, length);
    }

    public static String text(ByteBuffer in) {
        return utf8(in, in.get() & 0xff, Message.MAX_TEXT_BYTES);
    }

    /** Reads a text whose length in bytes was read before. */
    public static String utf8(ByteBuffer in, int length, int limit) {
        if (length > limit || length > in.remaining()) {
            throw new IllegalArgumentException("text of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        if (Utf8.firstInvalid(bytes, 0, length) >= 0) {
            throw new IllegalArgumentException("text is not UTF-8");
        }
        return Utf8.decode(bytes);
    }
}
