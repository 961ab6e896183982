package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Fault;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.storage.StoreView;
import java.util.List;
import java.util.OptionalLong;

/** Decides when rounds begin, and with which peer. This node begins one round at a time. */
final class RoundSchedule {

    /** A longer round lets others have a turn; a long sync goes on with any peer. */
    private static final long LONG_MS = 30_000;

    /** The node with the larger id begins this much later, and only if the other did not. */
    static final long SECOND_MS = 1_500;

    /** A node whose clock is wrong never holds a record in the span; it asks no more often. */
    private static final long NOTHING_MS = 5_000;

    /** A round that could not compare the stores begins again after this time. */
    private static final long NOT_NOW_MS = 2_000;

    /** A node that leaves asks all its peers again after this time. */
    private static final long HAND_OVER_AGAIN_MS = 200;

    private final StoreView store;
    private final Outbox out;
    private final Neighbours neighbours;
    private final RepairListener listener;
    private final RoundContext context;
    private final RoundQueue queue = new RoundQueue();
    private final PeerRounds peerRounds;
    private RoundInitiator round;
    private int rounds;
    private long fillDueMs;
    private long nothingDueMs;
    /** This node is about to leave. */
    private boolean handingOver;
    private long handOverDueMs;
    private boolean handedOver;

    RoundSchedule(StoreView store, RoundContext context, PeerRounds peerRounds,
            RepairListener listener) {
        this.store = store;
        this.context = context;
        this.neighbours = context.neighbours();
        this.peerRounds = peerRounds;
        this.out = context.out();
        this.listener = listener;
    }

    // ---- when rounds are wanted

    /** A link is up: one side begins a round, and an empty store does not wait for the other. */
    void up(int link, boolean first, Now now) {
        if (first || store.isEmpty() || filling()) {
            want(link);
        } else {
            queue.addAt(link, now.steadyMs() + SECOND_MS);
        }
    }

