package bcast.data;

import java.util.Locale;

/**
 * A 128-bit hash.
 *
 * @param hi first eight bytes
 * @param lo last eight bytes
 */
public record Hash128(long hi, long lo) implements Comparable<Hash128> {

    /** Length on the wire. */
    public static final int BYTES = 16;

    /**
     * {@return the timestamp of the record whose hash this is, see {@link Data#hash}; undefined
     * for other hashes}
     */
    public long timestamp() {
        return hi >>> 16;
    }

    /**
     * {@return the exclusive or of both: adds a hash to a sum, or removes it}
     *
     * @param other the other one
     */
    public Hash128 xor(Hash128 other) {
        return new Hash128(hi ^ other.hi, lo ^ other.lo);
    }

    @Override
    public int compareTo(Hash128 other) {
        int first = Long.compareUnsigned(hi, other.hi);
        return first != 0 ? first : Long.compareUnsigned(lo, other.lo);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%016x%016x", hi, lo);
    }
}
