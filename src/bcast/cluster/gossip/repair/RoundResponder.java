package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.PerLink;
import bcast.cluster.gossip.spread.Spread;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.cluster.gossip.spread.Wanted;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.Digest;
import bcast.storage.Position;
import bcast.storage.Sketch;
import bcast.storage.StoreView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Answers the questions of rounds that peers began, see {@link RoundInitiator}. It keeps only the
 * sketch that each peer reads from, while the link is up.
 */
final class RoundResponder {

    /** A large sketch hashes every record; all peers together make us do so no more often. */
    static final long LARGE_EVERY_MS = 5_000;

    /** Most large sketches kept, of 1.5 MiB each; the oldest one is dropped first. */
    static final int MAX_LARGE = 4;

    /** A peer that asks again within this time is answered: it may be about to leave. */
    private static final long TURN_AWAY_MS = 1_000;

    private static final int PAGE = 256;

    /** When a peer was last turned away. */
    private static final class TurnedAway {
        private long atMs = Long.MIN_VALUE / 2;
    }

    private final Wanted wanted;
    private final Spread spread;
    private final RoundSchedule schedule;
    private final Outbox out;
    /** The sketches that peers read, and in which of their rounds. */
    private final Map<Integer, Sketch> sketches = new LinkedHashMap<>();
    private final Map<Integer, Integer> rounds = new HashMap<>();
    private long largeDueMs;
    private final PerLink<TurnedAway> turnedAway = new PerLink<>(TurnedAway::new);

    /** Answers from the store, but for comparisons while it is being filled. */
    RoundResponder(Spread spread, RoundSchedule schedule, Outbox out) {
        this.wanted = spread.wanted();
        this.spread = spread;
        this.schedule = schedule;
        this.out = out;
    }

    void gone(int link) {
        sketches.remove(link);
        rounds.remove(link);
    }

    /** A round of a peer is over; by now it may have begun the next one. */
    void done(int link, int round) {
        if (rounds.getOrDefault(link, round) == round) {
            sketches.remove(link);
        }
    }

    /** Answers a question. */
    void on(Link link, RepairMessage.Question question, Now now) {
        if (question instanceof RepairMessage.Compare compare) {
            onCompare(link, compare, now);
        } else if (question instanceof RepairMessage.AskCells ask) {
            onAskCells(link, ask, now);
        } else if (question instanceof RepairMessage.Summary summary) {
            onSummary(link, summary);
        } else if (question instanceof RepairMessage.AskHashes ask) {
            onAskHashes(link, ask);
        } else if (question instanceof RepairMessage.AskRecords ask) {
            onAskRecords(link, ask);
        } else if (question instanceof RepairMessage.Offer offer) {
            onOffer(link, offer, now);
        } else if (question instanceof RepairMessage.AskAll ask) {
            onAskAll(link, ask);
        }
    }

    /** A node that leaves takes no records: a peer that hands over has to ask another node. */
    private void onCompare(Link link, RepairMessage.Compare compare, Now now) {
        if (schedule.handingOver()) {
            out.send(link.number(), new LinkMessage.Bye("it stops as well", false));
            return;
        }
        if (schedule.filling() || turnAway(link, now)) {
            out.send(link.number(), new RepairMessage.Cells(0, List.of()));
            return;
        }
        Sketch sketch = link.store()
                .sketch(compare.fromMs(), compare.toMs(), StoreView.PREFIX_CELLS);
        if (sketch.cell(0).equals(compare.first())) {
            out.send(link.number(), new RepairMessage.Same());
        } else {
            if (sketch.cell(0).count() == 0) {
                schedule.nothingFor(link.number(), now);
            }
            sketches.put(link.number(), sketch);
            rounds.put(link.number(), compare.round());
            send(link, sketch, 0, SketchReader.FIRST_CELLS);
        }
    }

    /** A peer that gets records late is to ask later; one that asks again at once has a reason. */
    private boolean turnAway(Link link, Now now) {
        TurnedAway last = turnedAway.of(link);
        boolean turns = spread.paused(link) && now.steadyMs() >= last.atMs + TURN_AWAY_MS;
        last.atMs = turns ? now.steadyMs() : last.atMs;
        return turns;
    }

