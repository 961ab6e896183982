package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Now;
import bcast.storage.Digest;
import bcast.storage.Peeler;
import bcast.storage.Sketch;
import bcast.storage.StoreView;
import java.util.List;
import java.util.Optional;

/**
 * Finds the difference of two stores for the node that began a round: by cell 0 of both sketches,
 * then by cells of the prefix that stores keep up to date, then by those of a larger sketch made
 * for the purpose, then by the hashes of each bucket that differs, page by page.
 */
final class Comparison {

    /** Records that expire within the next moments are not worth bringing over. */
    private static final long NEARLY_EXPIRED_MS = 2_000;

    /** Timestamps have no upper bound: what is on its way is looked at again, not left out. */
    private static final long NO_END = Long.MAX_VALUE;

    /** Cells in the first answer, and added to the next ones. */
    static final int FIRST_CELLS = 32;

    /** From this many cells on each question asks for a quarter more than arrived. */
    private static final int LINEAR_CELLS = 96;

    /** Cells of a sketch that is made when the prefix is too short; shows about 48,000 records. */
    static final int LARGE_CELLS = 65_536;

    private final RoundInitiator round;
    private final RoundInitiator.Context context;
    private final Link link;
    private final StoreView store;
    private final Difference difference;
    /** Records with earlier timestamps are not compared. */
    private long fromMs;
    private int size;
    private Peeler peeler;
    private Optional<BucketWalk> walk = Optional.empty();

    Comparison(RoundInitiator round, RoundInitiator.Context context, Difference difference) {
        this.round = round;
        this.context = context;
        this.link = round.link;
        this.store = link.store();
        this.difference = difference;
    }

    /** Sends the first question of a round. */
    void begin(int number, Now now) {
        fromMs = Math.max(0, now.wallMs() - context.settings().retentionMs()
                + NEARLY_EXPIRED_MS + peerAheadMs(now));
        walk = Optional.empty();
        round.ask(new RepairMessage.Compare(number, fromMs, NO_END,
                store.sketch(fromMs, NO_END, 1).cell(0)));
    }

    /**
     * Where the peer's clock is ahead, the peer hides as expired some records that this node still
     * lists, so the comparison leaves them out. It leaves out no more than -maxskew, lest a wrong
     * clock keep more records from being compared. A peer that is further ahead therefore differs
     * at each interval, at the cost of a sketch.
     */
    private long peerAheadMs(Now now) {
        return Math.max(0, Math.min(link.clockOffsetMs(now), context.settings().maxSkewMs()));
    }

    /** Goes on with an answer. Returns false if it does not answer the question. */
    boolean on(RepairMessage asked, RepairMessage.Answer answer, Now now) {
        if (asked instanceof RepairMessage.Compare && answer instanceof RepairMessage.Same) {
            round.complete();
        } else if (asked instanceof RepairMessage.Compare
                && answer instanceof RepairMessage.Cells cells) {
            onFirst(cells, now);
        } else if (asked instanceof RepairMessage.AskCells
                && answer instanceof RepairMessage.Cells cells) {
            onCells(cells, now);
        } else if (asked instanceof RepairMessage.Summary
                && answer instanceof RepairMessage.Differ differ) {
            walk = Optional.of(new BucketWalk(store, fromMs, differ.buckets()));
            nextPage(now);
        } else if (asked instanceof RepairMessage.AskHashes
                && answer instanceof RepairMessage.Hashes hashes) {
            onHashes(hashes, now);
        } else {
            return false;
        }
        return true;
    }

    // ---- by sketches

    /** The first cells: the stores differ, unless the peer is not to be compared with. */
    private void onFirst(RepairMessage.Cells cells, Now now) {
        if (cells.cells().isEmpty()) {
            // It is being filled, or gets late what is on its way to it.
            round.peerTakesAll(RoundInitiator.State.NOT_NOW, now);
        } else if (cells.cells().get(0).count() == 0) {
            // It holds no records, and is about to ask for all.
            round.peerTakesAll(RoundInitiator.State.COMPLETE, now);
        } else {
            context.out().count(RepairCounts.ROUNDS_DIFFERENT);
            read(StoreView.PREFIX_CELLS);
            onCells(cells, now);
        }
    }

    private void read(int cells) {
        size = cells;
        peeler = new Peeler(store.sketch(fromMs, NO_END, size), size);
    }

    /** Cells that are not the next ones are ignored. */
    private void onCells(RepairMessage.Cells cells, Now now) {
        if (cells.cells().isEmpty()) {
            summary();
            return;
        } else if (cells.from() != peeler.arrived()) {
            return;
        }
        for (Sketch.Cell cell : cells.cells()) {
            if (!peeler.done() && peeler.arrived() < size) {
                peeler.add(cell);
            }
        }
        if (peeler.done()) {
            difference.missing().addAll(peeler.missing());
            difference.extra().addAll(peeler.extra());
            round.settle(now);
        } else if (peeler.odd()) {
            summary();
        } else if (peeler.arrived() < size) {
            askCells();
        } else if (size == LARGE_CELLS) {
            summary();
        } else if (!round.putOff(now)) {
            context.out().count(RepairCounts.LARGE);
            read(LARGE_CELLS);
            askCells();
        }
    }

    private void askCells() {
        int arrived = peeler.arrived();
        int more = arrived < LINEAR_CELLS ? FIRST_CELLS : arrived / 4;
        if (arrived == 0) {
            // A large sketch is made where the prefix was too short.
            more = StoreView.PREFIX_CELLS + StoreView.PREFIX_CELLS / 4;
        }
        more = Math.min(Math.min(more, RepairMessage.MAX_CELLS), size - arrived);
        round.ask(new RepairMessage.AskCells(size, arrived, more, fromMs, NO_END));
    }

    // ---- bucket by bucket, where sketches do not show the difference

    private void summary() {
        context.out().count(RepairCounts.BUCKETS);
        List<Digest> digests = store.digests(fromMs, NO_END);
        List<Digest> sent = digests.subList(0, Math.min(digests.size(), RepairMessage.MAX_DIGESTS));
        round.ask(new RepairMessage.Summary(fromMs, NO_END, List.copyOf(sent)));
    }

    /** Asks for the next page of hashes, if there is one. */
    void nextPage(Now now) {
        walk.flatMap(BucketWalk::ask).ifPresentOrElse(round::ask, () -> round.finish(now));
    }

    private void onHashes(RepairMessage.Hashes hashes, Now now) {
        boolean sane = walk.orElseThrow().compare(hashes,
                hash -> context.spread().wanted().acceptable(hash, now),
                difference.missing(), difference.extra());
        if (sane) {
            round.askRecords(now);
        } else {
            round.lies();
        }
    }
}
