package bcast.cluster.gossip;

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

    /** Counts questions that were not answered because the peer asked too many. */
    static final String QUESTIONS_DROPPED = "sync_questions_dropped";

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
