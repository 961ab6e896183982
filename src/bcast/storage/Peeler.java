package bcast.storage;

import bcast.data.Hash128;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Decodes the difference of two sets from their sketches, cell by cell as they arrive: a cell with
 * a single hash reveals that hash, which is then removed from its other cells, until all
 * are empty. Not safe for use by several threads.
 */
public final class Peeler {

    private static final Sketch.Cell EMPTY = new Sketch(1).cell(0);

    private final Sketch ours;
    private final int limit;
    private final List<Sketch.Cell> cells = new ArrayList<>();
    private final PriorityQueue<Peeled> peeled =
            new PriorityQueue<>(Comparator.comparingInt(each -> each.nextCell));
    private final Deque<Integer> pure = new ArrayDeque<>();
    private final List<Hash128> missing = new ArrayList<>();
    private final List<Hash128> extra = new ArrayList<>();
    private int filled;
    private boolean odd;

    /** A decoded hash, alone in a cell, and the next of its cells that has not arrived. */
    private static final class Peeled {
        private final Sketch.Cell alone;
        private final Sketch.Mapping mapping;
        private int nextCell;

        Peeled(Sketch.Cell alone) {
            this.alone = alone;
            this.mapping = new Sketch.Mapping(alone.sum());
        }
    }

    /**
     * No cell of the other set has arrived.
     *
     * @param ours the sketch of our set, with at least as many cells as will arrive
     * @param limit most hashes decoded; beyond it the result is odd
     */
    public Peeler(Sketch ours, int limit) {
        this.ours = ours;
        this.limit = limit;
    }

    /** {@return number of cells that have arrived} */
    public int arrived() {
        return cells.size();
    }

    /**
     * Adds the next cell of the other set.
     *
     * @param theirs the cell whose number is {@link #arrived}
     */
    public void add(Sketch.Cell theirs) {
        int number = cells.size();
        Sketch.Cell cell = theirs.minus(ours.cell(number));
        while (!peeled.isEmpty() && peeled.peek().nextCell == number) {
            Peeled each = peeled.poll();
            cell = cell.minus(each.alone);
            each.nextCell = each.mapping.next();
            peeled.add(each);
        }
        cells.add(EMPTY);
        set(number, cell);
        peel();
    }

    private void set(int number, Sketch.Cell cell) {
        Sketch.Cell before = cells.set(number, cell);
        filled += (cell.empty() ? 0 : 1) - (before.empty() ? 0 : 1);
        if (cell.pure()) {
            pure.add(number);
        }
    }

    private void peel() {
        while (!pure.isEmpty() && !odd) {
            Sketch.Cell cell = cells.get(pure.poll());
            if (!cell.pure()) {
                continue;
            }
            if (peeled.size() >= limit) {
                odd = true;
                return;
            }
            (cell.count() > 0 ? missing : extra).add(cell.sum());
            Peeled found = new Peeled(cell);
            while (found.nextCell < cells.size()) {
                set(found.nextCell, cells.get(found.nextCell).minus(cell));
                found.nextCell = found.mapping.next();
            }
            peeled.add(found);
        }
    }

    /** {@return whether the whole difference is decoded: all of it is in cell 0} */
    public boolean done() {
        return !cells.isEmpty() && filled == 0 && !odd;
    }

    /** {@return whether more was decoded than possible: the other side's cells are not a sketch} */
    public boolean odd() {
        return odd;
    }

    /** {@return hashes that only the other set has} */
    public List<Hash128> missing() {
        return List.copyOf(missing);
    }

    /** {@return hashes that only our set has} */
    public List<Hash128> extra() {
        return List.copyOf(extra);
    }
}
