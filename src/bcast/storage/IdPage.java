package bcast.storage;

import bcast.data.Data;

/**
 * Where the records are whose ids' hashes end alike: a table with linear probing and deletion by
 * shifting back (Knuth, The Art of Computer Programming, volume 3, section 6.4, algorithms L and
 * R). Guarded by its monitor.
 */
final class IdPage {

    private static final int FIRST_SLOTS = 8;

    /** Half of the id's hash above, the handle below; 0 if free. */
    private long[] slots = new long[FIRST_SLOTS];
    private int size;

    private static int handle(long slot) {
        return (int) slot;
    }

    private static int tag(long slot) {
        return (int) (slot >>> 32);
    }

    private static long slot(int tag, int handle) {
        return (long) tag << 32 | handle & 0xffff_ffffL;
    }

    private int home(int tag) {
        return tag & slots.length - 1;
    }

    private int next(int at) {
        return at + 1 & slots.length - 1;
    }

    /** The handle of the record with the same id, or {@link Chunks#NONE}. */
    int find(Data sameId, int tag, Chunks chunks) {
        for (int at = home(tag); slots[at] != 0; at = next(at)) {
            if (tag(slots[at]) == tag && chunks.data(handle(slots[at])).sameId(sameId)) {
                return handle(slots[at]);
            }
        }
        return Chunks.NONE;
    }

    /** Adds a record whose id is not here. */
    void add(int tag, int handle) {
        if (++size > slots.length - slots.length / 4) {
            long[] old = slots;
            slots = new long[2 * old.length];
            for (long slot : old) {
                if (slot != 0) {
                    place(slot);
                }
            }
        }
        place(slot(tag, handle));
    }

    private void place(long slot) {
        int at = home(tag(slot));
        while (slots[at] != 0) {
            at = next(at);
        }
        slots[at] = slot;
    }

    /** Puts another record with the same id in the place of one. */
    void replace(int tag, int old, int fresh) {
        slots[at(tag, old)] = slot(tag, fresh);
    }

    /** Takes a record out. Returns whether it was here. */
    boolean remove(int tag, int handle) {
        int free = at(tag, handle);
        if (free < 0) {
            return false;
        }
        size--;
        for (int at = next(free); slots[at] != 0; at = next(at)) {
            // What was put behind the free place for lack of room may take it.
            int mask = slots.length - 1;
            if ((at - home(tag(slots[at])) & mask) >= (at - free & mask)) {
                slots[free] = slots[at];
                free = at;
            }
        }
        slots[free] = 0;
        return true;
    }

    private int at(int tag, int handle) {
        long wanted = slot(tag, handle);
        for (int at = home(tag); slots[at] != 0; at = next(at)) {
            if (slots[at] == wanted) {
                return at;
            }
        }
        return -1;
    }
}
