package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.util.List;

/**
 * The keys by which the store hashes records; compared by identity, which is fast.
 *
 * @param each the keys, the most used first
 */
record HashKeys(List<SipHash> each) {

    /** A record and its hashes by these keys, made before any lock is taken. */
    record Hashed(Data data, HashKeys keys, Hash128[] hashes) {

        /** The hashes by other keys, which are made only if they differ. */
        Hash128[] hashes(HashKeys others) {
            return others == keys ? hashes : others.hashes(data);
        }
    }

    Hashed hash(Data data) {
        return new Hashed(data, this, hashes(data));
    }

    private Hash128[] hashes(Data data) {
        Hash128[] hashes = new Hash128[each.size()];
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = data.hash(each.get(i));
        }
        return hashes;
    }

    /** Memory of a sketch for each key in bytes. */
    int sketchesBytes() {
        return each.size() * StoreView.PREFIX_CELLS * Sketch.Cell.BYTES;
    }
}
