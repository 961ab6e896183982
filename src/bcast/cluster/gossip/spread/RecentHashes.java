package bcast.cluster.gossip.spread;

import bcast.data.Hash128;

/**
 * A set of the last {@value #MAX} hashes that were added, and of at most as many before them. Takes
 * 16 to 32 bytes a hash, 4 MiB at most, by keeping only the lower half of each: a new hash is taken
 * for a known one with a probability of 2<sup>-46</sup>.
 */
final class RecentHashes {

    /** As many as a burst of records brings in the second or two until they are announced. */
    static final int MAX = 131_072;

    private static final int FIRST_SLOTS = 64;

    /** Tables with linear probing, half full at most; a slot is free if it is 0. */
    private long[] recent = new long[FIRST_SLOTS];
    private long[] older = new long[FIRST_SLOTS];
    private int size;

    /** Adds a hash. Returns false if it is among the last ones. */
    boolean add(Hash128 hash) {
        int at = slot(recent, hash.lo());
        if (recent[at] == hash.lo()) {
            return false;
        }
        if (size == MAX) {
            older = recent;
            recent = new long[FIRST_SLOTS];
            size = 0;
        } else if (size == recent.length / 2) {
            grow();
        }
        recent[slot(recent, hash.lo())] = hash.lo();
        size++;
        return true;
    }

    boolean contains(Hash128 hash) {
        return recent[slot(recent, hash.lo())] == hash.lo()
                || older[slot(older, hash.lo())] == hash.lo();
    }

    private void grow() {
        long[] larger = new long[2 * recent.length];
        for (long each : recent) {
            if (each != 0) {
                larger[slot(larger, each)] = each;
            }
        }
        recent = larger;
    }

    /** Where a number is, or the free slot where it would be. */
    private static int slot(long[] table, long number) {
        int at = (int) number & table.length - 1;
        while (table[at] != 0 && table[at] != number) {
            at = at + 1 & table.length - 1;
        }
        return at;
    }
}
