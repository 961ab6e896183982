package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.PerLink;
import bcast.cluster.gossip.spread.Spread;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.Digest;
import bcast.storage.Position;
import bcast.storage.Sketch;
import bcast.storage.StoreView;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** The other side of rounds that peers began: answers their questions, and takes what they give. */
final class RoundResponder {

    /** A large sketch hashes every record; all peers together make us do so no more often. */
    static final long LARGE_EVERY_MS = 5_000;

    /** Most large sketches kept, of 1.5 MiB each; the oldest one is dropped first. */
    private static final int MAX_LARGE = 4;

    /** Records read at once. More might be read in vain, since an answer is bounded in bytes. */
    private static final int PAGE = 256;

    /** Of a peer that asks: its last round that compared, and when it was last turned away. */
    private static final class Asker {
        private int round;
        private long turnedAwayMs = Long.MIN_VALUE / 2;
    }

    private final Spread spread;
    private final RoundSchedule schedule;
    private final Outbox out;
    private final PerLink<Asker> askers = new PerLink<>(Asker::new);
    /** The sketches that peers read, the oldest one first. */
    private final Map<Link, Sketch> sketches = new LinkedHashMap<>();
    private long largeDueMs;
    /** Links whose peers wait until what they gave is judged. */
    private final Set<Link> given = new LinkedHashSet<>();
    /** Links whose peers sent Done, until what they gave is judged. */
    private final Set<Link> ending = new LinkedHashSet<>();

    RoundResponder(Spread spread, RoundSchedule schedule, Outbox out) {
        this.spread = spread;
        this.schedule = schedule;
        this.out = out;
    }

    void gone(Link link) {
        sketches.remove(link);
        given.remove(link);
        ending.remove(link);
    }

    void onGiven(Link link) {
        given.add(link);
    }

    /** A round of a peer is over; by now it may have begun the next one. */
    void onDone(Link link, int round) {
        ending.add(link);
        if (askers.of(link).round == round) {
            sketches.remove(link);
        }
    }

    /** Whether something waits for judgement. */
    boolean busy() {
        return !given.isEmpty() || !ending.isEmpty();
    }

