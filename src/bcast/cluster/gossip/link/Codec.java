package bcast.cluster.gossip.link;

import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * How one type of message travels: a row of the table of all messages. Integers are big-endian.
 *
 * @param type number of the type on the wire; a number is never used again for another type
 * @param overtakes whether the message may be sent before records that were queued earlier
 * @param size most bytes that the body of a message takes
 * @param write writes the body of a message into a buffer with room for that many bytes
 * @param read reads the body of a message. Throws {@link IllegalArgumentException} or {@link
 *     java.nio.BufferUnderflowException} if the bytes are not such a body
 */
public record Codec<M extends Message>(byte type, Class<M> message, boolean overtakes,
        ToIntFunction<M> size, BiConsumer<ByteBuffer, M> write, Function<ByteBuffer, M> read) {

    /** The row of a message that may overtake records. */
    public static <M extends Message> Codec<M> control(int type, Class<M> message,
            ToIntFunction<M> size, BiConsumer<ByteBuffer, M> write,
            Function<ByteBuffer, M> read) {
        return new Codec<>((byte) type, message, true, size, write, read);
    }

    /** The row of a message that keeps its place among records. */
    public static <M extends Message> Codec<M> inOrder(int type, Class<M> message,
            ToIntFunction<M> size, BiConsumer<ByteBuffer, M> write,
            Function<ByteBuffer, M> read) {
        return new Codec<>((byte) type, message, false, size, write, read);
    }
}
