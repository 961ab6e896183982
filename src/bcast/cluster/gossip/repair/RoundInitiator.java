package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.repair.RepairMessage.Answered;
import bcast.cluster.gossip.repair.RepairMessage.AskAll;
import bcast.cluster.gossip.repair.RepairMessage.AskCells;
import bcast.cluster.gossip.repair.RepairMessage.AskRecords;
import bcast.cluster.gossip.repair.RepairMessage.Given;
import bcast.cluster.gossip.repair.RepairMessage.Offer;
import bcast.cluster.gossip.repair.RepairMessage.Taken;
import bcast.cluster.gossip.repair.RepairMessage.Want;
import bcast.cluster.gossip.spread.Spread;
import bcast.data.Hash128;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One round with one peer that this node began: a {@link Comparison} finds the difference, then
 * this node asks for the records that it lacks and gives those that the peer lacks. An empty store
 * asks for all records first. A node that leaves only gives, and then compares again.
 *
 * <p>One question is under way at a time; the package has a table of them. Records are sent no
 * faster than the side that gets them judges them.
 */
final class RoundInitiator {

    /** An older record is hardly on its way any more: it is asked for at once. */
    static final long YOUNG_MS = 5_000;

    /** A record may be on its way for this long in a mesh. */
    private static final long SETTLE_MS = 500;

    /** The same where records take many hops: a dozen, of up to 100 ms each. */
    private static final long SETTLE_TREE_MS = 2_000;

    /** The next question waits until this few records of the last one are under judgement. */
    static final int LOW_JUDGING = 512;

    private static final String STUCK = "its cursor does not advance";

    /**
     * NOT_NOW: turned away, or high load. GIVEN_UP: no answer, a peer that takes no more, or others
     * wait. NONSENSE: an answer contradicts its question.
     */
    enum State { UNDER_WAY, COMPLETE, NOT_NOW, GIVEN_UP, NONSENSE }

    /** What all rounds of a node share. */
    record Context(NodeSettings settings, Neighbours neighbours, Spread spread, InitialSync sync,
            HighLoad load, Outbox out) {}

    final Link link;
    final Now begun;
    final RoundPace pace;
    private final int number;
    private final Context context;
    private final Outbox out;
    /** This node leaves: it only gives, and at once. */
    private final boolean handingOver;
    private final Difference difference = new Difference();
    private final Comparison comparison;
    private State state = State.UNDER_WAY;
    /** The last message of this side that has an answer: a question, or Given. */
    private RepairMessage unanswered;
    /** Records that the peer was found to lack in this comparison; counted by a leaving node. */
    private long lacking;
    private long lackingBefore = Long.MAX_VALUE;

    RoundInitiator(Context context, Link link, int number, boolean handingOver, Now now) {
        this.link = link;
        this.number = number;
        this.begun = now;
        this.pace = new RoundPace(handingOver, now);
        this.context = context;
        this.out = context.out();
        this.handingOver = handingOver;
        this.comparison = new Comparison(context, link, difference, this::ask);
        if (!handingOver && (link.store().isEmpty() || context.sync().underWay())) {
            out.count(RepairCounts.BULK);
            askAll(now);
        } else {
            compare(now);
        }
    }

    State state() {
        return state;
    }

    /** Records that are yet to be brought or given, as far as is known. */
    OptionalLong toGo() {
        int theirs = link.heartbeat().records();
        int known = unanswered instanceof AskAll ? theirs - link.store().size() : difference.size();
        return known <= 0 ? OptionalLong.empty() : OptionalLong.of(known);
    }

    void tick(Now now) {
        int judging = context.spread().judging(link);
        if (pace.planned()) {
            pace.tick(judging, now);
        } else if (judging == 0 && pace.stalled(unanswered instanceof AskCells ask
                && ask.size() == Comparison.LARGE_CELLS && ask.from() == 0, now)) {
            fail(State.GIVEN_UP, "no response");
        }
    }

    void fail(State how, String why) {
        out.debug("round with link " + link.number() + " given up after "
                + unanswered.getClass().getSimpleName() + ": " + why);
        context.sync().stalled();
        state = how;
    }

    private void ask(RepairMessage question) {
        unanswered = question;
        out.send(link.number(), question);
    }

    /** Goes on with an answer; one that was not asked for is ignored. */
    void on(RepairMessage.Answer answer, Now now) {
        if (pace.planned()) {
            return;
        }
        if (unanswered instanceof AskAll && answer instanceof Answered answered) {
            onAll(answered, now);
        } else if (unanswered instanceof AskRecords && answer instanceof Answered answered) {
            difference.served(answered.served());
            pace.then(LOW_JUDGING, now.steadyMs(), this::askRecords);
        } else if (unanswered instanceof Offer && answer instanceof Want want) {
            onWant(want, now);
        } else if (unanswered instanceof Given && answer instanceof Taken) {
            give(now);
        } else if (!compared(comparison.on(unanswered, answer, now), now)) {
            return;
        }
        pace.progress(now);
    }

