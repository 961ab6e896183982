package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.data.Hash128;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One round with one peer that this node began: a {@link Comparison} finds the difference, then
 * this node asks for the records that it lacks and gives those that the peer lacks. An empty store
 * asks for all records first. A node that leaves only gives, and then compares again.
 *
 * <p>One step is under way at a time. Records are sent no faster than the side that gets them
 * judges them.
 *
 * <pre>
 *  ALL            all records, if the store is empty
 *   |
 *  COMPARE -----&gt; COMPLETE, if the stores are equal
 *   |
 *  CELLS -------&gt; SUMMARY, if a large sketch is too small
 *   |                |
 *  SETTLE         HASHES of one page &lt;---+
 *   |                |                   |
 *  RECORDS &lt;---------+                   |
 *   |                                    |
 *  OFFER, GIVE -------- next page -------+
 *   |
 *  END ---------&gt; COMPLETE
 *
 *  NOT_NOW   from COMPARE, if the peer is not up to date; from CELLS, under high load
 *  GIVEN_UP  from any step, without an answer
 *  NONSENSE  from any step, after an answer that contradicts its question
 * </pre>
 */
final class RoundInitiator {

    /** An older record is hardly on its way any more: it is asked for at once. */
    static final long YOUNG_MS = 5_000;

    /** A node that leaves asks a peer that is not up to date again after this time. */
    private static final long AGAIN_MS = 20;

    /** The next question waits until this few records of the last one are under judgement. */
    static final int LOW_JUDGING = 512;

    enum State {
        UNDER_WAY,
        /** The stores are equal, or the peer's was empty. */
        COMPLETE,
        /** Too many records are on their way to compare. */
        NOT_NOW,
        /** The peer did not answer. */
        GIVEN_UP,
        /** The peer is at fault. */
        NONSENSE
    }

    final Link link;
    final long begunMs;
    private final long begunWallMs;
    private final int number;
    private final RoundContext context;
    private final Outbox out;
    /** This node leaves: it only gives, and at once. */
    private final boolean handingOver;
    final RoundPace pace;
    private final Difference difference = new Difference();
    private State state = State.UNDER_WAY;
    private RoundStep step;
    private Comparison comparison;
    /** Records that the peer of a node that leaves was found to lack, in this comparison. */
    private long lacking;
    private long lackingBefore = Long.MAX_VALUE;

