package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.spread.Spread;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.cluster.gossip.spread.Wanted;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.Digest;
import bcast.storage.Peeler;
import bcast.storage.Position;
import bcast.storage.Sketch;
import bcast.storage.StoreView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One comparison with one peer, begun by this node, see {@link Repair}: cell 0 of both sketches,
 * then cells until the difference can be read, at first from the prefix that stores keep up to
 * date, then from a larger sketch made for the purpose, then lists of hashes bucket by bucket. Then
 * this node asks for what it lacks and gives what the peer lacks. An empty store asks for all
 * records first.
 *
 * <p>One step is under way at a time. Both directions are paced by the side that must judge the
 * records.
 */
final class RoundInitiator {

    /** Cells in the first answer, and added to the next ones. */
    static final int FIRST_CELLS = 32;

    /** Cells of a sketch that is made when the prefix is too short; tells about 48,000 apart. */
    static final int LARGE_CELLS = 65_536;

    /** From so many cells on each question asks for a quarter more than arrived. */
    private static final int LINEAR_CELLS = 96;

    /** A round without progress for so long is given up, and begun again. */
    static final long STALL_MS = 5_000;

    /** To make a long sketch of millions of records takes seconds on a busy machine. */
    static final long LARGE_STALL_MS = 20_000;
    private static final long HAND_OVER_LARGE_STALL_MS = 3_000;

    /** An older record is hardly on its way any more: it is asked for at once. */
    static final long YOUNG_MS = 5_000;

    /** A record may be on its way for this long in a mesh. */
    static final long SETTLE_MS = 500;

    /** The same where records take many hops: a dozen, of up to 100 ms each. */
    static final long SETTLE_TREE_MS = 2_000;

    /** A node that leaves looks so often whether a peer that takes all has it. */
    static final long AGAIN_MS = 20;

    /** A node that leaves tries another peer after so long without an answer. */
    static final long HAND_OVER_STALL_MS = 150;

    /** The next question waits until so few records of the last one are under judgement. */
    static final int LOW_JUDGING = 512;

    /** Records that expire within the next moments are not worth bringing over. */
    private static final long NEARLY_EXPIRED_MS = 2_000;

    /** Timestamps have no upper bound: what is on its way is looked at again, not left out. */
    private static final long NO_END = Long.MAX_VALUE;

    private static final int ASK_HASHES = 1_000;

    private enum Step { ALL, COMPARE, CELLS, SETTLE, RECORDS, OFFER, GIVE, SUMMARY, HASHES, END }

    /**
     * Whether a round is still at it, has made the stores equal, could not begin since the peer's
     * store is being filled, begins anew when less is on its way, or came to nothing.
     */
    enum State { UNDER_WAY, COMPLETE, TURNED_AWAY, PUT_OFF, GIVEN_UP }

    /**
     * What all rounds of a node share.
     *
     * @param settings the node's settings
     * @param neighbours its links
     * @param spread the records under judgement, and which ones the node would take
     * @param sync how far the node is with asking for all records
     * @param load whether many records are on their way
     * @param out where messages go
     */
    record Means(NodeSettings settings, Neighbours neighbours, Spread spread, InitialSync sync,
            HighLoad load, Outbox out) {}

    final Link link;
    private final int number;
    final long begunMs;
    private final Means means;
    private final StoreView store;
    private final Wanted wanted;
    private final InitialSync sync;
    private final Outbox out;
    /** This node leaves: it only gives, and at once. */
    private final boolean handingOver;
    /** It is not put off. */
    private final boolean insists;
    private boolean askedAgain;
    private State state = State.UNDER_WAY;
    private Step step;
    private long progressMs;
    /** Records from here on are compared. */
    private long fromMs;
    private Peeler peeler;
    private int size;
    private Optional<BucketWalk> walk = Optional.empty();
    private final Deque<Hash128> missing = new ArrayDeque<>();
    private final Deque<Hash128> extra = new ArrayDeque<>();
    private List<Hash128> asked = List.of();
    private List<Hash128> offered = List.of();
    /** What comes next, once few enough records are under judgement and the time has come. */
    private Optional<Consumer<Now>> next = Optional.empty();
    private int nextJudging;
    private boolean nonsense;
    private long nextMs;

