package bcast.cluster.gossip;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.Digest;
import bcast.storage.Peeler;
import bcast.storage.Position;
import bcast.storage.Sketch;
import bcast.storage.StoreView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Makes two stores equal. A round compares cell 0 of both sketches; if they differ, cells are
 * asked for until the difference can be read from them, at first from the prefix that stores keep
 * up to date, then from a larger sketch made for the purpose, then bucket by bucket as lists of
 * hashes. Then the node asks for what it lacks and gives what the other lacks. An empty store
 * asks for all records at once, with a cursor that is valid with any peer.
 *
 * <p>A node begins one round at a time. Both directions are paced by the side that must judge the
 * records. {@link Answers} is the other side.
 */
final class Repair {

    /** Cells in the first answer, and added to the next ones. */
    static final int FIRST_CELLS = 32;

    /** Cells of a sketch that is made when the prefix is too short; tells about 48,000 apart. */
    static final int LARGE_CELLS = 65_536;

    /** From so many cells on each question asks for a quarter more than arrived. */
    private static final int LINEAR_CELLS = 96;

    /** A round without progress for so long is given up, and begun again. */
    static final long STALL_MS = 5_000;

    /** An older record is hardly on its way any more: it is asked for at once. */
    static final long YOUNG_MS = 5_000;

    /** A round that lasts longer lets others have a turn; a long sync goes on with any peer. */
    static final long LONG_MS = 30_000;

    /**
     * A record that only one of two nodes holds after so long, two intervals, tells that no way
     * leads from one to the other.
     */
    static final long APART_MS = 40_000;

    /** A node that leaves looks so often whether a peer that takes all has it. */
    static final long AGAIN_MS = 20;

    /** The node with the larger id begins so much later, and only if the other did not. */
    static final long SECOND_MS = 1_500;

    /** The next question waits until so few records of the last one are under judgement. */
    static final int LOW_JUDGING = 512;

    /** Records that expire within the next moments are not worth bringing over. */
    private static final long NEARLY_EXPIRED_MS = 2_000;

    /** Timestamps have no upper bound: what is on its way is looked at again, not left out. */
    private static final long NO_END = Long.MAX_VALUE;

    private static final int ASK_KEYS = 1_000;

    /** Every so many records a long sync says how far it is. */
    private static final int PROGRESS_EVERY = 100_000;

    static final String ROUNDS_STALLED = "sync_rounds_stalled";
    static final String ROUNDS_BULK = "sync_rounds_bulk";
    static final String ROUNDS_LARGE = "sync_rounds_large";
    static final String ROUNDS_BUCKETS = "sync_rounds_buckets";

    private enum Phase { ALL, COMPARE, CELLS, SETTLE, RECORDS, OFFER, GIVE, SUMMARY, KEYS, END }

    private static final class Round {
        private final int link;
        private Phase phase;
        private long fromMs;
        private int size;
        private Peeler peeler;
        private final Deque<Long> buckets = new ArrayDeque<>();
        /** Where the question for hashes began, and where the next one does. */
        private Position keysFrom = Position.START;
        private Optional<Position> keysNext = Optional.empty();
        private final Deque<Hash128> missing = new ArrayDeque<>();
        private final Deque<Hash128> extra = new ArrayDeque<>();
        private List<Hash128> asked = List.of();
        /** What comes next, once few enough records are under judgement and the time has come. */
        private Optional<Consumer<Now>> next = Optional.empty();
        private int nextJudging;
        private long nextMs;
        private final long begunMs;
        private long progressMs;
        private long gained;

        Round(int link, long nowMs) {
            this.link = link;
            this.begunMs = nowMs;
            this.progressMs = nowMs;
        }

        void then(int judging, long atMs, Consumer<Now> what) {
            next = Optional.of(what);
            nextJudging = judging;
            nextMs = atMs;
        }
    }

    /** What a round needs to know of links. */
    interface Links {
        /** Links over which records can be asked for, in order. */
        List<Integer> up();

        /** Records of this link under judgement. */
        int judging(int link);

        /**
         * How long to wait before what differs is looked at again.
         *
         * @param young whether something may still be on its way
         */
        long settleMs(int link, boolean young);

        /** The peer and this node have been apart for long. */
        void apart(int link);