    RoundInitiator(RoundContext context, Link link, int number, boolean handingOver, Now now) {
        this.link = link;
        this.number = number;
        this.begunMs = now.steadyMs();
        this.begunWallMs = now.wallMs();
        this.pace = new RoundPace(handingOver, now);
        this.context = context;
        this.out = context.out();
        this.handingOver = handingOver;
        boolean all = link.store().isEmpty() || context.sync().underWay();
        if (all && !handingOver) {
            out.count(RepairCounts.BULK);
            step = RoundStep.ALL;
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
        return switch (step) {
            case ALL -> link.heartbeat().records() < 0 ? OptionalLong.empty()
                    : OptionalLong.of(Math.max(0,
                            link.heartbeat().records() - link.store().size()));
            case COMPARE, CELLS, SUMMARY -> OptionalLong.empty();
            case SETTLE, RECORDS, OFFER, GIVE, HASHES, END -> OptionalLong.of(difference.size());
        };
    }

    void tick(Now now) {
        int judging = context.spread().judging(link);
        if (pace.planned()) {
            pace.tick(judging, now);
        } else if (judging == 0 && pace.stalled(step == RoundStep.CELLS
                && comparison.waitsForLarge(), now)) {
            fail(State.GIVEN_UP, "no answer");
        }
    }

    void fail(State how, String why) {
        out.debug("round with link " + link.number() + " given up in " + step + ": " + why);
        context.sync().stalled();
        state = how;
    }

    /** The stores were compared: the peer has every record of this node. */
    private void complete() {
        out.send(link.number(), new RepairMessage.Done(number));
        state = State.COMPLETE;
    }

    /** Goes on with an answer; one that was not asked for is ignored. */
    void on(RepairMessage.Answer answer, Now now) {
        if (pace.planned() || !step.expects(answer)) {
            return;
        }
        pace.progress(now);
        if (answer instanceof RepairMessage.Answered answered) {
            onAnswered(answered, now);
        } else if (answer instanceof RepairMessage.Want want) {
            onWant(want, now);
        } else if (answer instanceof RepairMessage.Taken) {
            give(now);
        } else {
            Comparison.Found found = comparison.on(answer, now);
            step = comparison.step();
            onFound(found, now);
        }
    }

    // ---- comparing

    private void compare(Now now) {
        comparison = new Comparison(context, link, number, difference, now);
        step = comparison.step();
    }

    private void onFound(Comparison.Found found, Now now) {
        switch (found) {
            case NOTHING_YET -> { }
            case EQUAL -> complete();
            case DIFFERENCE -> settle(now);
            case PAGE -> askRecords(now);
            case NO_PAGE -> finish(now);
            case MUCH -> muchDiffers(now);
            case PEER_EMPTY -> peerTakesAll(State.COMPLETE, now);
            case PEER_BEHIND -> peerTakesAll(State.NOT_NOW, now);
            case NONSENSE -> fail(State.NONSENSE, "its cursor does not advance");
        }
    }

    /** A large sketch would show the records that are on their way. */
    private void muchDiffers(Now now) {
        if (context.load().isOn(now) && !handingOver) {
            state = State.NOT_NOW;
        } else {
            comparison.askLarge();
        }
    }

    /** The peer gets all records in another way. It is not told Done: it does not have them yet. */
    private void peerTakesAll(State how, Now now) {
        if (!handingOver) {
            state = how;
        } else if (now.steadyMs() - begunMs > RoundPace.HAND_OVER_STALL_MS) {
            fail(State.GIVEN_UP, "it takes all from elsewhere");
        } else {
            pace.then(Integer.MAX_VALUE, now.steadyMs() + AGAIN_MS, this::compare);
        }
    }

    /** The missing records may be on their way: they are looked up again after a moment. */
    private void settle(Now now) {
        if (handingOver) {
            askRecords(now);
            return;
        }
        step = RoundStep.SETTLE;
        boolean young = difference.youngerThan(now.wallMs() - YOUNG_MS);
        // A visit is in no hurry, and a clock may be wrong about what is young.
        long settleMs = young || !link.neighbour() ? context.settleMs() : 0;
        pace.then(LOW_JUDGING, now.steadyMs() + settleMs, later -> {
            difference.retainMissing(context.spread().wanted()
                    .wanted(link.store(), difference.missing(), later));
            askRecords(later);
        });
    }

    // ---- asking

    private void askAll(Now now) {
        out.send(link.number(), context.sync().ask());
    }

    private void askRecords(Now now) {
        if (handingOver) {
            difference.missing().clear();
            lacking += difference.extraUpTo(begunWallMs);
        }
        if (difference.missing().isEmpty()) {
            give(now);
            return;
        }
        step = RoundStep.RECORDS;
        out.send(link.number(), new RepairMessage.AskRecords(difference.ask()));
    }

    private void onAnswered(RepairMessage.Answered answered, Now now) {
        if (step == RoundStep.ALL) {
            goOnFilling(answered, now);
        } else {
            difference.served(answered.served());
            pace.then(LOW_JUDGING, now.steadyMs(), this::askRecords);
        }
    }

    private void goOnFilling(RepairMessage.Answered answered, Now now) {
        if (!context.sync().advance(answered.next())) {
            fail(State.NONSENSE, "its cursor does not advance");
        } else if (context.sync().underWay()) {
            pace.then(LOW_JUDGING, now.steadyMs(), this::askAll);
        } else {
            // Records still under judgement would look missing to the comparison.
            pace.then(0, now.steadyMs(), this::compare);
        }
    }

    // ---- giving

    /** Records that the peer seems to lack are offered first: they may have come another way. */
    private void give(Now now) {
        if (difference.extra().isEmpty()) {
            boolean more = comparison.nextPage();
            step = comparison.step();
            if (!more) {
                finish(now);
            }
            return;
        }
        step = RoundStep.OFFER;
        out.send(link.number(), new RepairMessage.Offer(difference.offer()));
    }

    private void onWant(RepairMessage.Want want, Now now) {
        Optional<List<Hash128>> hashes = difference.offered(want.places());
        if (hashes.isEmpty()) {
            fail(State.NONSENSE, "it wants what was not offered");
            return;
        }
        Records.Pushed pushed = Records.push(link, hashes.get(), out);
        difference.extra().addAll(hashes.get().subList(pushed.served(), hashes.get().size()));
        if (pushed.bytes() == 0) {
            give(now);
        } else {
            step = RoundStep.GIVE;
            out.send(link.number(), new RepairMessage.Given());
        }
    }

    private void finish(Now now) {
        pace.then(0, now.steadyMs(), this::end);
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
