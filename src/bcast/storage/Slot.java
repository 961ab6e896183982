package bcast.storage;

import bcast.data.Data;

/**
 * The place of an id in the map, its key and its value in one. Slots are equal when their ids
 * are, so the record may change under the map's lock but its id may not. Comparable, so that ids
 * made to collide cost a tree's time and not a list's.
 */
final class Slot implements Comparable<Slot> {

    volatile Data data;
    /** Its place in {@link Arrivals}; guarded by the map's lock. */
    long seq;

    Slot(Data data) {
        this.data = data;
    }

    /** A slot that only names an id, for looking it up. */
    static Slot named(String id) {
        return new Slot(Data.of(id, "-", "-", 0));
    }

    @Override
    public int compareTo(Slot other) {
        return data.compareId(other.data);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Slot slot && data.sameId(slot.data);
    }

    @Override
    public int hashCode() {
        return data.idHash();
    }
}
