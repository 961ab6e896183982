package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Now;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * When a round goes on: its next step waits until few enough records are under judgement and a time
 * has come, or for an answer of the peer.
 */
final class RoundPace {

    /** A round without progress for this long is given up, and begun again. */
    static final long STALL_MS = 5_000;

    /** To make a large sketch of millions of records takes seconds on a busy machine. */
    static final long LARGE_STALL_MS = 20_000;

    /** A node that leaves tries another peer after this time without an answer. */
    static final long HAND_OVER_STALL_MS = 150;

    private static final long HAND_OVER_LARGE_STALL_MS = 3_000;

    /** A round in which the stores were not compared begins again after this time. */
    static final long NOT_NOW_MS = 2_000;

    /** A peer that was turned away and asks again within this time is answered: it leaves. */
    static final long TURN_AWAY_MS = NOT_NOW_MS / 2;

    /** A node that leaves asks a peer that turned it away again after this time. */
    static final long ASK_AGAIN_MS = TURN_AWAY_MS / 50;

    private final boolean handingOver;
    private Optional<Consumer<Now>> next = Optional.empty();
    private int nextJudging;
    private long nextMs;
    private long progressMs;

    RoundPace(boolean handingOver, Now now) {
        this.handingOver = handingOver;
        this.progressMs = now.steadyMs();
    }

    /** Plans the next step, from a time on, once few enough records are under judgement. */
    void then(int judging, long atMs, Consumer<Now> what) {
        next = Optional.of(what);
        nextJudging = judging;
        nextMs = atMs;
    }

    /** Whether a step is planned; else an answer is awaited. */
    boolean planned() {
        return next.isPresent();
    }

    /** Takes the planned step if it is due. */
    void tick(int judging, Now now) {
        if (judging <= nextJudging && now.steadyMs() >= nextMs) {
            Consumer<Now> due = next.orElseThrow();
            next = Optional.empty();
            progressMs = now.steadyMs();
            due.accept(now);
        }
    }

    /** Something arrived. */
    void progress(Now now) {
        progressMs = now.steadyMs();
    }

    /** Whether nothing has arrived for too long; the peer may have to make a large sketch. */
    boolean stalled(boolean large, Now now) {
        long patienceMs = handingOver ? large ? HAND_OVER_LARGE_STALL_MS : HAND_OVER_STALL_MS
                : large ? LARGE_STALL_MS : STALL_MS;
        return now.steadyMs() - progressMs > patienceMs;
    }

    /** This node stood still for some time: answers that came meanwhile are yet to be read. */
    void forgiveSilence(long ms) {
        progressMs += ms;
    }
}