    /**
     * A peer is at a round of its own, so that this node's round would find the same again. The
     * peer may be silent for as long as it takes to make a large sketch.
     */
    void asked(int link, Now now) {
        queue.putOff(link, now.steadyMs() + RoundPace.LARGE_STALL_MS);
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

    void want(int link) {
        queue.add(link);
    }

    /** Records that came on a link may be missing on the others as well. */
    private void wantAllBut(int link) {
        neighbours.peers().stream().map(Link::number).filter(other -> other != link)
                .forEach(this::want);
    }

    void gone(int link) {
        queue.remove(link);
        if (onRound(link)) {
            dropRound();
        } else if (peerRounds.takeGained(link) > 0) {
            wantAllBut(link);
        }
        peerRounds.gone(link);
    }

    private boolean onRound(int link) {
        return round != null && round.link.number() == link;
    }

    boolean busy() {
        return round != null || !queue.isEmpty() || peerRounds.busy();
    }

    boolean filling() {
        return context.sync().underWay() && !store.full();
    }

    // ---- the round under way

    void tick(Now now) {
        peerRounds.tick().forEach(link -> peerCompleted(link, now));
        queue.tick(now);
        if (store.full() && !handingOver) {
            if (round != null) {
                dropRound();
            }
            queue.takeAll().forEach(listener::roundOver);
            return;
        }
        if (round != null) {
            goOn(now);
        }
        if (round == null && queue.isEmpty()) {
            wantUnasked(now);
        }
        if (round == null && !queue.isEmpty()) {
            begin(now);
        }
    }

    private void wantUnasked(Now now) {
        if (handingOver) {
            if (!handedOver && now.steadyMs() >= handOverDueMs) {
                // None took everything so far; it is tried until the time is over.
                handOverDueMs = now.steadyMs() + HAND_OVER_AGAIN_MS;
                takers().forEach(this::want);
            }
        } else if (filling() && now.steadyMs() >= fillDueMs) {
            // No peer will bring the rest by itself: those that ask are turned away.
            neighbours.peers().stream().findAny().ifPresent(link -> want(link.number()));
        }
    }

    private void begin(Now now) {
        out.count(RepairCounts.ROUNDS);
        neighbours.link(queue.next()).ifPresent(each ->
                round = new RoundInitiator(context, each, ++rounds, handingOver, now));
    }

    private void goOn(Now now) {
        int link = round.link.number();
        if (now.steadyMs() - round.begunMs > LONG_MS && !queue.isEmpty()) {
            round.fail(RoundInitiator.State.GIVEN_UP, "others wait");
        } else {
            round.tick(now);
        }
        // A node that leaves tries the others first.
        boolean again = round.state() == RoundInitiator.State.GIVEN_UP && !handingOver;
        finish(now);
        if (again) {
            want(link);
        }
    }

    void answered(int link, RepairMessage.Answer answer, Now now) {
        if (onRound(link)) {
            round.on(answer, now);
            finish(now);
        }
    }

    private void finish(Now now) {
        Link link = round.link;
        switch (round.state()) {
            case UNDER_WAY -> { }
            case COMPLETE -> completed(now);
            case NOT_NOW -> {
                queue.addAt(link.number(), now.steadyMs() + NOT_NOW_MS);
                dropRound();
            }
            case GIVEN_UP -> stalled(now);
            case NONSENSE -> {
                stalled(now);
                neighbours.fault(link, Fault.NONSENSE, now);
            }
        }
    }

    private void completed(Now now) {
        int link = round.link.number();
        round = null;
        if (handingOver) {
            handedOver = true;
            queue.takeAll();
            return;
        }
        queue.cancel(link);
        passOn(link);
        listener.synced(now);
        listener.roundOver(link);
    }

    private void stalled(Now now) {
        out.count(RepairCounts.ROUNDS_STALLED);
        fillDueMs = now.steadyMs() + SECOND_MS;
        dropRound();
    }

    private void dropRound() {
        int link = round.link.number();
        round = null;
        if (peerRounds.takeGained(link) > 0) {
            wantAllBut(link);
        }
        listener.roundOver(link);
    }

    private void passOn(int link) {
        long records = peerRounds.takeGained(link);
        if (records > 0) {
            out.info("sync: complete, records that were new here: " + records);
            wantAllBut(link);
        }
    }

    /** Records that the round under way has yet to bring or give, as far as is known. */
    OptionalLong toGo() {
        return round == null ? OptionalLong.empty() : round.toGo();
    }

    void forgiveSilence(long ms) {
        if (round != null) {
            round.pace.forgiveSilence(ms);
        }
    }

    // ---- leaving

    /** This node leaves: gives one peer what it lacks, with no more delay than that takes. */
    void handOver(Now now) {
        handingOver = true;
        round = null;
        queue.clear();
        takers().forEach(this::want);
        tick(now);
    }

    private List<Integer> takers() {
        return neighbours.peers().stream().filter(link -> !link.heartbeat().full())
                .map(Link::number).toList();
    }

    boolean handingOver() {
        return handingOver;
    }

    boolean handedOver() {
        return handedOver;
    }

    /** Whether there is nothing to wait for: a peer has every record, or there is no peer. */
    boolean mayLeave() {
        return handedOver || round == null && queue.isEmpty() && takers().isEmpty();
    }

    /** A record of a round arrived. */
    void received(int link, Now now) {
        if (onRound(link)) {
            round.pace.progress(now);
        }
    }

    void gained(int link) {
        if (neighbours.link(link).isEmpty()) {
            wantAllBut(link);
        } else {
            peerRounds.gained(link);
        }
    }

    /** A round of a peer is over, and what it gave is judged. */
    private void peerCompleted(int link, Now now) {
        queue.cancel(link);
        if (!filling()) {
            listener.synced(now);
        }
        passOn(link);
    }
}
