package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.repair.RepairMessage.Answer;
import bcast.cluster.gossip.repair.RepairMessage.Answered;
import bcast.cluster.gossip.repair.RepairMessage.Cells;
import bcast.cluster.gossip.repair.RepairMessage.Differ;
import bcast.cluster.gossip.repair.RepairMessage.Hashes;
import bcast.cluster.gossip.repair.RepairMessage.Same;
import bcast.cluster.gossip.repair.RepairMessage.Taken;
import bcast.cluster.gossip.repair.RepairMessage.Want;
import java.util.Set;

/** The steps of a round, by what its initiator waits for, see {@link RoundInitiator}. */
enum RoundStep {
    /** All records, after a position: the store of the initiator is empty. */
    ALL(Answered.class),
    /** Whether the stores differ. */
    COMPARE(Same.class, Cells.class),
    /** Enough cells to read the difference. */
    CELLS(Cells.class),
    /** The arrival of records that are on their way. */
    SETTLE,
    /** Records that are missing. */
    RECORDS(Answered.class),
    /** Which of the offered records the peer lacks. */
    OFFER(Want.class),
    /** The judgement of records that the peer lacked. */
    GIVE(Taken.class),
    /** Which buckets differ. */
    SUMMARY(Differ.class),
    /** A page of the hashes of a bucket. */
    HASHES(Hashes.class),
    /** The judgement of the last records. */
    END;

    private final Set<Class<?>> answers;

    RoundStep(Class<?>... answers) {
        this.answers = Set.of(answers);
    }

    boolean expects(Answer answer) {
        return answers.contains(answer.getClass());
    }
}
