package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Now;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * When a round goes on: its next step waits until few enough records are under judgement and a time
 * has come, or for an answer of the peer.
 */
final class RoundPace {

    private Optional<Consumer<Now>> next = Optional.empty();
    private int nextJudging;
    private long nextMs;
    private long progressMs;

    RoundPace(Now now) {
        this.progressMs = now.steadyMs();
    }

    /** Plans the next step, for when at most some records of the peer are under judgement. */
    void then(int judging, long atMs, Consumer<Now> what) {
        next = Optional.of(what);
        nextJudging = judging;
        nextMs = atMs;
    }

    /** Whether a step is planned; else an answer is. */
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

    /** Time since something arrived. */
    long silentMs(Now now) {
        return now.steadyMs() - progressMs;
    }

    /** This node stood still for some time: answers that came meanwhile are yet to be read. */
    void forgiveSilence(long ms) {
        progressMs += ms;
    }
}