    /**
     * Begins a round over a link; a node that is leaving hands over what it has, and is not put
     * off, as is one that was for long enough.
     */
    RoundInitiator(Means means, Link link, int number, boolean handingOver, boolean insists,
            Now now) {
        this.link = link;
        this.number = number;
        this.begunMs = now.steadyMs();
        this.progressMs = now.steadyMs();
        this.means = means;
        this.store = link.store();
        this.wanted = means.spread().wanted();
        this.sync = means.sync();
        this.out = means.out();
        this.handingOver = handingOver;
        this.insists = insists || handingOver;
        if (!handingOver && (store.isEmpty() || sync.underWay())) {
            out.count(RepairCounts.BULK);
            step = Step.ALL;
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
                    OptionalLong.of(missing.size() + extra.size());
        };
    }

    /** A record came because it was asked for. */
    void received(Now now) {
        progressMs = now.steadyMs();
    }

    /** Goes on if the time has come, or gives up if the peer is silent. */
    void tick(Now now) {
        int judging = means.spread().judging(link);
        if (next.isPresent()) {
            if (judging <= nextJudging && now.steadyMs() >= nextMs) {
                Consumer<Now> due = next.get();
                next = Optional.empty();
                progressMs = now.steadyMs();
                due.accept(now);
            }
        } else if (judging == 0 && now.steadyMs() - progressMs > patienceMs()) {
            giveUp("no answer");
        }
    }

    private long patienceMs() {
        boolean making = step == Step.CELLS && size == LARGE_CELLS && peeler.arrived() == 0;
        if (handingOver) {
            return making ? HAND_OVER_LARGE_STALL_MS : HAND_OVER_STALL_MS;
        }
        return making ? LARGE_STALL_MS : STALL_MS;
    }

    /** This node stood still for so long: what the peer said meanwhile it has yet to hear. */
    void forgiveSilence(long ms) {
        progressMs += ms;
    }