        /** A round with this link came to its end. */
        void synced();

        /** A round that this node began is over, whatever came of it. */
        void over(int link);
    }

    private final StoreView store;
    private final Wanted wanted;
    private final Outbox out;
    private final Links links;
    private final Gossip.Settings settings;
    private final Set<Integer> waiting = new LinkedHashSet<>();
    private final Map<Integer, Long> second = new TreeMap<>();
    private final Map<Integer, Long> gainedFrom = new TreeMap<>();
    private final Set<Integer> given = new TreeSet<>();
    private final Set<Integer> done = new TreeSet<>();
    private Round round;
    private boolean handingOver;
    private boolean handedOver;
    private long fillDueMs;
    private Optional<Position> bulk = Optional.empty();

    Repair(StoreView store, Wanted wanted, Outbox out, Links links,
            Gossip.Settings settings) {
        this.store = store;
        this.wanted = wanted;
        this.out = out;
        this.links = links;
        this.settings = settings;
    }

    /** A link is up: one side begins a round, and an empty store does not wait for the other. */
    void up(int link, boolean first, Now now) {
        if (first || store.size() == 0 || filling()) {
            want(link);
        } else {
            second.put(link, now.steadyMs() + SECOND_MS);
        }
    }

    /** The other side is at its round: ours would find the same once more. */
    void asked(int link, Now now) {
        second.computeIfPresent(link, (any, dueMs) -> now.steadyMs() + SECOND_MS);
    }

    /** Wants a round with a link. */
    void want(int link) {
        waiting.add(link);
    }

    private void wantAllBut(int link) {
        links.up().stream().filter(other -> other != link).forEach(this::want);
    }

    void gone(int link) {
        waiting.remove(link);
        second.remove(link);
        given.remove(link);
        done.remove(link);
        if (gainedFrom.remove(link) != null) {
            wantAllBut(link);
        }
        if (round != null && round.link == link) {
            dropRound();
        }
    }

    /** Gives the round up; what came of it others may lack as well. */
    private void dropRound() {
        Round dropped = round;
        round = null;
        if (dropped.gained > 0) {
            wantAllBut(dropped.link);
        }
        links.over(dropped.link);
    }

    private void giveUp(String why, Now now) {
        fillDueMs = now.steadyMs() + SECOND_MS;
        if (bulk.equals(Optional.of(Position.START))) {
            // Nothing came: what is held by now is as good a beginning.
            bulk = Optional.empty();
        }
        out.count(ROUNDS_STALLED);
        out.debug("round with link " + round.link + " given up in " + round.phase + ": " + why);
        dropRound();
    }

    /** Whether a round is under way or waits. */
    boolean busy() {
        return round != null || !waiting.isEmpty() || !given.isEmpty() || !done.isEmpty();
    }

    /** Begins, goes on with, or gives up rounds. */
    void tick(Now now) {
        answerGiven();
        second.entrySet().removeIf(each -> {
            boolean due = now.steadyMs() >= each.getValue();
            if (due) {
                want(each.getKey());
            }
            return due;
        });
        if (store.full() && !handingOver) {
            if (round != null) {
                dropRound();
            }
            waiting.forEach(links::over);
            waiting.clear();
            return;
        }
        if (round != null) {
            goOn(now);
        }
        if (round == null && waiting.isEmpty() && filling()
                && now.steadyMs() >= fillDueMs) {
            // Nobody else will bring the rest: a peer that asks is told to wait.
            links.up().stream().findAny().ifPresent(this::want);
        }
        if (round == null && !waiting.isEmpty()) {
            Iterator<Integer> first = waiting.iterator();
            int link = first.next();
            first.remove();
            begin(link, now);
        }
    }

    private void goOn(Now now) {
        int judging = links.judging(round.link);
        int link = round.link;
        if (now.steadyMs() - round.begunMs > LONG_MS && !waiting.isEmpty()) {
            giveUp("others wait", now);
            want(link);
        } else if (round.next.isPresent()) {
            if (judging <= round.nextJudging && now.steadyMs() >= round.nextMs) {
                Consumer<Now> next = round.next.get();
                round.next = Optional.empty();
                round.progressMs = now.steadyMs();
                next.accept(now);
            }
        } else if (judging == 0 && now.steadyMs() - round.progressMs > STALL_MS) {
            giveUp("no answer", now);
            want(link);
        }
    }