    /** Asks for more once most of what came is judged, and ends rounds once all of it is. */
    void tick(Now now) {
        given.removeIf(link -> {
            boolean ready = spread.judging(link) <= RoundInitiator.LOW_JUDGING;
            if (ready) {
                out.send(link.number(), new RepairMessage.Taken());
            }
            return ready;
        });
        ending.removeIf(link -> {
            boolean over = spread.judging(link) == 0;
            if (over) {
                schedule.peerComplete(link.number(), now);
            }
            return over;
        });
    }

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
            out.send(link.number(), new RepairMessage.Answered(push(link, ask.hashes(), out),
                    Optional.empty()));
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
            return;
        }
        if (sketch.cell(0).count() == 0) {
            schedule.emptyInSpan(link.number(), now);
        }
        sketches.put(link, sketch);
        askers.of(link).round = compare.round();
        send(link, sketch, 0, Comparison.FIRST_CELLS);
    }

    /** A peer that this node has catch up is to ask later, unless it asks again soon. */
    private boolean turnAway(Link link, Now now) {
        Asker asker = askers.of(link);
        boolean turns = spread.paused(link)
                && now.steadyMs() >= asker.turnedAwayMs + RoundPace.TURN_AWAY_MS;
        asker.turnedAwayMs = turns ? now.steadyMs() : asker.turnedAwayMs;
        return turns;
    }

    private void onAskCells(Link link, RepairMessage.AskCells ask, Now now) {
        if (ask.from() == 0) {
            sketches.remove(link);
            if (mayMakeLarge(ask.size(), now)) {
                sketches.put(link, link.store().sketch(ask.fromMs(), ask.toMs(), ask.size()));
            }
        }
        Sketch sketch = sketches.get(link);
        boolean fits = sketch != null && ask.size() == sketch.cells() && ask.from() >= 0
                && ask.count() > 0 && ask.count() <= RepairMessage.MAX_CELLS;
        if (fits) {
            send(link, sketch, ask.from(), ask.count());
        } else {
            out.send(link.number(), new RepairMessage.Cells(ask.from(), List.of()));
        }
    }

    /** Whether to make a sketch of a size now. If so, there is room for it. */
    private boolean mayMakeLarge(int size, Now now) {
        if (size != Comparison.LARGE_CELLS || now.steadyMs() < largeDueMs) {
            return false;
        }
        largeDueMs = now.steadyMs() + LARGE_EVERY_MS;
        List<Link> large = sketches.keySet().stream()
                .filter(each -> sketches.get(each).cells() == size).toList();
        if (large.size() >= MAX_LARGE) {
            sketches.remove(large.get(0));
        }
        return true;
    }

    private void send(Link link, Sketch sketch, int from, int count) {
        out.send(link.number(), new RepairMessage.Cells(from, IntStream.range(from,
                Math.min(from + count, sketch.cells())).mapToObj(sketch::cell).toList()));
    }

    private void onSummary(Link link, RepairMessage.Summary theirs) {
        Map<Long, Digest> differing = new HashMap<>();
        theirs.digests().forEach(digest -> differing.put(digest.bucket(), digest));
        for (Digest mine : link.store().digests(theirs.fromMs(), theirs.toMs())) {
            if (!differing.remove(mine.bucket(), mine)) {
                differing.put(mine.bucket(), mine);
            }
        }
        out.send(link.number(), new RepairMessage.Differ(differing.keySet().stream().sorted()
                .limit(RepairMessage.MAX_DIGESTS).toList()));
    }

    private void onAskHashes(Link link, RepairMessage.AskHashes ask) {
        List<Data> page = link.store().page(ask.after(), ask.toMs(), Message.MAX_HASHES);
        Optional<Position> next = page.size() < Message.MAX_HASHES ? Optional.empty()
                : Optional.of(Position.after(page.get(page.size() - 1)));
        out.send(link.number(),
                new RepairMessage.Hashes(page.stream().map(link.store()::hash).toList(), next));
    }

    /**
     * Sends the records of some hashes, as far as they are held, until an answer is long enough.
     * Returns how many of the hashes were looked up, from the first one on.
     */
    static int push(Link link, List<Hash128> hashes, Outbox out) {
        int served = 0;
        int bytes = 0;
        while (served < hashes.size() && bytes < Message.ANSWER_BYTES) {
            List<Hash128> some = hashes.subList(served, Math.min(hashes.size(), served + PAGE));
            Map<Hash128, Data> held = link.store().findAll(some);
            for (int i = 0; i < some.size() && bytes < Message.ANSWER_BYTES; i++, served++) {
                Data data = held.get(some.get(i));
                if (data != null) {
                    bytes += data.wireLength();
                    pushInRound(link, data, out);
                }
            }
        }
        return served;
    }

    private static void pushInRound(Link link, Data data, Outbox out) {
        out.send(link.number(), new SpreadMessage.Push(data, 0, true));
    }

    private void onOffer(Link link, RepairMessage.Offer offer, Now now) {
        // A full node would refuse each of them, at every offer anew.
        Set<Hash128> lacking = link.store().full() ? Set.of()
                : spread.wanted().lacking(link.store(), offer.hashes(), now);
        out.send(link.number(), new RepairMessage.Want(IntStream.range(0, offer.hashes().size())
                .filter(place -> lacking.contains(offer.hashes().get(place)))
                .boxed().toList()));
    }

    private void onAskAll(Link link, RepairMessage.AskAll ask) {
        Optional<Position> next = Optional.of(ask.after());
        int served = 0;
        int bytes = 0;
        while (next.isPresent() && bytes < Message.ANSWER_BYTES) {
            List<Data> page = link.store().page(next.get(), Long.MAX_VALUE, PAGE);
            int sent = 0;
            while (sent < page.size() && bytes < Message.ANSWER_BYTES) {
                Data data = page.get(sent++);
                bytes += data.wireLength();
                pushInRound(link, data, out);
            }
            served += sent;
            boolean more = sent < page.size() || page.size() == PAGE;
            next = more ? Optional.of(Position.after(page.get(sent - 1))) : Optional.empty();
        }
        out.send(link.number(), new RepairMessage.Answered(served, next));
    }
}