    private void then(int judging, long atMs, Consumer<Now> what) {
        next = Optional.of(what);
        nextJudging = judging;
        nextMs = atMs;
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

    /** Who is told may call itself complete. */
    private void end(State how) {
        if (how != State.PUT_OFF) {
            out.send(link.number(), new RepairMessage.Done(number));
        }
        state = how;
    }

    /** Goes on with an answer; one that was not asked for is ignored. */
    void on(RepairMessage.Answer answer, Now now) {
        if (next.isPresent() || !expected(answer)) {
            return;
        }
        progressMs = now.steadyMs();
        if (answer instanceof RepairMessage.Same) {
            end(State.COMPLETE);
        } else if (answer instanceof RepairMessage.Cells cells) {
            onCells(cells, now);
        } else if (answer instanceof RepairMessage.Differ differ) {
            walk = Optional.of(new BucketWalk(store, fromMs, differ.buckets()));
            nextPage(now);
        } else if (answer instanceof RepairMessage.Hashes hashes) {
            onHashes(hashes, now);
        } else if (answer instanceof RepairMessage.Answered answered) {
            onAnswered(answered, now);
        } else if (answer instanceof RepairMessage.Want want) {
            onWant(want, now);
        } else if (answer instanceof RepairMessage.Taken) {
            give(now);
        }
    }

    private boolean expected(RepairMessage.Answer answer) {
        return switch (step) {
            case ALL, RECORDS -> answer instanceof RepairMessage.Answered;
            case COMPARE -> answer instanceof RepairMessage.Same
                    || answer instanceof RepairMessage.Cells;
            case CELLS -> answer instanceof RepairMessage.Cells;
            case SUMMARY -> answer instanceof RepairMessage.Differ;
            case HASHES -> answer instanceof RepairMessage.Hashes;
            case OFFER -> answer instanceof RepairMessage.Want;
            case GIVE -> answer instanceof RepairMessage.Taken;
            case SETTLE, END -> false;
        };
    }

    // ---- comparing

    private void compare(Now now) {
        step = Step.COMPARE;
        fromMs = Math.max(0, now.wallMs() - means.settings().retentionMs() + NEARLY_EXPIRED_MS
                + peerAheadMs(now));
        out.send(link.number(), new RepairMessage.Compare(number, fromMs, NO_END,
                store.sketch(fromMs, NO_END, 1).cell(0)));
    }

    /**
     * Where the peer's clock is ahead, the peer hides as expired some records that this node still
     * lists, so the comparison leaves them out. It leaves out no more than -maxskew, lest a wrong
     * clock keep more records from being compared. A peer that is further ahead therefore differs
     * at each interval, at the cost of a sketch.
     */
    private long peerAheadMs(Now now) {
        return Math.max(0, Math.min(link.clockOffsetMs(now), means.settings().maxSkewMs()));
    }

    private void newPeeler(int cells) {
        size = cells;
        peeler = new Peeler(store.sketch(fromMs, NO_END, size), size);
    }

    private void onCells(RepairMessage.Cells cells, Now now) {
        if (step == Step.COMPARE) {
            boolean filled = cells.cells().isEmpty();
            if (filled || cells.cells().get(0).count() == 0) {
                peerTakesAll(filled, now);
                return;
            }
            out.count(RepairCounts.ROUNDS_DIFFERENT);
            step = Step.CELLS;
            newPeeler(StoreView.PREFIX_CELLS);
        }
        if (cells.from() == LARGE_CELLS && size == LARGE_CELLS && peeler.arrived() == 0) {
            noTimeForIt();
            return;
        }
        if (cells.from() != peeler.arrived()) {
            return;
        }
        Iterator<Sketch.Cell> each = cells.cells().iterator();
        while (each.hasNext() && !peeler.done() && peeler.arrived() < size) {
            peeler.add(each.next());
        }
        if (peeler.done()) {
            missing.addAll(peeler.missing());
            extra.addAll(peeler.extra());
            settle(now);
        } else if (cells.cells().isEmpty() || peeler.odd()) {
            summary();
        } else if (peeler.arrived() < size) {
            askCells();
        } else {
            askMoreSketch(now);
        }
    }

    /** The peer is empty, or about to ask for all records: nothing is to be compared yet. */
    private void peerTakesAll(boolean filled, Now now) {
        if (!handingOver) {
            end(filled ? State.TURNED_AWAY : State.COMPLETE);
        } else if (now.steadyMs() - begunMs > HAND_OVER_STALL_MS) {
            giveUp("it takes all from elsewhere");
        } else {
            then(Integer.MAX_VALUE, now.steadyMs() + AGAIN_MS, this::compare);
        }
    }

    private void askCells() {
        int arrived = peeler.arrived();
        int more = arrived < LINEAR_CELLS ? FIRST_CELLS : arrived / 4;
        if (arrived == 0 && size == LARGE_CELLS) {
            more = StoreView.PREFIX_CELLS + StoreView.PREFIX_CELLS / 4;
        }
        more = Math.min(Math.min(Math.max(more, FIRST_CELLS), RepairMessage.MAX_CELLS),
                size - arrived);
        step = Step.CELLS;
        out.send(link.number(), new RepairMessage.AskCells(size, arrived, more, fromMs, NO_END));
    }

    /** Whether the side that is asked makes a large sketch now, or the other one may do next. */
    static boolean leadsToLarge(RepairMessage.AskCells ask) {
        return ask.size() == LARGE_CELLS ? ask.from() == 0
                : ask.size() == StoreView.PREFIX_CELLS
                && ask.count() == StoreView.PREFIX_CELLS - ask.from();
    }

    /** The peer makes no long sketch now, but does for who asks again at once. */
    private void noTimeForIt() {
        if (!insists) {
            end(State.PUT_OFF);
        } else if (askedAgain) {
            summary();
        } else {
            askedAgain = true;
            askCells();
        }
    }

    /** The sketch was too short to tell the difference. */
    private void askMoreSketch(Now now) {
        if (!insists && means.load().isOn(now)) {
            end(State.PUT_OFF);
            return;
        }
        if (size == LARGE_CELLS) {
            summary();
            return;
        }
        out.count(RepairCounts.LARGE);
        newPeeler(LARGE_CELLS);
        askCells();
    }

    /** What differs may be on its way: it is looked at again after a moment. */
    private void settle(Now now) {
        step = Step.SETTLE;
        if (handingOver) {
            give(now);
            return;
        }
        boolean young = Stream.concat(missing.stream(), extra.stream())
                .anyMatch(key -> key.timestamp() > now.wallMs() - YOUNG_MS);
        then(LOW_JUDGING, now.steadyMs() + settleMs(young), later -> {
            Set<Hash128> lacking = wanted.wanted(store, missing, later);
            missing.removeIf(hash -> !lacking.contains(hash));
            askRecords(later);
        });
    }

    /** How long to wait before the difference is looked at again. */
    private long settleMs(boolean young) {
        // A visit is in no hurry, and a clock may be wrong about what is young.
        if (!young && link.neighbour()) {
            return 0;
        }
        boolean oneHop = means.settings().flushWindowMs() == 0 && means.neighbours().fullMesh();
        return oneHop ? SETTLE_MS : SETTLE_TREE_MS;
    }

    // ---- comparing bucket by bucket, where sketches do not help

    private void summary() {
        out.count(RepairCounts.BUCKETS);
        step = Step.SUMMARY;
        List<Digest> digests = store.digests(fromMs, NO_END);
        List<Digest> sent = digests.subList(0, Math.min(digests.size(), RepairMessage.MAX_DIGESTS));
        out.send(link.number(), new RepairMessage.Summary(fromMs, NO_END, List.copyOf(sent)));
    }

    private void nextPage(Now now) {
        Optional<RepairMessage.AskHashes> ask = walk.flatMap(BucketWalk::ask);
        if (ask.isPresent()) {
            step = Step.HASHES;
            out.send(link.number(), ask.get());
        } else {
            step = Step.END;
            then(0, now.steadyMs(), later -> end(State.COMPLETE));
        }
    }

    private void onHashes(RepairMessage.Hashes hashes, Now now) {
        boolean sane = walk.get().compare(hashes, key -> wanted.acceptable(key, now), missing,
                extra);
        if (sane) {
            askRecords(now);
        } else {
            nonsense("its cursor does not advance");
        }
    }

    // ---- asking

    private void askAll() {
        out.send(link.number(), new RepairMessage.AskAll(sync.next()));
    }

    private void askRecords(Now now) {
        if (missing.isEmpty() || handingOver) {
            give(now);
            return;
        }
        step = Step.RECORDS;
        asked = take(missing);
        out.send(link.number(), new RepairMessage.AskRecords(asked));
    }

    private static List<Hash128> take(Deque<Hash128> from) {
        List<Hash128> some = new ArrayList<>();
        while (!from.isEmpty() && some.size() < ASK_HASHES) {
            some.add(from.poll());
        }
        return List.copyOf(some);
    }

    private void onAnswered(RepairMessage.Answered answered, Now now) {
        if (step == Step.ALL) {
            goOnFilling(answered.next(), now);
            return;
        }
        // A peer that serves nothing would be asked for ever.
        int served = answered.served() <= 0 ? asked.size() : answered.served();
        for (int i = asked.size() - 1; i >= served; i--) {
            missing.addFirst(asked.get(i));
        }
        then(LOW_JUDGING, now.steadyMs(), this::askRecords);
    }

    private void goOnFilling(Optional<Position> position, Now now) {
        if (position.isPresent() && position.get().compareTo(sync.next()) <= 0) {
            nonsense("its cursor does not advance");
            return;
        }
        sync.advance(position);
        if (position.isPresent()) {
            then(LOW_JUDGING, now.steadyMs(), later -> askAll());
        } else {
            // What is still under judgement would look missing to the comparison.
            then(0, now.steadyMs(), this::compare);
        }
    }

    // ---- giving

    /** What the peer seems to lack is named first: it may have come another way by now. */
    private void give(Now now) {
        if (extra.isEmpty()) {
            nextPage(now);
            return;
        }
        step = Step.OFFER;
        offered = take(extra);
        out.send(link.number(), new RepairMessage.Offer(offered));
    }

    private void onWant(RepairMessage.Want want, Now now) {
        int last = -1;
        for (int place : want.places()) {
            if (place <= last || place >= offered.size()) {
                nonsense("it wants what was not offered");
                return;
            }
            last = place;
        }
        List<Hash128> keys = want.places().stream().map(offered::get).toList();
        Map<Hash128, Data> held = store.findAll(keys);
        int bytes = 0;
        for (Hash128 key : keys) {
            Data data = held.get(key);
            if (data != null && bytes < Message.ANSWER_BYTES) {
                bytes += data.wireLength();
                out.send(link.number(), new SpreadMessage.Push(data, 0, true));
            } else if (data != null) {
                extra.add(key);
            }
        }
        if (bytes == 0) {
            give(now);
        } else {
            step = Step.GIVE;
            out.send(link.number(), new RepairMessage.Given());
        }
    }
}
