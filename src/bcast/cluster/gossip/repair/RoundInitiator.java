package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.cluster.gossip.spread.Wanted;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.Position;
import bcast.storage.StoreView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One round with one peer that this node began: a {@link Comparison} finds the difference, then
 * this node asks for the records that it lacks and gives those that the peer lacks. An empty store
 * asks for all records first.
 *
 * <p>One step is under way at a time, each named by the question that this node has asked. Records
 * are sent no faster than the side that gets them judges them.
 *
 * <pre>
 *  ALL ----&gt; COMPARE ----&gt; CELLS ----&gt; SETTLE ----&gt; RECORDS ---&gt; OFFER --&gt; GIVE
 *  store        |   cells    |  wait for   ask for  ^   |  offer what the peer
 *  is empty     |   differ   |  what is    what is  |   |  lacks, give what it
 *               |            |  coming     missing  |   |  wants; again, until
 *               |            v                      |   |  nothing is left
 *               |         SUMMARY ----&gt; HASHES -----+   |
 *               |         too many       ^  a page of   v
 *               |         differ         +--a bucket-- END
 *               |                                       |
 *               +--- equal ---&gt; COMPLETE &lt;--- no page --+
 *
 *  GIVEN_UP     from any step, without an answer or with one that makes no sense
 *  TURNED_AWAY  from COMPARE, by a peer whose store is being filled
 *  PUT_OFF      from CELLS, under high load
 * </pre>
 */
final class RoundInitiator {

    /** A round without progress for this long is given up, and begun again. */
    static final long STALL_MS = 5_000;

    /** To make a large sketch of millions of records takes seconds on a busy machine. */
    static final long LARGE_STALL_MS = 20_000;
    private static final long HAND_OVER_LARGE_STALL_MS = 3_000;

    /** An older record is hardly on its way any more: it is asked for at once. */
    static final long YOUNG_MS = 5_000;

    /** A record may be on its way for this long in a mesh. */
    static final long SETTLE_MS = 500;

    /** The same where records take many hops: a dozen, of up to 100 ms each. */
    static final long SETTLE_TREE_MS = 2_000;

    /** A node that leaves compares again after this time with a peer that takes all records. */
    static final long AGAIN_MS = 20;

    /** A node that leaves tries another peer after this time without an answer. */
    static final long HAND_OVER_STALL_MS = 150;

    /** The next question waits until this few records of the last one are under judgement. */
    static final int LOW_JUDGING = 512;

    /** What has come of a round so far. */
    enum State {
        /** It goes on. */
        UNDER_WAY,
        /** The stores are equal. */
        COMPLETE,
        /** It could not begin, since the peer's store is being filled. */
        TURNED_AWAY,
        /** It is to begin anew when fewer records are on their way. */
        PUT_OFF,
        /** It failed. */
        GIVEN_UP
    }

    final Link link;
    final long begunMs;
    private final int number;
    private final RoundContext context;
    private final StoreView store;
    private final Wanted wanted;
    private final InitialSync sync;
    private final Outbox out;
    /** This node leaves: it only gives, and at once. */
    private final boolean handingOver;
    /** The round is not put off. */
    private final boolean insists;
    private final RoundPace pace;
    private final Difference difference = new Difference();
    private State state = State.UNDER_WAY;
    private RoundStep step;
    private Comparison comparison;
    private boolean nonsense;

    /**
     * Begins a round over a link. A node that leaves hands over what it has, and is not put off; a
     * round that was put off for long enough is not put off again.
     */
    RoundInitiator(RoundContext context, Link link, int number, boolean handingOver,
            boolean insists,
            Now now) {
        this.link = link;
        this.number = number;
        this.begunMs = now.steadyMs();
        this.pace = new RoundPace(now);
        this.context = context;
        this.store = link.store();
        this.wanted = context.spread().wanted();
        this.sync = context.sync();
        this.out = context.out();
        this.handingOver = handingOver;
        this.insists = insists || handingOver;
        if (!handingOver && (store.isEmpty() || sync.underWay())) {
            out.count(RepairCounts.BULK);
            step = RoundStep.ALL;
            askAll();
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
                    : OptionalLong.of(Math.max(0, link.heartbeat().records() - store.size()));
            case COMPARE, CELLS, SUMMARY -> OptionalLong.empty();
            case SETTLE, RECORDS, OFFER, GIVE, HASHES, END ->
                    OptionalLong.of(difference.size());
        };
    }

    /** A record came because it was asked for. */
    void received(Now now) {
        pace.progress(now);
    }

    /** Goes on if the time has come, or gives up if the peer is silent. */
    void tick(Now now) {
        int judging = context.spread().judging(link);
        if (pace.planned()) {
            pace.tick(judging, now);
        } else if (judging == 0 && pace.silentMs(now) > patienceMs()) {
            giveUp("no answer");
        }
    }

