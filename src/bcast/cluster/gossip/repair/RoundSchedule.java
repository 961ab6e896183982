package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Fault;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.storage.StoreView;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** Decides when rounds begin, and with which peer. This node begins one round at a time. */
final class RoundSchedule {

    /** A longer round lets others have a turn; a long sync goes on with any peer. */
    static final long LONG_MS = 30_000;

    /** The node with the larger id begins this much later, and only if the other did not. */
    static final long SECOND_MS = 1_500;

    /** A node whose clock is wrong never holds a record in the span; it asks no more often. */
    static final long NOTHING_MS = 5_000;

    /** Records between two lines of the log about a long sync. */
    private static final int PROGRESS_EVERY = 100_000;

    /** A round that could not read the difference under load begins anew after this time. */
    private static final long PUT_OFF_MS = 2_000;

    /** A node that leaves asks all its peers anew after this time. */
    private static final long HAND_OVER_AGAIN_MS = 200;

    private final StoreView store;
    private final Outbox out;
    private final Neighbours neighbours;
    private final InitialSync sync;
    private final RepairListener listener;
    private final RoundContext context;
    /** Links that wait for a round. */
    private final Set<Integer> waiting = new LinkedHashSet<>();
    /** When a round begins on those whose peers have the first turn. */
    private final Map<Integer, Long> second = new TreeMap<>();
    /** Since when rounds are put off. */
    private final Map<Integer, Long> putOffSince = new TreeMap<>();
    private final PeerRounds peerRounds;
    private RoundInitiator round;
    private int rounds;
    /** New records that {@link #round} brought here. */
    private long gained;
    private boolean handingOver;
    private long handOverDueMs;
    private boolean handedOver;
    private long fillDueMs;
    private long nothingDueMs;

    RoundSchedule(StoreView store, RoundContext context, RepairListener listener) {
        this.store = store;
        this.context = context;
        this.neighbours = context.neighbours();
        this.peerRounds = new PeerRounds(neighbours, context.spread(), context.out());
        this.sync = context.sync();
        this.out = context.out();
        this.listener = listener;
    }

    /** A link is up: one side begins a round, and an empty store does not wait for the other. */
    void up(int link, boolean first, Now now) {
        if (first || store.isEmpty() || filling()) {
            want(link);
        } else {
            second.put(link, now.steadyMs() + SECOND_MS);
        }
    }

    /**
     * A peer is at a round of its own, so that this node's round would find the same again. While
     * either side makes a large sketch, the peer is silent for a long time; but a round that was
     * put off does not wait for that.
     */
    void asked(int link, RepairMessage.Question question, Now now) {
        boolean making = question instanceof RepairMessage.AskCells ask
                && SketchReader.leadsToLarge(ask)
                && !putOffSince.containsKey(link);
        long untilMs = now.steadyMs() + (making ? RoundInitiator.LARGE_STALL_MS : SECOND_MS);
        second.computeIfPresent(link, (any, dueMs) -> untilMs);
    }

    /**
     * A peer that holds records compares with this node, which holds none, and leaves it to this
     * node to ask for all. The records that were here may have expired since this node did so.
     */
    void nothingFor(int link, Now now) {
        if (now.steadyMs() >= nothingDueMs) {
            nothingDueMs = now.steadyMs() + NOTHING_MS;
            want(link);
        }
    }

    /** Wants a round with a link. */
    void want(int link) {
        waiting.add(link);
    }

    /** Links to neighbours; of a node that leaves only those whose peers take records. */
    private List<Integer> up() {
        return neighbours.peers().stream()
                .filter(link -> !handingOver || !link.heartbeat().full())
                .map(Link::number).toList();
    }

    /** Records that came on a link may be missing on the others as well. */
    void wantAllBut(int link) {
        up().stream().filter(other -> other != link).forEach(this::want);
    }

    void gone(int link) {
        waiting.remove(link);
        second.remove(link);
        putOffSince.remove(link);
        if (peerRounds.gone(link)) {
            wantAllBut(link);
        }
        if (round != null && round.link.number() == link) {
            dropRound();
        }
    }

    /** Whether a round is under way or waits. */
    boolean busy() {
        return round != null || !waiting.isEmpty() || peerRounds.busy();
    }

    /** Whether this store is being filled from some peer. */
    boolean filling() {
        return sync.underWay() && !store.full();
    }

    /** This node stood still, which is not the fault of the peer of its round. */
    void forgiveSilence(long ms) {
        if (round != null) {
            round.forgiveSilence(ms);
        }
    }

