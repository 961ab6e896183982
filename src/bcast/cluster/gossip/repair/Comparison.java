package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Now;
import bcast.storage.Peeler;
import bcast.storage.Sketch;
import bcast.storage.StoreView;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds the difference of two stores for the node that began a round: by cell 0 of both sketches,
 * then by the prefix sketch, then by the large one, then by the hashes of each bucket that differs,
 * page by page. It asks its questions itself, and returns the {@link Outcome} of each answer.
 */
final class Comparison {

    /** Records that expire within the next moments are not worth bringing over. */
    private static final long NEARLY_EXPIRED_MS = 2_000;

    /** The end of each span: a record that is on its way is looked up again, not left out. */
    private static final long NO_END = Long.MAX_VALUE;

    /** Cells in the first answer, and the fewest in the next ones. */
    static final int FIRST_CELLS = 32;

    /** Cells of a large sketch, which shows about 48,000 records. */
    static final int LARGE_CELLS = 65_536;

    /** What an answer led to; the first two need nothing more than the peer's next answer. */
    enum Outcome { IGNORED, ASKED, EQUAL, TURNED_AWAY, PEER_EMPTY, PREFIX_TOO_SHORT, DECODED,
        PAGE_COMPARED, CURSOR_STUCK }

    private final Consumer<RepairMessage> ask;
    private final RoundInitiator.Context context;
    private final Link link;
    private final StoreView store;
    private final Difference difference;
    /** Records with earlier timestamps are not compared. */
    private long fromMs;
    private int size;
    private Peeler peeler;
    private Optional<BucketWalk> walk = Optional.empty();

    Comparison(RoundInitiator.Context context, Link link, Difference difference,
            Consumer<RepairMessage> ask) {
        this.context = context;
        this.link = link;
        this.ask = ask;
        this.store = link.store();
        this.difference = difference;
    }

    void begin(int number, Now now) {
        fromMs = Math.max(0, now.wallMs() - context.settings().retentionMs()
                + NEARLY_EXPIRED_MS + peerAheadMs(now));
        walk = Optional.empty();
        ask.accept(new RepairMessage.Compare(number, fromMs, NO_END,
                store.sketch(fromMs, NO_END, 1).cell(0)));
    }

    /**
     * A peer whose clock is ahead regards records as expired that this node still holds, so they
     * are not compared: at most -maxskew of them, lest a wrong clock hide more. Stores of clocks
     * further apart differ at each interval, at the cost of a sketch.
     */
    private long peerAheadMs(Now now) {
        return Math.max(0, Math.min(link.clockOffsetMs(now), context.settings().maxSkewMs()));
    }

    Outcome on(RepairMessage question, RepairMessage.Answer answer, Now now) {
        if (question instanceof RepairMessage.Compare && answer instanceof RepairMessage.Same) {
            return Outcome.EQUAL;
        } else if (question instanceof RepairMessage.Compare
                && answer instanceof RepairMessage.Cells cells) {
            return onFirst(cells);
        } else if (question instanceof RepairMessage.AskCells
                && answer instanceof RepairMessage.Cells cells) {
            return onCells(cells);
        } else if (question instanceof RepairMessage.Summary
                && answer instanceof RepairMessage.Differ differ) {
            walk = Optional.of(new BucketWalk(store, fromMs, differ.buckets()));
            return Outcome.PAGE_COMPARED;
        } else if (question instanceof RepairMessage.AskHashes
                && answer instanceof RepairMessage.Hashes hashes) {
            return onHashes(hashes, now);
        }
        return Outcome.IGNORED;
    }

    // ---- by sketches

    private Outcome onFirst(RepairMessage.Cells cells) {
        if (cells.cells().isEmpty()) {
            return Outcome.TURNED_AWAY;
        } else if (cells.cells().get(0).count() == 0) {
            return Outcome.PEER_EMPTY;
        }
        context.out().count(RepairCounts.ROUNDS_DIFFERENT);
        read(StoreView.PREFIX_CELLS);
        return onCells(cells);
    }

    private void read(int cells) {
        size = cells;
        peeler = new Peeler(store.sketch(fromMs, NO_END, size), size);
    }

    /** Cells that are not the next ones are ignored. */
    private Outcome onCells(RepairMessage.Cells cells) {
        if (cells.cells().isEmpty()) {
            return summary();
        } else if (cells.from() != peeler.arrived()) {
            return Outcome.IGNORED;
        }
        for (Sketch.Cell cell : cells.cells()) {
            if (!peeler.done() && peeler.arrived() < size) {
                peeler.add(cell);
            }
        }
        if (peeler.done()) {
            difference.missing().addAll(peeler.missing());
            difference.extra().addAll(peeler.extra());
            return Outcome.DECODED;
        } else if (!peeler.odd() && peeler.arrived() < size) {
            return askCells();
        } else if (peeler.odd() || size == LARGE_CELLS) {
            return summary();
        }
        return Outcome.PREFIX_TOO_SHORT;
    }

    /** Goes on by a large sketch, from cell 0: the stores changed since the prefix was made. */
    void askLarge() {
        context.out().count(RepairCounts.LARGE);
        read(LARGE_CELLS);
        askCells();
    }

    private Outcome askCells() {
        int arrived = peeler.arrived();
        // The cells of the prefix did not suffice, so that as many would not either.
        int more = arrived == 0 ? StoreView.PREFIX_CELLS + StoreView.PREFIX_CELLS / 4
                : Math.max(FIRST_CELLS, arrived / 4);
        more = Math.min(Math.min(more, RepairMessage.MAX_CELLS), size - arrived);
        ask.accept(new RepairMessage.AskCells(size, arrived, more, fromMs, NO_END));
        return Outcome.ASKED;
    }

    // ---- bucket by bucket, where sketches do not show the difference

    private Outcome summary() {
        context.out().count(RepairCounts.BUCKETS);
        ask.accept(new RepairMessage.Summary(fromMs, NO_END, store.digests(fromMs, NO_END).stream()
                .limit(RepairMessage.MAX_DIGESTS).toList()));
        return Outcome.ASKED;
    }

    /** Asks for the next page of hashes. Returns false if there is none. */
    boolean nextPage() {
        Optional<RepairMessage.AskHashes> question = walk.flatMap(BucketWalk::ask);
        question.ifPresent(ask);
        return question.isPresent();
    }

    private Outcome onHashes(RepairMessage.Hashes hashes, Now now) {
        boolean sane = walk.orElseThrow().compare(hashes,
                hash -> context.spread().wanted().acceptable(hash, now),
                difference.missing(), difference.extra());
        return sane ? Outcome.PAGE_COMPARED : Outcome.CURSOR_STUCK;
    }
}
