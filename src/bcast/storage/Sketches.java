package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.util.Arrays;
import java.util.function.Function;

/**
 * The sums of a {@link Slice}: for each key a {@link Sketch} of all its records. Guarded by its
 * bucket's monitor.
 */
final class Sketches {

    private HashKeys keys;
    private Sketch[] each;

    /** Sketches of no records. */
    Sketches(HashKeys keys) {
        this.keys = keys;
        this.each = new Sketch[keys.each().size()];
        Arrays.setAll(each, any -> new Sketch(StoreView.PREFIX_CELLS));
    }

    HashKeys keys() {
        return keys;
    }

    /** The sketch by one of the keys. */
    Sketch by(SipHash key) {
        return each[keys.each().indexOf(key)];
    }

    /** Adds a record, or removes it if the sign is -1. */
    void toggle(HashKeys.Hashed record, int sign) {
        // The caller hashed with other keys if they changed just then.
        Hash128[] hashes = record.hashes(keys);
        for (int i = 0; i < hashes.length; i++) {
            each[i].toggle(hashes[i], sign);
        }
    }

    void add(Data data) {
        toggle(keys.hash(data), 1);
    }

    /** Removes the records of other sketches by the same keys. */
    void subtract(Sketches others) {
        for (int i = 0; i < each.length; i++) {
            each[i].subtract(others.each[i]);
        }
    }

    /**
     * Keeps sketches by these keys from now on, and no others.
     *
     * @param make makes the sketch of all records by a new key
     */
    void rekey(HashKeys now, Function<SipHash, Sketch> make) {
        Sketch[] made = new Sketch[now.each().size()];
        for (int i = 0; i < made.length; i++) {
            SipHash key = now.each().get(i);
            made[i] = keys.each().contains(key) ? by(key) : make.apply(key);
        }
        keys = now;
        each = made;
    }
}