    /**
     * This node leaves: gives one peer what it lacks, with no more delay than that takes.
     */
    void handOver(Now now) {
        handingOver = true;
        round = null;
        waiting.clear();
        second.clear();
        links.up().forEach(this::want);
        tick(now);
    }

    /** Whether a peer has everything since {@link #handOver}, or there is none. */
    boolean handedOver() {
        return handedOver || round == null && waiting.isEmpty();
    }

    // ---- comparing

    private void begin(int link, Now now) {
        out.count(Gossip.ROUNDS);
        round = new Round(link, now.steadyMs());
        if (!handingOver && (store.size() == 0 || bulk.isPresent())) {
            out.count(ROUNDS_BULK);
            round.phase = Phase.ALL;
            bulk = Optional.of(bulk.orElse(Position.START));
            out.send(link, new Message.AskAll(bulk.get()));
        } else {
            compare(now);
        }
    }

    private void compare(Now now) {
        round.phase = Phase.COMPARE;
        round.fromMs = Math.max(0, now.wallMs() - settings.retentionMs() + NEARLY_EXPIRED_MS);
        out.send(round.link, new Message.Compare(round.fromMs, NO_END,
                store.sketch(round.fromMs, NO_END, 1).cell(0)));
    }

    private void newPeeler(int size) {
        round.size = size;
        round.peeler = new Peeler(store.sketch(round.fromMs, NO_END, size), size);
    }

    /** Whether a link's answer belongs to the current round. */
    private boolean current(int link, Phase phase, Now now) {
        if (round == null || round.link != link || round.phase != phase
                || round.next.isPresent()) {
            return false;
        }
        round.progressMs = now.steadyMs();
        return true;
    }

    void onSame(int link, Now now) {
        if (current(link, Phase.COMPARE, now)) {
            end(now);
        }
    }

    void onCells(int link, Message.Cells cells, Now now) {
        if (current(link, Phase.COMPARE, now)) {
            if (cells.cells().isEmpty() || cells.cells().get(0).count() == 0) {
                peerTakesAll(now);
                return;
            }
            out.count(Gossip.ROUNDS_DIFFERENT);
            round.phase = Phase.CELLS;
            newPeeler(StoreView.PREFIX_CELLS);
        }
        if (!current(link, Phase.CELLS, now) || cells.from() != round.peeler.arrived()) {
            return;
        }
        Peeler peeler = round.peeler;
        Iterator<Sketch.Cell> each = cells.cells().iterator();
        while (each.hasNext() && !peeler.done() && peeler.arrived() < round.size) {
            peeler.add(each.next());
        }
        if (peeler.done()) {
            round.missing.addAll(peeler.missing());
            round.extra.addAll(peeler.extra());
            settle(now);
        } else if (cells.cells().isEmpty() || peeler.odd()) {
            summary();
        } else if (peeler.arrived() < round.size) {
            askCells();
        } else {
            askMoreSketch();
        }
    }

    /** The peer is empty, or about to ask for all records: nothing is to be compared yet. */
    private void peerTakesAll(Now now) {
        if (handingOver) {
            round.then(Integer.MAX_VALUE, now.steadyMs() + AGAIN_MS, this::compare);
        } else {
            end(now);
        }
    }

    /** Whether this store is being filled from some peer. */
    boolean filling() {
        return bulk.isPresent() && !store.full();
    }

    private void askCells() {
        int arrived = round.peeler.arrived();
        int more = arrived < LINEAR_CELLS ? FIRST_CELLS : arrived / 4;
        if (arrived == 0 && round.size == LARGE_CELLS) {
            more = StoreView.PREFIX_CELLS + StoreView.PREFIX_CELLS / 4;
        }
        more = Math.min(Math.min(Math.max(more, FIRST_CELLS), Message.MAX_CELLS),
                round.size - arrived);
        round.phase = Phase.CELLS;
        out.send(round.link, new Message.AskCells(round.size, arrived, more, round.fromMs,
                NO_END));
    }

