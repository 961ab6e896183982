package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.storage.Digest;
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

    /** What an answer led to. */
    enum Found {
        /** A further question, or nothing. */
        NOTHING_YET,
        /** The stores are equal. */
        EQUAL,
        /** All in which the stores differ. */
        DIFFERENCE,
        /** Some in which the stores differ; there may be a further page. */
        PAGE,
        /** There was no further page. */
        NO_PAGE,
        /** The peer holds no records, and is about to ask for all. */
        PEER_EMPTY,
        /** The peer's store is being filled, or gets late what is on its way to it. */
        PEER_BEHIND,
        /** More than a small sketch shows; {@link #askLarge} goes on. */
        MUCH,
        /** The answer contradicts the question. */
        NONSENSE
    }

    private final RoundContext context;
    private final Link link;
    private final StoreView store;
    private final Outbox out;
    private final Difference difference;
    /** Records with earlier timestamps are not compared. */
    private final long fromMs;
    private RoundStep step = RoundStep.COMPARE;
    private SketchReader sketch;
    private Optional<BucketWalk> walk = Optional.empty();

    /** Sends the first question of a round. */
    Comparison(RoundContext context, Link link, int round, Difference difference, Now now) {
        this.context = context;
        this.link = link;
        this.store = link.store();
        this.out = context.out();
        this.difference = difference;
        this.fromMs = Math.max(0, now.wallMs() - context.settings().retentionMs()
                + NEARLY_EXPIRED_MS + peerAheadMs(now));
        ask(new RepairMessage.Compare(round, fromMs, NO_END,
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

    private void ask(RepairMessage question) {
        out.send(link.number(), question);
    }

    /** The step of the last question. */
    RoundStep step() {
        return step;
    }

    /** Whether the peer makes a large sketch now, which takes a while. */
    boolean waitsForLarge() {
        return step == RoundStep.CELLS && sketch.waitsForLarge();
    }

    Found on(RepairMessage.Answer answer, Now now) {
        if (answer instanceof RepairMessage.Cells cells) {
            return onCells(cells, now);
        } else if (answer instanceof RepairMessage.Differ differ) {
            walk = Optional.of(new BucketWalk(store, fromMs, differ.buckets()));
            return nextPage() ? Found.NOTHING_YET : Found.NO_PAGE;
        } else if (answer instanceof RepairMessage.Hashes hashes) {
            boolean sane = walk.orElseThrow().compare(hashes,
                    hash -> context.spread().wanted().acceptable(hash, now),
                    difference.missing(), difference.extra());
            return sane ? Found.PAGE : Found.NONSENSE;
        }
        return Found.EQUAL;
    }

    // ---- by sketches

    private Found onCells(RepairMessage.Cells cells, Now now) {
        if (step == RoundStep.COMPARE) {
            if (cells.cells().isEmpty()) {
                return Found.PEER_BEHIND;
            }
            if (cells.cells().get(0).count() == 0) {
                return Found.PEER_EMPTY;
            }
            out.count(RepairCounts.ROUNDS_DIFFERENT);
            step = RoundStep.CELLS;
            sketch = new SketchReader(store, fromMs, NO_END, StoreView.PREFIX_CELLS);
        }
        return switch (sketch.add(cells)) {
            case MORE -> askCells();
            case TOO_SHORT -> sketch.large() ? summary() : Found.MUCH;
            case UNREADABLE -> summary();
            case DECODED -> decoded();
            case IGNORED -> Found.NOTHING_YET;
        };
    }

    private Found askCells() {
        ask(sketch.ask());
        return Found.NOTHING_YET;
    }

    /** Compares by a large sketch. */
    void askLarge() {
        out.count(RepairCounts.LARGE);
        sketch = new SketchReader(store, fromMs, NO_END, SketchReader.LARGE_CELLS);
        askCells();
    }

    private Found decoded() {
        difference.missing().addAll(sketch.missing());
        difference.extra().addAll(sketch.extra());
        return Found.DIFFERENCE;
    }

    // ---- bucket by bucket, where sketches do not show the difference

    private Found summary() {
        out.count(RepairCounts.BUCKETS);
        step = RoundStep.SUMMARY;
        List<Digest> digests = store.digests(fromMs, NO_END);
        List<Digest> sent = digests.subList(0, Math.min(digests.size(), RepairMessage.MAX_DIGESTS));
        ask(new RepairMessage.Summary(fromMs, NO_END, List.copyOf(sent)));
        return Found.NOTHING_YET;
    }

    /** Asks for the next page of hashes. Returns whether there is one. */
    boolean nextPage() {
        Optional<RepairMessage.AskHashes> ask = walk.flatMap(BucketWalk::ask);
        ask.ifPresent(this::ask);
        step = ask.isPresent() ? RoundStep.HASHES : RoundStep.END;
        return ask.isPresent();
    }
}
