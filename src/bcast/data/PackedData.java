package bcast.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A record as it is kept among others in one array: its timestamp, where its id, its raw and the
 * whole end, counted from where the texts begin, and the texts. An instance is a place to look at
 * one packed record after another without making objects; it belongs to one thread.
 */
public final class PackedData {

    private static final int ID_END = Long.BYTES;
    private static final int RAW_END = ID_END + Integer.BYTES;
    private static final int END = RAW_END + Integer.BYTES;
    private static final int TEXTS = END + Integer.BYTES;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final JsonTail tail = new JsonTail();
    private byte[] packed;
    private int texts;
    private int bytes;

    /** Looks at nothing yet. */
    public PackedData() {}

    /**
     * Measures a record.
     *
     * @param data the record
     * @return how many bytes {@link #pack} writes
     */
    public static int length(Data data) {
        return TEXTS + data.end - data.start;
    }

    /**
     * Packs a record.
     *
     * @param data the record
     * @param target where to write; must have room for {@link #length} bytes
     * @param at first index written
     */
    public static void pack(Data data, byte[] target, int at) {
        LONGS.set(target, at, data.timestamp());
        INTS.set(target, at + ID_END, data.idEnd - data.start);
        INTS.set(target, at + RAW_END, data.rawEnd - data.start);
        INTS.set(target, at + END, data.end - data.start);
        System.arraycopy(data.bytes, data.start, target, at + TEXTS, data.end - data.start);
    }

    /**
     * Reads a record that was packed.
     *
     * @param packed where it is, unchanged from now on; no copy is made
     * @param at its first index
     * @return the record
     */
    public static Data unpack(byte[] packed, int at) {
        int texts = at + TEXTS;
        return new Data(packed, texts, texts + (int) INTS.get(packed, at + ID_END),
                texts + (int) INTS.get(packed, at + RAW_END),
                texts + (int) INTS.get(packed, at + END), (long) LONGS.get(packed, at));
    }

    /**
     * Looks at a record from now on.
     *
     * @param array where it is packed
     * @param at its first index
     */
    public void set(byte[] array, int at) {
        packed = array;
        texts = at + TEXTS;
        bytes = (int) INTS.get(array, at + END);
        tail.set((long) LONGS.get(array, at));
    }

    /** {@return what {@link Data#jsonLength} says of the record} */
    public int jsonLength() {
        return Data.HEAD.length + bytes + tail.length();
    }

    /**
     * Writes the record as {@link Data#json(byte[], int)} does.
     *
     * @param target where to write; must have room for {@link #jsonLength} bytes
     * @param at first index written
     * @return index after the last byte written
     */
    public int json(byte[] target, int at) {
        int next = Data.put(Data.HEAD, target, at);
        System.arraycopy(packed, texts, target, next, bytes);
        return tail.write(target, next + bytes);
    }

    /**
     * Writes a part of the record as {@link Data#json(int, byte[], int)} does.
     *
     * @param from first byte of the object to write, 0..{@link #jsonLength}
     * @param target where to write; takes as much as it has room for
     * @param at first index written
     * @return index after the last byte written
     */
    public int json(int from, byte[] target, int at) {
        if (from == 0 && target.length - at >= jsonLength()) {
            return json(target, at);
        }
        byte[] end = new byte[tail.length()];
        tail.write(end, 0);
        return Data.parts(from, packed, texts, bytes, end, target, at);
    }
}
