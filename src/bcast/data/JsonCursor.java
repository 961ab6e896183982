package bcast.data;

import java.util.Iterator;

/** Iterates over records and writes each as JSON directly from its bytes. Used by one thread. */
public interface JsonCursor {

    /** {@return whether there is a next record, to which this call advances} */
    boolean next();

    /** {@return length of the present record as a JSON object, in bytes} */
    int length();

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
     * {@return a cursor before the first of some records}
     *
     * @param records the records in order
     */
    static JsonCursor of(Iterable<Data> records) {
        Iterator<Data> rest = records.iterator();
        return new JsonCursor() {
            private Data data;

            @Override
            public boolean next() {
                boolean any = rest.hasNext();
                data = any ? rest.next() : null;
                return any;
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
