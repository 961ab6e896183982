package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Hash128;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SketchTest {

    private final Random random = new Random(5);

    private Hash128 any() {
        return new Hash128(random.nextLong(), random.nextLong());
    }

    /** Cells needed for a difference; the sets have some hashes in common. */
    private int cellsFor(int difference, int common, int limit) {
        Sketch ours = new Sketch(limit);
        Sketch theirs = new Sketch(limit);
        Set<Hash128> missing = new HashSet<>();
        Set<Hash128> extra = new HashSet<>();
        for (int i = 0; i < common; i++) {
            Hash128 hash = any();
            ours.toggle(hash, 1);
            theirs.toggle(hash, 1);
        }
        for (int i = 0; i < difference; i++) {
            Hash128 hash = any();
            boolean here = random.nextBoolean();
            (here ? ours : theirs).toggle(hash, 1);
            (here ? extra : missing).add(hash);
        }
        Peeler peeler = new Peeler(ours, 2 * difference + 1);
        while (!peeler.done()) {
            peeler.add(theirs.cell(peeler.arrived()));
        }
        assertEquals(missing, new HashSet<>(peeler.missing()));
        assertEquals(extra, new HashSet<>(peeler.extra()));
        assertEquals(difference, peeler.missing().size() + peeler.extra().size());
        return peeler.arrived();
    }

    @Test
    void readsDifferencesWithAboutAsManyCellsAsThePaper() {
        // Yang et al., figure 4: 1.72 at worst (d = 4), 1.35 for large d; 1 for d = 1.
        for (int[] each : new int[][] {{0, 200, 0}, {1, 1_000, 0}, {10, 1_000, 0}, {100, 1_000, 0},
            {1_000, 1_000, 0}, {10_000, 5, 0}}) {
            int difference = each[0];
            int trials = each[1];
            long cells = 0;
            int most = 0;
            for (int i = 0; i < trials; i++) {
                int used = cellsFor(difference, 50, 4 * difference + 1_000);
                cells += used;
                most = Math.max(most, used);
            }
            double mean = (double) cells / trials / Math.max(1, difference);
            System.out.printf("d = %d: %.3f cells a difference, at most %d, %d trials%n",
                    difference, mean, most, trials);
            assertTrue(mean <= 1.85, "mean " + mean + " for " + difference);
        }
    }

    @Test
    void isLinear() {
        Sketch one = new Sketch(64);
        Sketch two = new Sketch(64);
        Sketch both = new Sketch(64);
        List<Hash128> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(any());
            (i % 3 == 0 ? one : two).toggle(all.get(i), 1);
            both.toggle(all.get(i), 1);
        }
        one.add(two, 1);
        for (int i = 0; i < 64; i++) {
            assertEquals(both.cell(i), one.cell(i));
        }
        all.forEach(hash -> both.toggle(hash, -1));
        for (int i = 0; i < 64; i++) {
            assertTrue(both.cell(i).empty());
        }
    }

    @Test
    void aHashIsInAboutThirteenOf1024Cells() {
        long updates = 0;
        for (int i = 0; i < 10_000; i++) {
            Sketch.Mapping mapping = new Sketch.Mapping(any());
            for (int cell = 0; cell < 1_024; cell = mapping.next()) {
                updates++;
            }
        }
        assertEquals(13, updates / 10_000.0, 0.6);
    }

    @Test
    void nonsenseIsNeitherDoneNorEndless() {
        Peeler peeler = new Peeler(new Sketch(1_024), 100);
        for (int i = 0; i < 1_024; i++) {
            peeler.add(new Sketch.Cell(any(), random.nextInt(), 1));
        }
        assertFalse(peeler.done());
        // Cells that each hold one true hash, but never the same: more than there can be.
        Peeler liar = new Peeler(new Sketch(1_024), 100);
        for (int i = 0; i < 1_024 && !liar.odd(); i++) {
            Hash128 hash = any();
            liar.add(new Sketch.Cell(hash, Sketch.check(hash), 1));
        }
        assertTrue(liar.odd());
        assertFalse(liar.done());
        assertTrue(liar.missing().size() + liar.extra().size() <= 100);
    }
}
