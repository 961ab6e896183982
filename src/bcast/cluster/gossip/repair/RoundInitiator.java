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
 * <p>One question is under way at a time. Records are sent no faster than the side that gets them
 * judges them.
 *
 * <pre>
 *  AskAll             if the store is empty, until there are no more
 *   |
 *  Compare --------&gt; COMPLETE, if the stores are equal
 *   |
 *  AskCells -------&gt; Summary, if a large sketch is too small
 *   |                   |
 *   |                AskHashes of one page &lt;---+
 *   |                   |                      |
 *  AskRecords &lt;---------+                      |
 *   |                                          |
 *  Offer, Given ----------- next page ---------+
 *   |
 *  Done -----------&gt; COMPLETE
 *
 *  NOT_NOW   after Compare, if the peer is not up to date; after AskCells, under high load
 *  GIVEN_UP  after any question, without an answer
 *  NONSENSE  after any answer that contradicts its question
 * </pre>
 */
final class RoundInitiator {

    /** An older record is hardly on its way any more: it is asked for at once. */
    static final long YOUNG_MS = 5_000;

    /** A record may be on its way for this long in a mesh. */
    private static final long SETTLE_MS = 500;

    /** The same where records take many hops: a dozen, of up to 100 ms each. */
    private static final long SETTLE_TREE_MS = 2_000;

    /** A node that leaves asks a peer that is not up to date again after this time. */
    private static final long AGAIN_MS = 20;

    /** The next question waits until this few records of the last one are under judgement. */
    static final int LOW_JUDGING = 512;

    enum State { UNDER_WAY, COMPLETE, NOT_NOW, GIVEN_UP, NONSENSE }

    /** What all rounds of a node share. */
    record Context(NodeSettings settings, Neighbours neighbours, Spread spread, InitialSync sync,
            HighLoad load, Outbox out) {}

    final Link link;
    final long begunMs;
    final RoundPace pace;
    private final long begunWallMs;
    private final int number;
    private final Context context;
    private final Outbox out;
    /** This node leaves: it only gives, and at once. */
    private final boolean handingOver;
    private final Difference difference = new Difference();
    private final Comparison comparison;
    private State state = State.UNDER_WAY;
    /** The last message, which awaits an answer. */
    private RepairMessage asked;
    /** Records that the peer of a node that leaves was found to lack, in this comparison. */
    private long lacking;
    private long lackingBefore = Long.MAX_VALUE;

    RoundInitiator(Context context, Link link, int number, boolean handingOver, Now now) {
        this.link = link;
        this.number = number;
        this.begunMs = now.steadyMs();
        this.begunWallMs = now.wallMs();
        this.pace = new RoundPace(handingOver, now);
        this.context = context;
        this.out = context.out();
        this.handingOver = handingOver;
        this.comparison = new Comparison(this, context, difference);
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
        int known = asked instanceof AskAll ? theirs - link.store().size() : difference.size();
        return known <= 0 ? OptionalLong.empty() : OptionalLong.of(known);
    }

    void tick(Now now) {
        int judging = context.spread().judging(link);
        if (pace.planned()) {
            pace.tick(judging, now);
        } else if (judging == 0 && pace.stalled(asked instanceof AskCells ask
                && ask.size() == Comparison.LARGE_CELLS && ask.from() == 0, now)) {
            fail(State.GIVEN_UP, "no response");
        }
    }

    void fail(State how, String why) {
        out.debug("round with link " + link.number() + " given up after "
                + asked.getClass().getSimpleName() + ": " + why);
        context.sync().stalled();
        state = how;
    }

    void lies() {
        fail(State.NONSENSE, "its cursor does not advance");
    }

    void ask(RepairMessage question) {
        asked = question;
        out.send(link.number(), question);
    }

    /** Goes on with an answer; one that was not asked for is ignored. */
    void on(RepairMessage.Answer answer, Now now) {
        if (pace.planned()) {
            return;
        }
        if (asked instanceof AskAll && answer instanceof Answered answered) {
            onAll(answered, now);
        } else if (asked instanceof AskRecords && answer instanceof Answered answered) {
            difference.served(answered.served());
            pace.then(LOW_JUDGING, now.steadyMs(), this::askRecords);
        } else if (asked instanceof Offer && answer instanceof Want want) {
            onWant(want, now);
        } else if (asked instanceof Given && answer instanceof Taken) {
            give(now);
        } else if (!comparison.on(asked, answer, now)) {
            return;
        }
        pace.progress(now);
    }

    // ---- comparing

    private void compare(Now now) {
        comparison.begin(number, now);
    }

    /** The stores were compared: the peer has every record of this node. */
    void complete() {
        out.send(link.number(), new RepairMessage.Done(number));
        state = State.COMPLETE;
    }

    /** Whether to compare later: a large sketch would show the records that are on their way. */
    boolean putOff(Now now) {
        boolean puts = context.load().isOn(now) && !handingOver;
        state = puts ? State.NOT_NOW : state;
        return puts;
    }

    /** The peer gets all records in another way. It is not told Done: it does not have them yet. */
    void peerTakesAll(State how, Now now) {
        if (!handingOver) {
            state = how;
        } else if (now.steadyMs() - begunMs > RoundPace.HAND_OVER_STALL_MS) {
            fail(State.GIVEN_UP, "it takes all from elsewhere");
        } else {
            pace.then(Integer.MAX_VALUE, now.steadyMs() + AGAIN_MS, this::compare);
        }
    }

    /** The missing records may be on their way: they are looked up again after a moment. */
    void settle(Now now) {
        if (handingOver) {
            askRecords(now);
            return;
        }
        boolean young = difference.youngerThan(now.wallMs() - YOUNG_MS);
        // A visit is in no hurry, and a clock may be wrong about what is young.
        long settleMs = !young && link.neighbour() ? 0
                : context.neighbours().fullMesh() ? SETTLE_MS : SETTLE_TREE_MS;
        pace.then(LOW_JUDGING, now.steadyMs() + settleMs, later -> {
            difference.retainMissing(context.spread().wanted()
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
            lies();
        } else if (context.sync().underWay()) {
            pace.then(LOW_JUDGING, now.steadyMs(), this::askAll);
        } else {
            // Records still under judgement would look missing to the comparison.
            pace.then(0, now.steadyMs(), this::compare);
        }
    }

    void askRecords(Now now) {
        if (handingOver) {
            difference.missing().clear();
            lacking += difference.extraUpTo(begunWallMs);
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
        if (difference.extra().isEmpty()) {
            comparison.nextPage(now);
        } else {
            ask(new Offer(difference.offer()));
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

    void finish(Now now) {
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
