package bcast.cluster.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.overlay.OverlayLimits;
import bcast.cluster.gossip.repair.RepairLimits;
import bcast.cluster.gossip.repair.RepairMessage;
import bcast.eventbus.Event;
import bcast.storage.Position;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What only faulty peers do, and what comes of it. */
final class FaultsTest extends OneNode {

    private boolean linked() {
        return gossip.peerCount() == 1;
    }

    private void shutOutForItsTime() {
        assertEquals(0, gossip.peerCount());
        linkUp(2, LARGER);
        assertEquals(0, gossip.peerCount(), "still shut out");
        clock.advance(OverlayLimits.SHUT_OUT_MS);
        linkUp(3, LARGER);
        assertTrue(linked());
    }

    @Test
    void whoAsksTooMuchIsShutOut() {
        linkUp(1, LARGER);
        Input ask = new Input.Got(1, new RepairMessage.AskHashes(Position.START, Long.MAX_VALUE));
        for (int second = 1; second <= OverlayLimits.MAX_FAULTS; second++) {
            for (int i = 0; i < MessageRouter.QUESTIONS_A_SECOND; i++) {
                handle(ask);
            }
            assertTrue(linked(), "as many as may be asked, second " + second);
            handle(ask);
            handle(ask);
            clock.advance(1_000);
        }
        shutOutForItsTime();
    }

    @Test
    void whoAnswersNonsenseIsShutOut() {
        linkUp(1, LARGER);
        Message nonsense = new RepairMessage.Answered(1, Optional.of(Position.START));
        for (int i = 1; i <= OverlayLimits.MAX_FAULTS; i++) {
            assertTrue(linked(), "before answer " + i);
            handle(new Input.Happened(new Event.Broadcast()));
            during(RepairLimits.STALL_MS / 2, Output.Send.class);
            handle(new Input.Got(1, nonsense));
        }
        shutOutForItsTime();
    }
}
