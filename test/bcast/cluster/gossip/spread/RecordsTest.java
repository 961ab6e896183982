package bcast.cluster.gossip.spread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import bcast.cluster.gossip.OneNode;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.overlay.OverlayLimits;
import bcast.cluster.gossip.repair.RepairMessage;
import bcast.data.Data;
import bcast.eventbus.Event;
import bcast.eventbus.Refusal;
import bcast.eventbus.Source;
import bcast.testing.News;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which links a record takes, and what becomes of one that arrives. */
final class RecordsTest extends OneNode {

    @Test
    void aClientsRecordGoesToAllAtOnce() {
        linkUp(1, LARGER);
        linkUp(2, SMALLER);
        Data data = News.data("id", "raw", NOW);
        store.merge(data);
        List<Output> outputs = handle(new Input.Happened(new Event.Accepted(data,
                Source.CLIENT)));
        assertEquals(2, outputs.size());
        for (int link : new int[] {1, 2}) {
            SpreadMessage.Push push = (SpreadMessage.Push) sent(outputs, link).get(0);
            assertEquals(data, push.data());
            assertFalse(push.inRound());
        }
    }

    @Test
    void aRecordIsPassedOnOnlyIfTheOriginsMeshIsAnother() {
        List<Message> greeting = sent(linkUp(1, LARGER), 1);
        List<Message> second = sent(linkUp(2, SMALLER), 2);
        long mesh = sentHash(second);
        assertFalse(mesh == sentHash(greeting));
        Data one = News.data("one", "raw", NOW);
        Source from = push(1, one, mesh);
        store.merge(one);
        assertEquals(List.of(), handle(new Input.Happened(new Event.Accepted(one, from))));
        Data two = News.data("two", "raw", NOW);
        Source other = push(1, two, mesh + 1);
        store.merge(two);
        assertEquals(List.of(new Output.Send(2, new SpreadMessage.Push(two, 0, false))),
                handle(new Input.Happened(new Event.Accepted(two, other))));
    }

    @Test
    void whatIsHeldIsNotJudgedAgain() {
        linkUp(1, LARGER);
        Data data = News.data("id", "raw", NOW);
        store.merge(data);
        assertEquals(List.of(), handle(new Input.Got(1, new SpreadMessage.Push(data, 0, false))));
        assertEquals(0, gossip.judgingBytes());
    }

    @Test
    void whatAMeshBringsAgainIsConfirmedAndNotPassedOn() {
        linkUp(1, LARGER);
        long mesh = sentHash(sent(linkUp(2, SMALLER), 2));
        Data data = News.data("id", "raw", NOW);
        store.merge(data);
        List<Output> outputs =
                handle(new Input.Got(1, new SpreadMessage.Push(data, mesh, false, true)));
        Source from = ((Output.Deliver) outputs.get(0)).from();
        assertEquals(List.of(new Output.Send(1,
                new SpreadMessage.Held(List.of(data.hash(News.KEY))))),
                handle(new Input.Happened(new Event.Refused(data, from, Refusal.EXISTS))));
        assertEquals(0, gossip.judgingBytes());
    }

    @Test
    void aLoserIsAnsweredWithTheWinnerAndIsNoFault() {
        linkUp(1, LARGER);
        Data winner = News.data("id", "raw", NOW - 5);
        Data loser = News.data("id", "raw", NOW);
        store.merge(winner);
        for (int i = 0; i < 2 * OverlayLimits.MAX_FAULTS; i++) {
            Source from = push(1, loser, 0);
            List<Output> outputs = handle(new Input.Happened(new Event.Refused(loser, from,
                    Refusal.LOST)));
            assertEquals(winner, ((SpreadMessage.Push) sent(outputs, 1).get(0)).data());
        }
        assertEquals(1, gossip.peerCount());
        assertEquals(0, gossip.judgingBytes());
    }

    @Test
    void aPeerThatSendsFakesIsShutOutForAWhile() {
        linkUp(1, LARGER);
        for (int i = 1; i <= OverlayLimits.MAX_FAULTS; i++) {
            assertEquals(1, gossip.peerCount(), "before fault " + i);
            Data fake = Data.of("id" + i, "raw", "fake", NOW);
            Source from = push(1, fake, 0);
            handle(new Input.Happened(new Event.Refused(fake, from, Refusal.INVALID)));
        }
        assertEquals(0, gossip.peerCount());
        linkUp(2, LARGER);
        assertEquals(0, gossip.peerCount(), "still shut out");
        clock.advance(OverlayLimits.SHUT_OUT_MS);
        linkUp(3, LARGER);
        assertEquals(1, gossip.peerCount());
    }

    @Test
    void aRecordTooLargeForTheRoomThatIsLeftIsNotAskedForAgainAtOnce() {
        linkUp(1, LARGER);
        Data large = News.data("id", "large", NOW);
        RepairMessage.Offer offer = new RepairMessage.Offer(List.of(view.hash(large)));
        assertEquals(List.of(0), wants(offer));
        handle(new Input.Happened(new Event.Refused(large, push(1, large, 0), Refusal.FULL)));
        assertEquals(List.of(), wants(offer));
        clock.advance(Judging.REFUSED_MS);
        assertEquals(List.of(0), wants(offer));
    }

    @Test
    void anUntrustedRecordIsAskedForOnceNewKeysMayJudgeIt() {
        linkUp(1, LARGER);
        Data data = News.data("id", "raw", NOW);
        RepairMessage.Offer offer = new RepairMessage.Offer(List.of(view.hash(data)));
        untrusted(data, push(1, data, 0));
        assertEquals(List.of(), wants(offer));
        handle(new Input.Happened(new Event.KeysChanged()));
        assertEquals(List.of(0), wants(offer));
        Source byOldKeys = push(1, data, 0);
        handle(new Input.Happened(new Event.KeysChanged()));
        untrusted(data, byOldKeys);
        assertEquals(List.of(0), wants(offer), "its verdict may be of the keys before");
        untrusted(data, push(1, data, 0));
        assertEquals(List.of(), wants(offer), "its verdict is of the new keys");
    }

    private void untrusted(Data data, Source from) {
        handle(new Input.Happened(new Event.Refused(data, from, Refusal.UNTRUSTED)));
    }

        private List<Integer> wants(RepairMessage.Offer offer) {
        return sent(handle(new Input.Got(1, offer)), 1).stream()
                .filter(RepairMessage.Want.class::isInstance).map(RepairMessage.Want.class::cast)
                .findFirst().orElseThrow().places();
    }

    @Test
    void aFullNodeWantsNothing() {
        linkUp(1, LARGER);
        fillUp();
        Data data = News.data("id", "raw", NOW);
        assertEquals(List.of(), wants(new RepairMessage.Offer(List.of(view.hash(data)))));
    }

    @Test
    void aFullPeerGetsNoPushesUntilItHasRoom() {
        settled(1, LARGER);
        handle(new Input.Got(1, heartbeat(NOW, true)));
        Event accepted = new Event.Accepted(News.data("id", "raw", NOW), Source.CLIENT);
        assertEquals(List.of(), handle(new Input.Happened(accepted)));
        assertEquals(1, compares(handle(new Input.Got(1, heartbeat(NOW, false))), 1));
    }
}
