package bcast.cluster.gossip.repair;

import bcast.data.Hash128;
import bcast.storage.Peeler;
import bcast.storage.Sketch;
import bcast.storage.StoreView;
import java.util.Collection;
import java.util.Iterator;

/**
 * Reads from the cells of a peer's sketch, as they arrive, how its store differs from this one. The
 * more the stores differ, the more cells that takes.
 */
final class SketchReader {

    /** Cells in the first answer, and added to the next ones. */
    static final int FIRST_CELLS = 32;

    /** Cells of a sketch that is made when the prefix is too short; shows about 48,000 records. */
    static final int LARGE_CELLS = 65_536;

    /** From this many cells on each question asks for a quarter more than arrived. */
    private static final int LINEAR_CELLS = 96;

    /** What cells that arrived lead to. */
    enum Outcome {
        /** They are not the next ones. */
        IGNORED,
        /** More are needed. */
        MORE,
        /** All arrived, and they are too few for the difference. */
        TOO_SHORT,
        /** They contradict each other, or the peer has no more. */
        UNREADABLE,
        /** The difference is known. */
        DECODED
    }

    private final int size;
    private final long fromMs;
    private final long toMs;
    private final Peeler peeler;

    /** Compares records of a span of time by sketches of a size. */
    SketchReader(StoreView store, long fromMs, long toMs, int size) {
        this.size = size;
        this.fromMs = fromMs;
        this.toMs = toMs;
        this.peeler = new Peeler(store.sketch(fromMs, toMs, size), size);
    }

    boolean large() {
        return size == LARGE_CELLS;
    }

    /** Whether the peer makes a large sketch now, which takes a while. */
    boolean waitsForLarge() {
        return large() && peeler.arrived() == 0;
    }

    Outcome add(RepairMessage.Cells cells) {
        if (cells.cells().isEmpty()) {
            return Outcome.UNREADABLE;
        }
        if (cells.from() != peeler.arrived()) {
            return Outcome.IGNORED;
        }
        Iterator<Sketch.Cell> each = cells.cells().iterator();
        while (each.hasNext() && !peeler.done() && peeler.arrived() < size) {
            peeler.add(each.next());
        }
        if (peeler.done()) {
            return Outcome.DECODED;
        }
        if (peeler.odd()) {
            return Outcome.UNREADABLE;
        }
        return peeler.arrived() < size ? Outcome.MORE : Outcome.TOO_SHORT;
    }

    /** The question for the next cells. */
    RepairMessage.AskCells ask() {
        int arrived = peeler.arrived();
        int more = arrived < LINEAR_CELLS ? FIRST_CELLS : arrived / 4;
        if (waitsForLarge()) {
            more = StoreView.PREFIX_CELLS + StoreView.PREFIX_CELLS / 4;
        }
        more = Math.min(Math.min(Math.max(more, FIRST_CELLS), RepairMessage.MAX_CELLS),
                size - arrived);
        return new RepairMessage.AskCells(size, arrived, more, fromMs, toMs);
    }

    /** Records that only the peer holds, once that is known. */
    Collection<Hash128> missing() {
        return peeler.missing();
    }

    /** Records that only this node holds, once that is known. */
    Collection<Hash128> extra() {
        return peeler.extra();
    }
}
