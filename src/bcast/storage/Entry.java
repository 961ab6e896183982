package bcast.storage;

import bcast.data.Data;

/**
 * An entry of the store's map: the record, and its sequence number in {@link Arrivals}. It is both
 * key and value of the map, so that the id is kept only once, within the record; it equals any
 * entry of the same id. It is comparable because clients choose the ids: if many hash codes
 * collide, the map looks entries up in a tree.
 */
final class Entry implements Comparable<Entry> {

    /** Changes only within the map's atomic step for the id. */
    volatile Data data;

    /** The sequence number and a flag; read, written and guarded by {@link Arrivals}. */
    long arrival;

    /** Stored, or made to look up the stored entry of the same id. */
    Entry(Data data) {
        this.data = data;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Entry entry && data.compareId(entry.data) == 0;
    }

    @Override
    public int hashCode() {
        return data.idHashCode();
    }

    @Override
    public int compareTo(Entry other) {
        return data.compareId(other.data);
    }
}
