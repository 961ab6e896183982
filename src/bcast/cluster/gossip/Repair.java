package bcast.cluster.gossip;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.Digest;
import bcast.storage.Position;
import bcast.storage.StoreView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Brings over what this store lacks. A node only ever pulls, one round at a time, so a round is
 * paced by the one that must do the work; who turns out to hold more says {@link Message.Behind},
 * and the other pulls in turn. A round compares digests of time buckets, then keys of the buckets
 * that differ, then asks for the records; an empty store asks for all of them at once.
 */
final class Repair {

    /** A round without progress for so long is given up; the next interval tries again. */
    static final long STALL_MS = 5_000;

    /** Records sent for one question, in bytes: enough to fill a link, little for a queue. */
    static final int ANSWER_BYTES = 512 * 1024;

    /** The next question waits until so few records of the last one are under judgement. */
    static final int LOW_JUDGING = 512;

    /** Records that expire within the next moments are not worth bringing over. */
    private static final long NEARLY_EXPIRED_MS = 2_000;

    private static final int ASK_KEYS = 1_000;
    private static final int PAGE = 256;

    /** Every so many records a long sync says how far it is. */
    private static final int PROGRESS_EVERY = 100_000;

    static final String ROUNDS = "sync_rounds";
    static final String ROUNDS_STALLED = "sync_rounds_stalled";

    private enum Phase { ALL, COMPARE, KEYS, RECORDS }

    private static final class Round {
        private final int link;
        private final boolean hinted;
        private Phase phase;
        private long fromMs;
        private long toMs;
        private final Deque<Long> buckets = new ArrayDeque<>();
        private final List<Message.Key> theirs = new ArrayList<>();
        private final Deque<Message.Key> wanted = new ArrayDeque<>();
        private List<Message.Key> asked = List.of();
        private Optional<Consumer<Now>> next = Optional.empty();
        private int waitForJudging;
        private long progressMs;
        private long gained;
        private boolean changed;
        private boolean extras;

        Round(int link, boolean hinted, long nowMs) {
            this.link = link;
            this.hinted = hinted;
            this.progressMs = nowMs;
        }
    }

    /** What a round needs to know of links. */
    interface Links {
        /** Links over which records can be asked for, in order. */
        List<Integer> up();

        /** Records of this link under judgement. */
        int judging(int link);

        /** A round with this link came to its end. */
        void synced(int link);
    }

    private final StoreView store;
    private final RefusedRecords refused;
    private final Outbox out;
    private final Links links;
    private final long retentionMs;
    private final long maxSkewMs;
    private final Map<Integer, Boolean> waiting = new LinkedHashMap<>();
    private Round round;
    private Optional<Position> bulk = Optional.empty();

    Repair(StoreView store, RefusedRecords refused, Outbox out, Links links, long retentionMs,
            long maxSkewMs) {
        this.store = store;
        this.refused = refused;
        this.out = out;
        this.links = links;
        this.retentionMs = retentionMs;
        this.maxSkewMs = maxSkewMs;
    }

    /** Wants a round with a link; hinted if the other side said that we lack something. */
    void want(int link, boolean hinted) {
        waiting.merge(link, hinted, (a, b) -> a && b);
    }

    void gone(int link) {
        waiting.remove(link);
        if (round != null && round.link == link) {
            round = null;
        }
    }

    /** Records on their way in the current round, or in one that waits: not all is here yet. */
    boolean busy() {
        return round != null || !waiting.isEmpty();
    }

    /** Begins, goes on with, or gives up rounds. */
    void tick(Now now) {
        if (store.full()) {
            round = null;
            waiting.clear();
            return;
        }
        if (round != null && round.next.isPresent()
                && links.judging(round.link) <= round.waitForJudging) {
            Consumer<Now> next = round.next.get();
            round.next = Optional.empty();
            round.progressMs = now.steadyMs();
            next.accept(now);
        }
        boolean judging = round != null && links.judging(round.link) > 0;
        if (round != null && !judging && now.steadyMs() - round.progressMs > STALL_MS) {
            out.count(ROUNDS_STALLED);
            out.debug("round with link " + round.link + " stalled in " + round.phase);
            round = null;
        }
        if (round == null && !waiting.isEmpty()) {
            Iterator<Map.Entry<Integer, Boolean>> first = waiting.entrySet().iterator();
            Map.Entry<Integer, Boolean> link = first.next();
            first.remove();
            begin(link.getKey(), link.getValue(), now);
        }
    }