    /** The sketch was too short to tell the difference. */
    private void askMoreSketch() {
        if (round.size == LARGE_CELLS) {
            summary();
            return;
        }
        out.count(ROUNDS_LARGE);
        newPeeler(LARGE_CELLS);
        askCells();
    }

    private void settle(Now now) {
        round.phase = Phase.SETTLE;
        if (handingOver) {
            give(now);
            return;
        }
        boolean young = Stream.concat(round.missing.stream(), round.extra.stream())
                .anyMatch(key -> key.timestamp() > now.wallMs() - YOUNG_MS);
        long wait = links.settleMs(round.link, young);
        round.then(LOW_JUDGING, now.steadyMs() + wait, later -> {
            round.missing.removeIf(hash -> !wanted.wanted(hash, later));
            apart(round.missing, later);
            askRecords(later);
        });
    }

    /** What only one side holds for so long tells that no way leads from one to the other. */
    private void apart(Collection<Hash128> keys, Now now) {
        if (keys.stream().anyMatch(key -> key.timestamp() < now.wallMs() - APART_MS)) {
            links.apart(round.link);
        }
    }

    // ---- comparing bucket by bucket, where sketches do not help

    private void summary() {
        out.count(ROUNDS_BUCKETS);
        round.phase = Phase.SUMMARY;
        List<Digest> digests = store.digests(round.fromMs, NO_END);
        List<Digest> sent = digests.subList(0, Math.min(digests.size(), Message.MAX_DIGESTS));
        out.send(round.link, new Message.Summary(round.fromMs, NO_END, List.copyOf(sent)));
    }

    void onDiffer(int link, Message.Differ differ, Now now) {
        if (current(link, Phase.SUMMARY, now)) {
            round.buckets.addAll(differ.buckets());
            nextPage(now);
        }
    }

    /** Goes on with the buckets that differ, page by page. */
    private void nextPage(Now now) {
        if (round.keysNext.isPresent()) {
            askKeys(round.keysNext.get());
        } else if (round.buckets.isEmpty()) {
            finish(now);
        } else {
            askKeys(bucketStart());
        }
    }

    private Position bucketStart() {
        return new Position(Math.max(round.fromMs, round.buckets.peek() * store.bucketMs()), "");
    }

    private long bucketEnd() {
        return (round.buckets.peek() + 1) * store.bucketMs();
    }

    private void askKeys(Position from) {
        round.phase = Phase.KEYS;
        round.keysFrom = from;
        out.send(round.link, new Message.AskKeys(from, bucketEnd()));
    }

    void onKeys(int link, Message.Keys keys, Now now) {
        if (!current(link, Phase.KEYS, now)) {
            return;
        }
        if (keys.next().isPresent() && keys.next().get().compareTo(round.keysFrom) <= 0) {
            giveUp("its cursor does not advance", now);
            return;
        }
        Set<Hash128> mine = hashes(round.keysFrom, keys.next());
        for (Hash128 key : keys.keys()) {
            if (!mine.remove(key) && wanted.acceptable(key, now)) {
                round.missing.add(key);
            }
        }
        round.extra.addAll(mine);
        round.keysNext = keys.next();
        if (keys.next().isEmpty()) {
            round.buckets.remove();
        }
        askRecords(now);
    }

    /** Hashes of our records from one place to another, or to the end of the bucket. */
    private Set<Hash128> hashes(Position from, Optional<Position> to) {
        Set<Hash128> hashes = new LinkedHashSet<>();
        Position at = from;
        while (true) {
            List<Data> page = store.page(at, bucketEnd(), Message.MAX_KEYS);
            for (Data data : page) {
                at = Position.after(data);
                if (to.isPresent() && at.compareTo(to.get()) > 0) {
                    return hashes;
                }
                hashes.add(store.hash(data));
            }
            if (page.size() < Message.MAX_KEYS) {
                return hashes;
            }
        }
    }

    // ---- asking and giving

    private void askRecords(Now now) {
        if (round.missing.isEmpty() || handingOver) {
            give(now);
            return;
        }
        round.phase = Phase.RECORDS;
        List<Hash128> ask = new ArrayList<>();
        while (!round.missing.isEmpty() && ask.size() < ASK_KEYS) {
            ask.add(round.missing.poll());
        }
        round.asked = List.copyOf(ask);
        out.send(round.link, new Message.AskRecords(round.asked));
    }