    // ---- comparing

    private void compare(Now now) {
        comparison.begin(number, now);
    }

    /** Goes on with what an answer led to. Returns false if it was ignored. */
    private boolean compared(Comparison.Outcome outcome, Now now) {
        switch (outcome) {
            case IGNORED, ASKED -> { }
            case EQUAL -> complete();
            case TURNED_AWAY -> notCompared(State.NOT_NOW, now);
            case PEER_EMPTY -> notCompared(State.COMPLETE, now);
            case PREFIX_TOO_SHORT -> {
                // A large sketch would only show the records that are on their way.
                if (context.load().isOn(now) && !handingOver) {
                    state = State.NOT_NOW;
                } else {
                    comparison.askLarge();
                }
            }
            case DECODED -> settle(now);
            case PAGE_COMPARED -> askRecords(now);
            case CURSOR_STUCK -> fail(State.NONSENSE, STUCK);
        }
        return outcome != Comparison.Outcome.IGNORED;
    }

    /** The stores were compared: the peer has every record of this node. */
    private void complete() {
        out.send(link.number(), new RepairMessage.Done(number));
        state = State.COMPLETE;
    }

    /**
     * The peer is being filled, is about to be, or has this node catch up first. It is not sent
     * Done: it may lack records of this node.
     */
    private void notCompared(State how, Now now) {
        if (!handingOver) {
            state = how;
        } else if (now.steadyMs() - begun.steadyMs() > RoundPace.HAND_OVER_STALL_MS) {
            fail(State.GIVEN_UP, "it takes all from elsewhere");
        } else {
            pace.then(Integer.MAX_VALUE, now.steadyMs() + RoundPace.ASK_AGAIN_MS, this::compare);
        }
    }

    /** The missing records may be on their way: they are looked up again after a moment. */
    private void settle(Now now) {
        if (handingOver) {
            askRecords(now);
            return;
        }
        boolean young = difference.youngerThan(now.wallMs() - YOUNG_MS);
        // A visit is in no hurry, and a clock may be wrong about what is young.
        long settleMs = !young && link.neighbour() ? 0
                : context.neighbours().fullMesh() ? SETTLE_MS : SETTLE_TREE_MS;
        pace.then(LOW_JUDGING, now.steadyMs() + settleMs, later -> {
            difference.missing().retainAll(context.spread().wanted()
                    .lacking(link.store(), difference.missing(), later));
            askRecords(later);
        });
    }

    // ---- asking

    private void askAll(Now now) {
        ask(context.sync().ask());
    }

    private void onAll(Answered answered, Now now) {
        if (!context.sync().advance(answered.next())) {
            fail(State.NONSENSE, STUCK);
        } else if (context.sync().underWay()) {
            pace.then(LOW_JUDGING, now.steadyMs(), this::askAll);
        } else {
            // Records still under judgement would look missing to the comparison.
            pace.then(0, now.steadyMs(), this::compare);
        }
    }

    private void askRecords(Now now) {
        if (handingOver) {
            difference.missing().clear();
            lacking += difference.extraUpTo(begun.wallMs());
        }
        if (difference.missing().isEmpty()) {
            give(now);
        } else {
            ask(new AskRecords(difference.ask()));
        }
    }

    // ---- giving

    /** Records that the peer seems to lack are offered first: they may have come another way. */
    private void give(Now now) {
        if (!difference.extra().isEmpty()) {
            ask(new Offer(difference.offer()));
        } else if (!comparison.nextPage()) {
            pace.then(0, now.steadyMs(), this::end);
        }
    }

    private void onWant(Want want, Now now) {
        Optional<List<Hash128>> hashes = difference.offered(want.places());
        if (hashes.isEmpty()) {
            fail(State.NONSENSE, "it requested records that were not offered");
        } else if (hashes.get().isEmpty()) {
            give(now);
        } else {
            int served = RoundResponder.push(link, hashes.get(), out);
            difference.extra().addAll(hashes.get().subList(served, hashes.get().size()));
            ask(new Given());
        }
    }

    /** A store that became full refuses what it wanted, so a node that leaves compares again. */
    private void end(Now now) {
        if (lacking == 0) {
            complete();
        } else if (lacking >= lackingBefore) {
            fail(State.GIVEN_UP, "it takes no more records");
        } else {
            lackingBefore = lacking;
            lacking = 0;
            compare(now);
        }
    }
}
