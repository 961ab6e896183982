package bcast.storage;

import bcast.data.Data;

/**
 * What is held under one id: the record, and its place in the order of arrival. It is key and value
 * of the store's map at once, so that an id is kept once only. Comparable, since a map of colliding
 * keys then looks them up as fast as a tree: ids are chosen by clients.
 */
final class Entry implements Comparable<Entry> {

    /** Changes within the map's atomic step for the id only. */
    private volatile Data data;

    /** Guarded by {@link Arrivals}. */
    long arrival;

    /** An entry to be stored, or the key by which that of the same id is found. */
    Entry(Data data) {
        this.data = data;
    }

    Data data() {
        return data;
    }

    /** Holds another record with the same id from now on. */
    void data(Data winner) {
        data = winner;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Entry entry && data.sameId(entry.data);
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
