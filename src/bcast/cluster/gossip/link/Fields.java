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

    /**
     * Writes a list with its length.
     *
     * @param <T> the type of its elements
     * @param to where to write
     * @param list at most 65,535 elements
     * @param write writes one element
     */
    public static <T> void list(ByteBuffer to, List<T> list, BiConsumer<ByteBuffer, T> write) {
        to.putShort((short) list.size());
        for (T each : list) {
            write.accept(to, each);
        }
    }

    /**
     * Reads a list.
     *
     * @param <T> the type of its elements
     * @param in where to read
     * @param limit most elements
     * @param read reads one element
     * @return the list
     */
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

    /**
     * Writes hashes of records.
     *
     * @param to where to write
     * @param hashes at most {@link Message#MAX_HASHES}
     */
    public static void hashes(ByteBuffer to, List<Hash128> hashes) {
        list(to, hashes, Fields::hash);
    }

    /**
     * Reads hashes of records.
     *
     * @param in where to read
     * @return at most {@link Message#MAX_HASHES}
     */
    public static List<Hash128> hashes(ByteBuffer in) {
        return list(in, Message.MAX_HASHES, Fields::hash);
    }

    /**
     * Most bytes of a list of hashes with its length.
     *
     * @param message a message that is such a list
     * @return its bytes
     */
    public static int size(Message.HashList message) {
        return Short.BYTES + Hash128.BYTES * message.hashes().size();
    }

    /**
     * Writes a hash.
     *
     * @param to where to write
     * @param hash the hash
     */
    public static void hash(ByteBuffer to, Hash128 hash) {
        to.putLong(hash.hi()).putLong(hash.lo());
    }

    /**
     * Reads a hash.
     *
     * @param in where to read
     * @return the hash
     */
    public static Hash128 hash(ByteBuffer in) {
        return new Hash128(in.getLong(), in.getLong());
    }

    /**
     * Writes a node's id.
     *
     * @param to where to write
     * @param node the id
     */
    public static void node(ByteBuffer to, NodeId node) {
        to.putLong(node.hi()).putLong(node.lo());
    }

    /**
     * Reads a node's id.
     *
     * @param in where to read
     * @return the id
     */
    public static NodeId node(ByteBuffer in) {
        return new NodeId(in.getLong(), in.getLong());
    }

    /**
     * Writes an address.
     *
     * @param to where to write
     * @param address the address
     */
    public static void address(ByteBuffer to, Address address) {
        text(to, address.host());
        to.putShort((short) address.port());
    }

    /**
     * Reads an address.
     *
     * @param in where to read
     * @return the address
     */
    public static Address address(ByteBuffer in) {
        return new Address(text(in), in.getShort() & 0xffff);
    }

    /**
     * Writes a text. One that is too long is cut; only reasons can be that long.
     *
     * @param to where to write
     * @param text the text
     */
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

    /**
     * Reads a text.
     *
     * @param in where to read
     * @return the text
     */
    public static String text(ByteBuffer in) {
        return utf8(in, in.get() & 0xff, Message.MAX_TEXT_BYTES);
    }

    /**
     * Reads a text of a known length.
     *
     * @param in where to read
     * @param length its bytes
     * @param limit most bytes it may have
     * @return the text
     */
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
