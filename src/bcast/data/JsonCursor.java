package bcast.data;

import java.util.Iterator;

/**
 * Iterates over records and writes each as JSON directly from its bytes. Used by one thread.
 */
public interface JsonCursor {

    /**
     * Advances to the next record; the first call advances to the first record.
     *
     * @return whether there is one
     */
    boolean next();

    /** {@return length of the present record as a JSON object, in bytes} */
    int length();

    /**
     * Writes the present record as a JSON object.
     *
     * @param target where to write; must have room for {@link #length} bytes
     * @param at first index written
     * @return index after the last byte written
     */
    default int write(byte[] target, int at) {
        return write(0, target, at);
    }

    /**
     * Writes a part of the present record as a JSON object, so that a large one needs no copy.
     *
     * @param from first byte of the object to write, 0..{@link #length}
     * @param target where to write; takes as much as it has room for
     * @param at first index written
     * @return index after the last byte written; {@code at} if the record is no longer there
     */
    int write(int from, byte[] target, int at);

    /**
     * Iterates over records in memory.
     *
     * @param records the records in order
     * @return a cursor before the first record
     */
    static JsonCursor of(Iterable<Data> records) {
        Iterator<Data> rest = records.iterator();
        return new JsonCursor() {
            private Data data;

            @Override
            public boolean next() {
                if (!rest.hasNext()) {
                    return false;
                }
                data = rest.next();
                return true;
            }

            @Override
            public int length() {
                return data.jsonLength();
            }

            @Override
            public int write(int from, byte[] target, int at) {
                return data.json(from, target, at);
            }
        };
    }
}
