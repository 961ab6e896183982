package bcast.fuzz;

import java.util.Random;

/** Chance that can be had again: each case has its own, made of the seed and its number. */
final class Seeds {

    private Seeds() {}

    static Random of(long seed, long number) {
        // Finalizer of SplitMix64: seeds of java.util.Random that differ by little look alike.
        long z = seed + number * 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return new Random(z ^ z >>> 31);
    }
}