    void onAnswered(int link, Message.Answered answered, Now now) {
        if (current(link, Phase.ALL, now)) {
            if (answered.next().isPresent() && answered.next().get().compareTo(bulk.get()) <= 0) {
                giveUp("its cursor does not advance", now);
                return;
            }
            bulk = answered.next();
            if (bulk.isPresent()) {
                round.then(LOW_JUDGING, now.steadyMs(), later ->
                        out.send(link, new Message.AskAll(bulk.get())));
            } else {
                // What is still under judgement would look missing to the comparison.
                round.then(0, now.steadyMs(), this::compare);
            }
        } else if (current(link, Phase.RECORDS, now)) {
            // A peer that serves nothing would be asked for ever.
            int served = answered.served() <= 0 ? round.asked.size() : answered.served();
            for (int i = round.asked.size() - 1; i >= served; i--) {
                round.missing.addFirst(round.asked.get(i));
            }
            round.then(LOW_JUDGING, now.steadyMs(), this::askRecords);
        }
    }

    /** What the peer seems to lack is named first: it may have come another way by now. */
    private void give(Now now) {
        if (round.extra.isEmpty()) {
            nextPage(now);
            return;
        }
        round.phase = Phase.OFFER;
        List<Hash128> offered = new ArrayList<>();
        while (!round.extra.isEmpty() && offered.size() < ASK_KEYS) {
            offered.add(round.extra.poll());
        }
        out.send(round.link, new Message.Offer(offered));
    }

    void onWant(int link, Message.Want want, Now now) {
        if (!current(link, Phase.OFFER, now)) {
            return;
        }
        apart(want.keys(), now);
        int bytes = 0;
        for (Hash128 key : want.keys()) {
            Optional<Data> data = store.find(key);
            if (data.isPresent() && bytes < Answers.ANSWER_BYTES) {
                bytes += data.get().wireLength();
                out.send(link, new Message.Push(data.get(), 0, true));
            } else if (data.isPresent()) {
                round.extra.add(key);
            }
        }
        if (bytes == 0) {
            give(now);
        } else {
            round.phase = Phase.GIVE;
            out.send(link, new Message.Given());
        }
    }

    void onTaken(int link, Now now) {
        if (current(link, Phase.GIVE, now)) {
            give(now);
        }
    }

    private void finish(Now now) {
        round.phase = Phase.END;
        round.then(0, now.steadyMs(), this::end);
    }

    private void end(Now now) {
        Round ended = round;
        round = null;
        out.send(ended.link, new Message.Done());
        if (handingOver) {
            handedOver = true;
            waiting.clear();
            return;
        }
        if (ended.gained > 0) {
            out.info("sync: complete, records that were new here: " + ended.gained);
            wantAllBut(ended.link);
        }
        second.remove(ended.link);
        links.synced();
        links.over(ended.link);
    }

    // ---- what comes of others' rounds and of ours

    /** A record came because it was asked for, or because we lacked it. */
    void received(int link, Now now) {
        if (round != null && round.link == link) {
            round.progressMs = now.steadyMs();
        }
    }

    /** Such a record was new to us. */
    void gained(int link) {
        if (round != null && round.link == link) {
            if (++round.gained % PROGRESS_EVERY == 0) {
                out.info("sync: " + round.gained + " records so far");
            }
        } else {
            gainedFrom.merge(link, 1L, Long::sum);
        }
    }

    void onGiven(int link) {
        given.add(link);
    }

    void onDone(int link) {
        done.add(link);
    }

    /** Asks for more when what was given is judged; a round of another ends when all of it is. */
    private void answerGiven() {
        given.removeIf(link -> {
            boolean ready = links.judging(link) <= LOW_JUDGING;
            if (ready) {
                out.send(link, new Message.Taken());
            }
            return ready;
        });
        done.removeIf(link -> {
            boolean ready = links.judging(link) == 0;
            if (ready) {
                second.remove(link);
                links.synced();
                Long gained = gainedFrom.remove(link);
                if (gained != null) {
                    out.info("sync: complete, records that were new here: " + gained);
                    wantAllBut(link);
                }
            }
            return ready;
        });
    }
}