    private void onAskCells(Link link, RepairMessage.AskCells ask, Now now) {
        if (ask.from() == 0) {
            makeSketch(link, ask, now);
        }
        Sketch sketch = sketches.get(link.number());
        boolean fits = sketch != null && ask.size() == sketch.cells() && ask.from() >= 0
                && ask.count() > 0 && ask.count() <= RepairMessage.MAX_CELLS;
        if (fits) {
            send(link, sketch, ask.from(), ask.count());
        } else {
            out.send(link.number(), new RepairMessage.Cells(ask.from(), List.of()));
        }
    }

    private void makeSketch(Link link, RepairMessage.AskCells ask, Now now) {
        sketches.remove(link.number());
        if (ask.size() == StoreView.PREFIX_CELLS) {
            sketches.put(link.number(), link.store().sketch(ask.fromMs(), ask.toMs(), ask.size()));
        } else if (ask.size() == SketchReader.LARGE_CELLS) {
            if (now.steadyMs() >= largeDueMs) {
                largeDueMs = now.steadyMs() + LARGE_EVERY_MS;
                dropOldestLarge();
                sketches.put(link.number(), link.store()
                        .sketch(ask.fromMs(), ask.toMs(), ask.size()));
            }
        }
    }

    private void dropOldestLarge() {
        List<Integer> large = sketches.entrySet().stream()
                .filter(each -> each.getValue().cells() == SketchReader.LARGE_CELLS)
                .map(Map.Entry::getKey).toList();
        if (large.size() >= MAX_LARGE) {
            sketches.remove(large.get(0));
        }
    }

    private void send(Link link, Sketch sketch, int from, int count) {
        List<Sketch.Cell> cells = new ArrayList<>(count);
        for (int i = from; i < Math.min(from + count, sketch.cells()); i++) {
            cells.add(sketch.cell(i));
        }
        out.send(link.number(), new RepairMessage.Cells(from, cells));
    }

    private void onSummary(Link link, RepairMessage.Summary theirs) {
        Map<Long, Digest> differing = new HashMap<>();
        theirs.digests().forEach(digest -> differing.put(digest.bucket(), digest));
        for (Digest mine : link.store().digests(theirs.fromMs(), theirs.toMs())) {
            if (!differing.remove(mine.bucket(), mine)) {
                differing.put(mine.bucket(), mine);
            }
        }
        List<Long> sorted = new TreeSet<>(differing.keySet()).stream()
                .limit(RepairMessage.MAX_DIGESTS).toList();
        out.send(link.number(), new RepairMessage.Differ(sorted));
    }

    private void onAskHashes(Link link, RepairMessage.AskHashes ask) {
        List<Data> page = link.store().page(ask.after(), ask.toMs(), Message.MAX_HASHES);
        Optional<Position> next = page.size() < Message.MAX_HASHES ? Optional.empty()
                : Optional.of(Position.after(page.get(page.size() - 1)));
        out.send(link.number(),
                new RepairMessage.Hashes(page.stream().map(link.store()::hash).toList(), next));
    }

    private void onAskRecords(Link link, RepairMessage.AskRecords ask) {
        int served = Records.push(link, ask.hashes(), out).served();
        out.send(link.number(), new RepairMessage.Answered(served, Optional.empty()));
    }

    private void onOffer(Link link, RepairMessage.Offer offer, Now now) {
        // A full node would refuse each of them, at every offer anew.
        Set<Hash128> lacking = link.store().full() ? Set.of()
                : wanted.wanted(link.store(), offer.hashes(), now);
        out.send(link.number(), new RepairMessage.Want(IntStream.range(0, offer.hashes().size())
                .filter(place -> lacking.contains(offer.hashes().get(place)))
                .boxed().toList()));
    }

    private void onAskAll(Link link, RepairMessage.AskAll ask) {
        Position next = ask.after();
        boolean more = true;
        int served = 0;
        int bytes = 0;
        while (more && bytes < Message.ANSWER_BYTES) {
            List<Data> page = link.store().page(next, Long.MAX_VALUE, PAGE);
            int sent = 0;
            while (sent < page.size() && bytes < Message.ANSWER_BYTES) {
                Data data = page.get(sent++);
                bytes += data.wireLength();
                out.send(link.number(), new SpreadMessage.Push(data, 0, true));
            }
            served += sent;
            more = sent < page.size() || page.size() == PAGE;
            next = sent == 0 ? next : Position.after(page.get(sent - 1));
        }
        out.send(link.number(), new RepairMessage.Answered(served,
                more ? Optional.of(next) : Optional.empty()));
    }
}