    /** Begins, goes on with, or gives up rounds. */
    void tick(Now now) {
        peerRounds.tick().forEach(ended -> ended(ended, now));
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
            waiting.forEach(listener::over);
            waiting.clear();
            return;
        }
        if (round != null) {
            goOn(now);
        }
        if (round == null && waiting.isEmpty() && filling() && now.steadyMs() >= fillDueMs) {
            // No peer will bring the rest by itself: those that ask are turned away.
            up().stream().findAny().ifPresent(this::want);
        }
        if (handingOver && !handedOver && round == null && waiting.isEmpty()
                && now.steadyMs() >= handOverDueMs) {
            // None took it so far; it is tried until the time is over.
            handOverDueMs = now.steadyMs() + HAND_OVER_AGAIN_MS;
            up().forEach(this::want);
        }
        if (round == null && !waiting.isEmpty()) {
            Iterator<Integer> first = waiting.iterator();
            int link = first.next();
            first.remove();
            out.count(RepairCounts.ROUNDS);
            gained = 0;
            boolean insists = now.steadyMs() - putOffSince.getOrDefault(link, now.steadyMs())
                    >= HighLoad.LONGEST_MS;
            neighbours.link(link).ifPresent(each -> round = new RoundInitiator(context, each,
                    ++rounds, handingOver, insists, now));
        }
    }

    private void goOn(Now now) {
        int link = round.link.number();
        if (now.steadyMs() - round.begunMs > LONG_MS && !waiting.isEmpty()) {
            round.giveUp("others wait");
        } else {
            round.tick(now);
        }
        boolean again = round.state() == RoundInitiator.State.GIVEN_UP;
        endIfOver(now);
        if (again) {
            want(link);
        }
    }

    /** The peer of a round that this node began answered. */
    void answered(int link, RepairMessage.Answer answer, Now now) {
        if (round != null && round.link.number() == link) {
            round.on(answer, now);
            endIfOver(now);
        }
    }

    private void endIfOver(Now now) {
        if (round.state() == RoundInitiator.State.COMPLETE || round.state()
                == RoundInitiator.State.TURNED_AWAY) {
            end(now);
        } else if (round.state() == RoundInitiator.State.PUT_OFF) {
            int link = round.link.number();
            long sinceMs = putOffSince.getOrDefault(link, now.steadyMs());
            end(now);
            putOffSince.put(link, sinceMs);
            second.put(link, now.steadyMs() + PUT_OFF_MS);
        } else if (round.state() == RoundInitiator.State.GIVEN_UP) {
            out.count(RepairCounts.ROUNDS_STALLED);
            fillDueMs = now.steadyMs() + SECOND_MS;
            int link = round.link.number();
            boolean nonsense = round.wasNonsense();
            dropRound();
            if (nonsense) {
                neighbours.link(link).ifPresent(each ->
                        neighbours.fault(each, Fault.NONSENSE, now));
            }
        }
    }

    private void end(Now now) {
        int link = round.link.number();
        boolean complete = round.state() == RoundInitiator.State.COMPLETE;
        round = null;
        if (handingOver) {
            handedOver = true;
            waiting.clear();
            return;
        }
        complete(link, gained);
        second.remove(link);
        putOffSince.remove(link);
        if (complete) {
            listener.synced(now);
        }
        listener.over(link);
    }

    private void complete(int link, long records) {
        if (records > 0) {
            out.info("sync: complete, records that were new here: " + records);
            wantAllBut(link);
        }
    }

    private void dropRound() {
        int link = round.link.number();
        round = null;
        if (gained > 0) {
            wantAllBut(link);
        }
        listener.over(link);
    }

    /** Records that the round under way has yet to bring or give, as far as is known. */
    OptionalLong toGo() {
        return round == null ? OptionalLong.empty() : round.toGo();
    }

    // ---- leaving

    /** This node leaves: gives one peer what it lacks, with no more delay than that takes. */
    void handOver(Now now) {
        handingOver = true;
        round = null;
        waiting.clear();
        second.clear();
        up().forEach(this::want);
        tick(now);
    }

    /** Whether this node is about to leave. */
    boolean handingOver() {
        return handingOver;
    }

    /** Whether a peer has everything since {@link #handOver}. */
    boolean gaveAll() {
        return handedOver;
    }

    /** Whether a peer has everything since {@link #handOver}, or there is none. */
    boolean handedOver() {
        return handedOver || round == null && waiting.isEmpty() && up().isEmpty();
    }

    // ---- what comes of others' rounds and of ours

    /** A record came because it was asked for, or because we lacked it. */
    void received(int link, Now now) {
        if (round != null && round.link.number() == link) {
            round.received(now);
        }
    }

    /** Such a record was new to us. */
    void gained(int link) {
        if (round != null && round.link.number() == link) {
            if (++gained % PROGRESS_EVERY == 0) {
                out.info("sync: " + gained + " records so far");
            }
        } else {
            peerRounds.gained(link);
        }
    }

    void onGiven(int link) {
        peerRounds.onGiven(link);
    }

    void onDone(int link) {
        peerRounds.onDone(link);
    }

    /** A round of a peer is over, and what it gave is judged. */
    private void ended(PeerRounds.Ended ended, Now now) {
        second.remove(ended.link());
        if (!filling()) {
            listener.synced(now);
        }
        complete(ended.link(), ended.gained());
    }
}
