package bcast.cluster.gossip;

import bcast.base.Metric;
import bcast.cluster.gossip.link.Fault;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.PerLink;

/**
 * Bounds how many questions of one peer are answered in a second. A newcomer that takes 200,000
 * small records a second asks about 100.
 */
final class QuestionLimit {

    /** Most questions of one peer answered in a second. */
    static final int QUESTIONS_A_SECOND = 500;

    static final Metric QUESTIONS_DROPPED = Metric.counter("bcast_sync_questions_dropped_total",
            "Requests dropped from peers that sent too many.");

    private static final class Asked {
        private long secondMs;
        private int questions;
    }

    private final Neighbours neighbours;
    private final Outbox out;
    private final PerLink<Asked> asked = new PerLink<>(Asked::new);

    QuestionLimit(Neighbours neighbours, Outbox out) {
        this.neighbours = neighbours;
        this.out = out;
    }

    /** Whether a question is to be answered. A peer that asks more is at fault once a second. */
    boolean allows(Link link, Now now) {
        Asked peer = asked.of(link);
        if (now.steadyMs() - peer.secondMs >= 1_000) {
            peer.secondMs = now.steadyMs();
            peer.questions = 0;
        }
        if (++peer.questions <= QUESTIONS_A_SECOND) {
            return true;
        }
        out.count(QUESTIONS_DROPPED);
        if (peer.questions == QUESTIONS_A_SECOND + 1) {
            neighbours.fault(link, Fault.QUESTIONS, now);
        }
        return false;
    }
}
