package bcast.storage;

import bcast.data.Hash128;
import java.util.Arrays;

/**
 * The first cells of a rateless invertible Bloom lookup table of a set of hashes (Yang, Gilad,
 * Alizadeh: "Practical Rateless Set Reconciliation", SIGCOMM 2024). Each hash is added to cell 0
 * and to further cells with decreasing probability, on average to 2·ln(1 + n/2) of n. Subtracting
 * the cells of two sets gives the cells of their difference, which {@link Peeler} decodes if there
 * are about 1.4 cells for each of its elements. Not safe for use by several threads.
 */
public final class Sketch {

    private final long[] hi;
    private final long[] lo;
    private final int[] checks;
    private final int[] counts;

    /**
     * The sketch of the empty set.
     *
     * @param cells number of cells
     */
    public Sketch(int cells) {
        this.hi = new long[cells];
        this.lo = new long[cells];
        this.checks = new int[cells];
        this.counts = new int[cells];
    }

    /** {@return number of cells} */
    public int cells() {
        return hi.length;
    }

    /**
     * Adds or removes a hash.
     *
     * @param hash the hash
     * @param sign 1 to add, -1 to remove
     */
    public void toggle(Hash128 hash, int sign) {
        int check = check(hash);
        Mapping mapping = new Mapping(hash);
        for (int cell = 0; cell < hi.length; cell = mapping.next()) {
            hi[cell] ^= hash.hi();
            lo[cell] ^= hash.lo();
            checks[cell] ^= check;
            counts[cell] += sign;
        }
    }

    /** Adds or removes all hashes of another sketch, in the cells that both have. */
    void add(Sketch other, int sign) {
        for (int i = 0; i < Math.min(hi.length, other.hi.length); i++) {
            hi[i] ^= other.hi[i];
            lo[i] ^= other.lo[i];
            checks[i] ^= other.checks[i];
            counts[i] += sign * other.counts[i];
        }
    }

    /**
     * One cell.
     *
     * @param sum exclusive or of the hashes in it
     * @param check exclusive or of their checksums
     * @param count number of the hashes; in a difference, those of the first set minus those of the
     *     second
     */
    public record Cell(Hash128 sum, int check, int count) {

        /** Bytes on the wire. */
        public static final int BYTES = Hash128.BYTES + 4 + 4;

        /** Subtracts the same cell of another set. */
        Cell minus(Cell other) {
            return new Cell(sum.xor(other.sum), check ^ other.check, count - other.count);
        }

        /** Whether it holds one hash and nothing else. */
        boolean pure() {
            return (count == 1 || count == -1) && check == Sketch.check(sum);
        }

        boolean empty() {
            return count == 0 && check == 0 && sum.hi() == 0 && sum.lo() == 0;
        }
    }

    /**
     * Reads a cell.
     *
     * @param i its number, below {@link #cells}
     * @return the cell
     */
    public Cell cell(int i) {
        return new Cell(new Hash128(hi[i], lo[i]), checks[i], counts[i]);
    }

    /** A hash's part of a cell's checksum. */
    static int check(Hash128 hash) {
        return (int) (mix(hash.hi() * 0x9e3779b97f4a7c15L + hash.lo()) >>> 32);
    }

    /** Finalizer of SplitMix64 (Steele, Lea, Flood, 2014). */
    private static long mix(long seed) {
        long z = (seed ^ seed >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /**
     * The cells of one hash, in order: 0, and then with probability 1/(1 + i/2) each cell i. The
     * gap to the next is drawn by inverting its distribution (section 4.2), from {@value #DRAWS}
     * values only: integer arithmetic is fast and gives the same cells on all machines.
     */
    static final class Mapping {

        private static final int DRAW_BITS = 12;
        private static final int DRAWS = 1 << DRAW_BITS;
        private static final int FRACTION_BITS = 16;

        /** For each draw, the gap as a fraction of the cell's number. */
        private static final int[] GAPS = new int[DRAWS];

        static {
            Arrays.setAll(GAPS, draw -> (int) Math.round(
                    (Math.sqrt(DRAWS / (draw + 0.5)) - 1) * (1 << FRACTION_BITS)));
        }

        private long random;
        private long cell;

        Mapping(Hash128 hash) {
            random = mix(hash.lo() ^ Long.rotateLeft(hash.hi(), 32));
        }

        /** Draws the next cell, at most the largest int. */
        int next() {
            random *= 0xda942042e4dd58b5L;
            long twice = (2 * cell + 3) * GAPS[(int) (random >>> Long.SIZE - DRAW_BITS)];
            cell = Math.min(cell + 1 + (twice >>> FRACTION_BITS + 1), Integer.MAX_VALUE);
            return (int) cell;
        }
    }
}