    private long patienceMs() {
        boolean making = step == RoundStep.CELLS && comparison.waitsForLarge();
        if (handingOver) {
            return making ? HAND_OVER_LARGE_STALL_MS : HAND_OVER_STALL_MS;
        }
        return making ? LARGE_STALL_MS : STALL_MS;
    }

    void forgiveSilence(long ms) {
        pace.forgiveSilence(ms);
    }

    /** The peer's answer makes no sense. */
    private void nonsense(String why) {
        nonsense = true;
        giveUp(why);
    }

    /** Whether the round was given up for an answer that makes no sense. */
    boolean wasNonsense() {
        return nonsense;
    }

    void giveUp(String why) {
        out.debug("round with link " + link.number() + " given up in " + step + ": " + why);
        sync.stalled();
        state = State.GIVEN_UP;
    }

    /** Done tells the peer that it has every record of this node. */
    private void end(State how) {
        if (how != State.PUT_OFF) {
            out.send(link.number(), new RepairMessage.Done(number));
        }
        state = how;
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
        comparison = new Comparison(context, link, number, insists, difference, now);
        step = comparison.step();
    }

    private void onFound(Comparison.Found found, Now now) {
        switch (found) {
            case NOTHING_YET -> { }
            case EQUAL -> end(State.COMPLETE);
            case DIFFERENCE -> settle(now);
            case PAGE -> askRecords(now);
            case NO_PAGE -> finish(now);
            case PEER_EMPTY -> peerTakesAll(State.COMPLETE, now);
            case PEER_FILLING -> peerTakesAll(State.TURNED_AWAY, now);
            case PUT_OFF -> end(State.PUT_OFF);
            case NONSENSE -> nonsense("its cursor does not advance");
        }
    }

    /** The peer is empty, or about to ask for all records: nothing is to be compared yet. */
    private void peerTakesAll(State how, Now now) {
        if (!handingOver) {
            end(how);
        } else if (now.steadyMs() - begunMs > HAND_OVER_STALL_MS) {
            giveUp("it takes all from elsewhere");
        } else {
            pace.then(Integer.MAX_VALUE, now.steadyMs() + AGAIN_MS, this::compare);
        }
    }

    /** The missing records may be on their way: they are looked up again after a moment. */
    private void settle(Now now) {
        step = RoundStep.SETTLE;
        if (handingOver) {
            give(now);
            return;
        }
        boolean young = difference.youngerThan(now.wallMs() - YOUNG_MS);
        pace.then(LOW_JUDGING, now.steadyMs() + settleMs(young), later -> {
            difference.retainMissing(wanted.wanted(store, difference.missing(), later));
            askRecords(later);
        });
    }

    /** How long to wait before the difference is looked at again. */
    private long settleMs(boolean young) {
        // A visit is in no hurry, and a clock may be wrong about what is young.
        if (!young && link.neighbour()) {
            return 0;
        }
        return context.neighbours().fullMesh() ? SETTLE_MS : SETTLE_TREE_MS;
    }

    // ---- asking

    private void askAll() {
        out.send(link.number(), new RepairMessage.AskAll(sync.next()));
    }

    private void askRecords(Now now) {
        if (difference.missing().isEmpty() || handingOver) {
            give(now);
            return;
        }
        step = RoundStep.RECORDS;
        out.send(link.number(), new RepairMessage.AskRecords(difference.ask()));
    }

    private void onAnswered(RepairMessage.Answered answered, Now now) {
        if (step == RoundStep.ALL) {
            goOnFilling(answered.next(), now);
            return;
        }
        difference.served(answered.served());
        pace.then(LOW_JUDGING, now.steadyMs(), this::askRecords);
    }

    private void goOnFilling(Optional<Position> position, Now now) {
        if (position.isPresent() && position.get().compareTo(sync.next()) <= 0) {
            nonsense("its cursor does not advance");
            return;
        }
        sync.advance(position);
        if (position.isPresent()) {
            pace.then(LOW_JUDGING, now.steadyMs(), later -> askAll());
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

    /** Nothing is left to be asked for or given. */
    private void finish(Now now) {
        pace.then(0, now.steadyMs(), later -> end(State.COMPLETE));
    }

    private void onWant(RepairMessage.Want want, Now now) {
        Optional<List<Hash128>> hashes = difference.offered(want.places());
        if (hashes.isEmpty()) {
            nonsense("it wants what was not offered");
            return;
        }
        Map<Hash128, Data> held = store.findAll(hashes.get());
        int bytes = 0;
        for (Hash128 hash : hashes.get()) {
            Data data = held.get(hash);
            if (data != null && bytes < Message.ANSWER_BYTES) {
                bytes += data.wireLength();
                out.send(link.number(), new SpreadMessage.Push(data, 0, true));
            } else if (data != null) {
                difference.extra().add(hash);
            }
        }
        if (bytes == 0) {
            give(now);
        } else {
            step = RoundStep.GIVE;
            out.send(link.number(), new RepairMessage.Given());
        }
    }
}
