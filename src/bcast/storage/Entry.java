package bcast.storage;

import bcast.data.Data;

/**
 * An id in the store's map: the handle of the record that is held under it. It is key and value at
 * once, so that an id is kept only with its record. Comparable, since the map finds keys of one
 * hash by a tree then: clients can make ids collide. Used within the map's atomic steps only, in
 * which the handle is in force.
 */
final class Entry implements Comparable<Entry> {

    private final Chunks chunks;
    private int handle = Chunks.NONE;
    /** While there is no handle. */
    private Data sought;

    /** An entry to be stored, or the key by which that of the same id is found. */
    Entry(Data sought, Chunks chunks) {
        this.sought = sought;
        this.chunks = chunks;
    }

    int handle() {
        return handle;
    }

    /** Holds a record with the same id from now on. */
    void hold(int fresh) {
        handle = fresh;
        sought = null;
    }

    Data data() {
        return sought == null ? chunks.data(handle) : sought;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Entry entry && data().sameId(entry.data());
    }

    @Override
    public int hashCode() {
        return data().idHashCode();
    }

    @Override
    public int compareTo(Entry other) {
        return data().compareId(other.data());
    }
}