    private void begin(int link, boolean hinted, Now now) {
        out.count(ROUNDS);
        round = new Round(link, hinted, now.steadyMs());
        if (store.size() == 0 || bulk.isPresent()) {
            round.phase = Phase.ALL;
            bulk = Optional.of(bulk.orElse(Position.START));
            out.send(link, new Message.AskAll(bulk.get()));
        } else {
            compare(now);
        }
    }

    private void compare(Now now) {
        round.phase = Phase.COMPARE;
        round.fromMs = Math.max(0, now.wallMs() - retentionMs + NEARLY_EXPIRED_MS);
        round.toMs = Long.MAX_VALUE;
        List<Digest> digests = store.digests(round.fromMs, round.toMs);
        List<Digest> sent = digests.subList(0, Math.min(digests.size(), Message.MAX_DIGESTS));
        out.send(round.link, new Message.Compare(round.fromMs, round.toMs, List.copyOf(sent)));
    }

    /** Whether a link's answer belongs to the current round. */
    private boolean current(int link, Phase phase, Now now) {
        if (round == null || round.link != link || round.phase != phase) {
            return false;
        }
        round.progressMs = now.steadyMs();
        return true;
    }

    void onDiffer(int link, Message.Differ differ, Now now) {
        if (current(link, Phase.COMPARE, now)) {
            round.buckets.addAll(differ.buckets());
            nextBucket(now);
        }
    }

    private void nextBucket(Now now) {
        round.theirs.clear();
        if (round.buckets.isEmpty()) {
            finish();
            return;
        }
        round.phase = Phase.KEYS;
        askKeys(new Position(Math.max(round.fromMs, bucketStart()), ""));
    }

    private long bucketStart() {
        return round.buckets.peek() * store.bucketMs();
    }

    private long bucketEnd() {
        return Math.min(round.toMs, bucketStart() + store.bucketMs());
    }

    private void askKeys(Position after) {
        out.send(round.link, new Message.AskKeys(after, bucketEnd()));
    }

    void onKeys(int link, Message.Keys keys, Now now) {
        if (!current(link, Phase.KEYS, now)) {
            return;
        }
        round.theirs.addAll(keys.keys());
        if (keys.next().isPresent()) {
            askKeys(keys.next().get());
            return;
        }
        findMissing(now);
        round.buckets.remove();
        round.phase = Phase.RECORDS;
        askRecords(now);
    }

    private void findMissing(Now now) {
        Set<Hash128> mine = new HashSet<>();
        Position from = new Position(Math.max(round.fromMs, bucketStart()), "");
        for (Data data : store.page(from, bucketEnd(), Integer.MAX_VALUE)) {
            mine.add(store.hash(data));
        }
        for (Message.Key key : round.theirs) {
            if (!mine.remove(key.hash()) && acceptable(key, now)) {
                round.wanted.add(key);
            }
        }
        round.extras |= !mine.isEmpty();
    }

    /** A record that would be refused is not worth asking for. */
    private boolean acceptable(Message.Key key, Now now) {
        return key.timestamp() + retentionMs > now.wallMs()
                && key.timestamp() <= now.wallMs() + maxSkewMs
                && !refused.contains(key.hash(), now.steadyMs());
    }

    private void askRecords(Now now) {
        if (round.wanted.isEmpty()) {
            nextBucket(now);
            return;
        }
        List<Message.Key> ask = new ArrayList<>();
        while (!round.wanted.isEmpty() && ask.size() < ASK_KEYS) {
            ask.add(round.wanted.poll());
        }
        round.changed = true;
        round.asked = ask;
        out.send(round.link, new Message.AskRecords(List.copyOf(ask)));
    }

    void onAnswered(int link, Message.Answered answered, Now now) {
        if (current(link, Phase.ALL, now)) {
            bulk = answered.next();
            // What is still under judgement would look missing to the comparison.
            round.waitForJudging = bulk.isPresent() ? LOW_JUDGING : 0;
            round.next = Optional.of(bulk.isPresent()
                    ? later -> out.send(link, new Message.AskAll(bulk.get()))
                    : this::compare);
        } else if (current(link, Phase.RECORDS, now)) {
            for (int i = round.asked.size() - 1; i >= Math.max(0, answered.served()); i--) {
                round.wanted.addFirst(round.asked.get(i));
            }
            // A peer that serves nothing would be asked for ever.
            boolean stuck = answered.served() <= 0;
            round.waitForJudging = LOW_JUDGING;
            round.next = Optional.of(later -> {
                if (stuck) {
                    round.wanted.clear();
                }
                askRecords(later);
            });
        }
    }

    /** A record came over a link on our asking. */
    void received(int link, Now now) {
        if (round != null && round.link == link) {
            round.progressMs = now.steadyMs();
            round.changed = true;
        }
    }

    /** A record that came on our asking was new to us. */
    void gained(int link) {
        if (round != null && round.link == link && ++round.gained % PROGRESS_EVERY == 0) {
            out.info("sync: " + round.gained + " records so far");
        }
    }

    private void finish() {
        int link = round.link;
        if (round.gained > 0) {
            out.info("sync: complete, records that were new here: " + round.gained);
        }
        if (round.extras && (!round.hinted || round.changed)) {
            out.send(link, new Message.Behind());
        }
        if (round.changed) {
            for (int other : links.up()) {
                if (other != link) {
                    out.send(other, new Message.Behind());
                }
            }
        }
        round = null;
        links.synced(link);
    }

    // What follows answers rounds of others. It keeps no state.

    void onCompare(int link, Message.Compare theirs) {
        Map<Long, Digest> differing = new HashMap<>();
        for (Digest digest : theirs.digests()) {
            differing.put(digest.bucket(), digest);
        }
        Set<Long> buckets = new HashSet<>(differing.keySet());
        for (Digest mine : store.digests(theirs.fromMs(), theirs.toMs())) {
            if (mine.equals(differing.get(mine.bucket()))) {
                buckets.remove(mine.bucket());
            } else {
                buckets.add(mine.bucket());
            }
        }
        List<Long> sorted = buckets.stream().sorted().limit(Message.MAX_DIGESTS).toList();
        out.send(link, new Message.Differ(sorted));
    }

    void onAskKeys(int link, Message.AskKeys ask) {
        List<Data> page = store.page(ask.after(), ask.toMs(), Message.MAX_KEYS);
        List<Message.Key> keys = new ArrayList<>(page.size());
        for (Data data : page) {
            keys.add(new Message.Key(data.timestamp(), store.hash(data)));
        }
        Optional<Position> next = page.size() < Message.MAX_KEYS ? Optional.empty()
                : Optional.of(Position.after(page.get(page.size() - 1)));
        out.send(link, new Message.Keys(keys, next));
    }

    void onAskRecords(int link, Message.AskRecords ask) {
        int served = 0;
        int bytes = 0;
        for (Message.Key key : ask.keys()) {
            if (bytes >= ANSWER_BYTES) {
                break;
            }
            Optional<Data> data = store.find(key.timestamp(), key.hash());
            if (data.isPresent()) {
                bytes += data.get().wireLength();
                out.send(link, new Message.Push(data.get(), 0, true));
            }
            served++;
        }
        out.send(link, new Message.Answered(served, Optional.empty()));
    }

    void onAskAll(int link, Message.AskAll ask) {
        Position next = ask.after();
        boolean more = true;
        int served = 0;
        int bytes = 0;
        while (more && bytes < ANSWER_BYTES) {
            List<Data> page = store.page(next, Long.MAX_VALUE, PAGE);
            int sent = 0;
            while (sent < page.size() && bytes < ANSWER_BYTES) {
                Data data = page.get(sent++);
                bytes += data.wireLength();
                out.send(link, new Message.Push(data, 0, true));
            }
            served += sent;
            more = sent < page.size() || page.size() == PAGE;
            next = sent == 0 ? next : Position.after(page.get(sent - 1));
        }
        out.send(link, new Message.Answered(served, more ? Optional.of(next) : Optional.empty()));
    }
}
