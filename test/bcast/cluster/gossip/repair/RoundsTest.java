package bcast.cluster.gossip.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.GossipLimits;
import bcast.cluster.gossip.OneNode;
import bcast.cluster.gossip.link.Fault;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.eventbus.Event;
import bcast.eventbus.Source;
import bcast.storage.Position;
import bcast.storage.Sketch;
import bcast.storage.StoreView;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rounds of one node with the peers that the test plays. */
final class RoundsTest extends OneNode {

    @Test
    void anEmptyNodeAsksForEverything() {
        List<Message> sent = sent(linkUp(1, LARGER), 1);
        assertEquals(new LinkMessage.Heartbeat(0, -1, 0, NOW, sentHash(sent), false, false, false,
                false, 1, 0), sent.get(1));
        assertEquals(new RepairMessage.AskAll(Position.START), sent.get(2));
        assertEquals(3, sent.size());
        assertEquals(1, gossip.peerCount());
    }

    @Test
    void largeSketchesAreMadeSeldomWhoeverAsks() {
        store.merge(News.data("held", "raw", NOW));
        linkUp(1, SMALLER);
        linkUp(2, LARGER);
        RepairMessage.AskCells ask = new RepairMessage.AskCells(Comparison.LARGE_CELLS, 0, 10,
                0, Long.MAX_VALUE);
        assertEquals(10, cells(handle(new Input.Got(1, ask)), 1));
        assertEquals(0, cells(handle(new Input.Got(2, ask)), 2));
        handle(new Input.Got(1, new RepairMessage.Done(1)));
        clock.advance(RoundResponder.LARGE_EVERY_MS);
        assertEquals(10, cells(handle(new Input.Got(2, ask)), 2));
    }

    /** The first cells of a peer that holds one record. */
    private Message firstCells(Data held) {
        Sketch sketch = new Sketch(Comparison.FIRST_CELLS);
        sketch.toggle(view.hash(held), 1);
        return new RepairMessage.Cells(0,
                IntStream.range(0, sketch.cells()).mapToObj(sketch::cell).toList());
    }

    private static int cells(List<Output> outputs, int link) {
        return sent(outputs, link).stream().filter(RepairMessage.Cells.class::isInstance)
                .map(RepairMessage.Cells.class::cast).findFirst().orElseThrow().cells().size();
    }

    @Test
    void whoLeavesTriesAnotherPeerIfOneDoesNotAnswer() {
        store.merge(News.data("held", "raw", NOW));
        linkUp(1, SMALLER);
        linkUp(2, LARGER);
        assertEquals(1, compares(handle(new Input.Leave()), 1));
        assertEquals(0, compares(during(RoundPace.HAND_OVER_STALL_MS - 60, Output.class), 2));
        assertEquals(1, compares(during(2 * GossipLimits.TICK_MS, Output.class), 2));
    }

    @Test
    void aQuestionOfThePeersOwnRoundPutsOffNoHandOver() {
        assertHandsOverSoonAfter(new RepairMessage.AskCells(StoreView.PREFIX_CELLS, 32, 10, 0,
                Long.MAX_VALUE));
    }

    @Test
    void theEndOfThePeersOwnRoundCancelsNoHandOver() {
        assertHandsOverSoonAfter(new RepairMessage.Done(7));
    }

    private void assertHandsOverSoonAfter(Message late) {
        store.merge(News.data("held", "raw", NOW));
        linkUp(1, SMALLER);
        handle(new Input.Got(1, new RepairMessage.Compare(7, 0, Long.MAX_VALUE,
                new Sketch(1).cell(0))));
        assertEquals(1, compares(handle(new Input.Leave()), 1));
        assertEquals(0, compares(during(RoundPace.HAND_OVER_STALL_MS + GossipLimits.TICK_MS,
                Output.class), 1));
        handle(new Input.Got(1, late));
        assertEquals(1, compares(during(300, Output.class), 1));
    }

    @Test
    void aHandOverIsTriedAgainAfterNonsense() {
        store.merge(News.data("held", "raw", NOW - RoundInitiator.YOUNG_MS));
        linkUp(1, SMALLER);
        assertEquals(1, compares(handle(new Input.Leave()), 1));
        Data other = News.data("other", "raw", NOW - RoundInitiator.YOUNG_MS);
        assertTrue(sent(handle(new Input.Got(1, firstCells(other))), 1).stream()
                .anyMatch(m -> m instanceof RepairMessage.Offer));
        handle(new Input.Got(1, new RepairMessage.Want(List.of(0, 0))));
        assertEquals(1, compares(during(300, Output.class), 1));
    }

    @Test
    void whoWantsTheSameTwiceIsNotServed() {
        Data data = News.data("held", "raw", NOW - RoundInitiator.YOUNG_MS);
        store.merge(data);
        linkUp(2, LARGER);
        Data other = News.data("other", "raw", NOW - RoundInitiator.YOUNG_MS);
        List<Output> asked = handle(new Input.Got(2, firstCells(other)));
        assertTrue(sent(asked, 2).stream().anyMatch(m -> m instanceof RepairMessage.AskRecords));
        List<Output> offered = handle(new Input.Got(2,
                new RepairMessage.Answered(1, Optional.empty())));
        assertTrue(sent(offered, 2).contains(new RepairMessage.Offer(List.of(view.hash(data)))));
        List<Output> pushed = handle(new Input.Got(2, new RepairMessage.Want(List.of(0, 0))));
        assertTrue(sent(pushed, 2).stream().noneMatch(m -> m instanceof SpreadMessage.Push));
    }

    @Test
    void theEndOfARoundMayComeAfterTheNextBegan() {
        store.merge(News.data("held", "raw", NOW));
        linkUp(1, SMALLER);
        handle(new Input.Got(1, new RepairMessage.Compare(7, 0, Long.MAX_VALUE,
                new Sketch(1).cell(0))));
        handle(new Input.Got(1, new RepairMessage.Compare(8, 0, Long.MAX_VALUE,
                new Sketch(1).cell(0))));
        handle(new Input.Got(1, new RepairMessage.Done(7)));
        Message more = new RepairMessage.AskCells(StoreView.PREFIX_CELLS, 32, 10, 0,
                Long.MAX_VALUE);
        assertEquals(10, cells(handle(new Input.Got(1, more)), 1));
        handle(new Input.Got(1, new RepairMessage.Done(8)));
        assertEquals(0, cells(handle(new Input.Got(1, more)), 1));
    }

    @Test
    void aDroppedBacklogOfRecordsThatAreGoneLeadsToARound() {
        settled(1, LARGER);
        handle(new Input.Overflowed(1, Optional.of(News.data("id", "raw", NOW))));
        assertEquals(1, compares(during(200, Output.Send.class), 1));
    }

    @Test
    void whoIsAskedWaitsForAsLongAsALargeSketchMayTakeThePeer() {
        store.merge(News.data("held", "raw", NOW));
        linkUp(1, SMALLER);
        handle(new Input.Got(1, new RepairMessage.Compare(1, 0, Long.MAX_VALUE,
                new Sketch(1).cell(0))));
        assertEquals(0, comparesOfALink(RoundPace.LARGE_STALL_MS - 1_000));
        assertEquals(1, comparesOfALink(1_100));
    }

    private void rush() {
        for (int second = 0; second < 2; second++) {
            for (int i = 0; i < HighLoad.MANY; i++) {
                handle(new Input.Happened(new Event.Accepted(
                        News.data("id" + i, "raw", NOW), new Source("peer", 1 << 20))));
            }
            during(1_000, Output.class);
        }
    }

    /** Answers the questions of a round by cells that show nothing. Returns all questions. */
    private List<Message> answeredByNoise(List<Output> outputs) {
        List<Message> all = new ArrayList<>();
        Random random = new Random(7);
        List<Message> sent = sent(outputs, 1);
        while (true) {
            all.addAll(sent);
            Optional<RepairMessage.AskCells> ask = askedCells(sent);
            int from = ask.map(RepairMessage.AskCells::from).orElse(0);
            boolean begins = sent.stream().anyMatch(m -> m instanceof RepairMessage.Compare);
            if (ask.isEmpty() && !begins
                    || ask.isPresent() && from == 0 && all.size() > sent.size()) {
                return all;
            }
            List<Sketch.Cell> cells = new ArrayList<>();
            for (int i = 0; i < ask.map(RepairMessage.AskCells::count).orElse(32); i++) {
                cells.add(new Sketch.Cell(new Hash128(random.nextLong(), random.nextLong()),
                        random.nextInt(), 9));
            }
            sent = sent(handle(new Input.Got(1, new RepairMessage.Cells(from, cells))), 1);
        }
    }

    private static Optional<RepairMessage.AskCells> askedCells(List<Message> sent) {
        return sent.stream().filter(RepairMessage.AskCells.class::isInstance)
                .map(RepairMessage.AskCells.class::cast).reduce((first, last) -> last);
    }

    private static boolean asksLarge(List<Message> sent) {
        return askedCells(sent).filter(ask -> ask.size() == Comparison.LARGE_CELLS).isPresent();
    }

    private static boolean sends(List<Message> sent, Class<? extends Message> kind) {
        return sent.stream().anyMatch(kind::isInstance);
    }

    @Test
    void underHighLoadARoundBeginsAnewInsteadOfAskingForALargeSketch() {
        settled(1, LARGER);
        rush();
        List<Message> sent = answeredByNoise(handle(new Input.Happened(new Event.Broadcast())));
        assertFalse(asksLarge(sent) || sends(sent, RepairMessage.Summary.class), () -> "" + sent);
        assertFalse(sends(sent, RepairMessage.Done.class), "the stores were not compared");
        assertEquals(1, compares(during(3_000, Output.Send.class), 1));
    }

    @Test
    void aLargeSketchIsReadToTheEndAlthoughTheLoadTurnsHigh() {
        settled(1, LARGER);
        assertTrue(asksLarge(answeredByNoise(handle(new Input.Happened(new Event.Broadcast())))));
        rush();
        RepairMessage.Cells noise = new RepairMessage.Cells(0, List.of(new Sketch.Cell(
                new Hash128(1, 1), 1, 9)));
        List<Output> next = handle(new Input.Got(1, noise));
        List<Message> sent = answeredByNoise(next);
        assertTrue(sends(sent, RepairMessage.Summary.class), () -> "last " + sent.get(
                sent.size() - 1));
    }

    @Test
    void aPeerThatComparesNothingIsNotToldThatTheRoundIsComplete() {
        settled(1, LARGER);
        for (List<Sketch.Cell> cells : List.of(List.<Sketch.Cell>of(),
                List.of(new Sketch(1).cell(0)))) {
            List<Output> begun = handle(new Input.Happened(new Event.Broadcast()));
            assertEquals(1, compares(begun, 1));
            List<Output> outputs = handle(new Input.Got(1, new RepairMessage.Cells(0, cells)));
            assertFalse(sends(sent(outputs, 1), RepairMessage.Done.class), "cells " + cells);
        }
    }

    /** A peer lacks the one record of this node, which leaves, and wants some of what it offers. */
    private List<Message> handsOver(List<Integer> wanted) {
        List<Output> outputs = handle(new Input.Got(1,
                firstCells(News.data("theirs", "raw", NOW))));
        outputs.addAll(handle(new Input.Got(1, new RepairMessage.Want(wanted))));
        return sent(outputs, 1);
    }

    @Test
    void aPeerThatTakesNoRecordHasNotTakenOver() {
        settled(1, LARGER);
        assertEquals(1, compares(handle(new Input.Leave()), 1));
        List<Message> sent = handsOver(List.of());
        assertTrue(sends(sent, RepairMessage.Offer.class));
        assertTrue(sends(sent, RepairMessage.Compare.class), "it may have come another way");
        handsOver(List.of());
        assertFalse(gossip.left(), "the peer lacks the record");
        assertEquals(1, compares(during(300, Output.Send.class), 1), "another round");
    }

    @Test
    void aPeerThatTookARecordAndStillLacksItHasNotTakenOver() {
        settled(1, LARGER);
        handle(new Input.Leave());
        assertTrue(sends(handsOver(List.of(0)), RepairMessage.Given.class));
        List<Output> again = handle(new Input.Got(1, new RepairMessage.Taken()));
        again.addAll(during(100, Output.class));
        assertEquals(1, compares(again, 1));
        assertFalse(gossip.left());
        handle(new Input.Got(1, new RepairMessage.Same()));
        assertTrue(gossip.left());
    }

    @Test
    void aLongSketchIsWaitedForAndANodeThatStoodStillDoesNotBlameThePeer() {
        settled(1, LARGER);
        answeredByNoise(handle(new Input.Happened(new Event.Broadcast())));
        assertEquals(0, comparesOfALink(RoundPace.STALL_MS + 1_000));
        clock.advance(RoundPace.LARGE_STALL_MS);
        assertEquals(0, comparesOfALink(1_000));
        assertEquals(1, comparesOfALink(RoundPace.LARGE_STALL_MS - RoundPace.STALL_MS));
    }

    /** How many rounds begin on a link that says that it lives, and nothing else. */
    private long comparesOfALink(long forMs) {
        long compares = 0;
        for (long ms = 0; ms < forMs; ms += 1_000) {
            compares += compares(during(1_000, Output.Send.class), 1);
            handle(new Input.Alive(1));
        }
        return compares;
    }

    @Test
    void lostEventsLeadToARound() {
        settled(1, LARGER);
        push(1, News.data("id", "raw", NOW), 0);
        assertTrue(gossip.judgingBytes() > 0);
        handle(new Input.Missed(3));
        assertEquals(0, gossip.judgingBytes());
        assertEquals(1, compares(during(200, Output.Send.class), 1));
    }

    @Test
    void aRoundWithoutAnAnswerIsBegunAgain() {
        store.merge(News.data("held", "raw", NOW));
        assertEquals(1, compares(linkUp(1, LARGER), 1));
        assertEquals(0, compares(during(RoundPace.STALL_MS, Output.Send.class), 1));
        assertEquals(1, compares(during(500, Output.Send.class), 1));
    }

    @Test
    void whoIsBeingFilledGoesOnWithAPeerThatWasEmptyOnce() {
        linkUp(1, SMALLER);
        handle(new Input.Got(1, new RepairMessage.Answered(0, Optional.empty())));
        handle(new Input.Got(1, new RepairMessage.Same()));
        Message askAll = new RepairMessage.AskAll(Position.START);
        assertTrue(sent(linkUp(2, LARGER), 2).contains(askAll));
        handle(new Input.Closed(2, "gone"));
        assertTrue(sent(during(500, Output.class), 1).contains(askAll));
    }

    @Test
    void whoHasNothingForARoundAsksForAllItself() {
        settled(1, LARGER);
        clock.advance(NOW + DAY_MS - 1_000 - clock.wallMs());
        Data young = News.data("young", "raw", clock.wallMs());
        Sketch one = new Sketch(1);
        one.toggle(view.hash(young), 1);
        long from = clock.wallMs() - DAY_MS + 2_000;
        Message compare = new RepairMessage.Compare(1, from, Long.MAX_VALUE, one.cell(0));
        List<Output> outputs = handle(new Input.Got(1, compare));
        assertEquals(1, compares(outputs, 1), "what it holds expires too soon for this round");
        assertEquals(0, compares(handle(new Input.Got(1, compare)), 1), "but not at once again");
    }

    @Test
    void theSmallerIdBeginsTheFirstRoundTheOtherOnlyIfItMust() {
        store.merge(News.data("held", "raw", NOW));
        assertEquals(1, compares(linkUp(1, LARGER), 1));
        handle(new Input.Got(1, new RepairMessage.Same()));
        assertEquals(0, compares(linkUp(2, SMALLER), 2));
        assertEquals(1, compares(during(2_000, Output.Send.class), 2));
        handle(new Input.Got(2, new RepairMessage.Same()));
        linkUp(3, new NodeId(2, 2));
        handle(new Input.Got(3, new RepairMessage.Done(1)));
        assertEquals(0, compares(during(2_000, Output.Send.class), 3));
    }

    @Test
    void aRoundLeavesOutWhatEitherSideTakesForExpired() {
        store.merge(News.data("id", "raw", NOW));
        long[][] offsets = {{0, 0}, {240_000, 240_000}, {-240_000, 0}, {300_000, 300_000},
            {300_001, 300_000}, {DAY_MS, 300_000}};
        int link = 0;
        for (long[] offset : offsets) {
            linkUp(++link, LARGER);
            handle(new Input.Got(link, new RepairMessage.Same()));
            handle(new Input.Got(link, heartbeat(clock.wallMs() + offset[0], false)));
            List<Output> outputs = handle(new Input.Happened(new Event.Broadcast()));
            RepairMessage.Compare compare = (RepairMessage.Compare) sent(outputs, link)
                    .stream().filter(RepairMessage.Compare.class::isInstance).findFirst()
                    .orElseThrow();
            assertEquals(2_000 + offset[1], compare.fromMs() - (clock.wallMs() - DAY_MS),
                    "offset " + offset[0]);
            handle(new Input.Got(link, new RepairMessage.Same()));
            handle(new Input.Closed(link, "broken"));
        }
    }

    @Test
    void aCursorThatDoesNotAdvanceEndsTheRoundAsAFaultAndNotAsAStall() {
        linkUp(1, LARGER);
        Input again = new Input.Got(1,
                new RepairMessage.Answered(1, Optional.of(new Position(5, "a"))));
        handle(again);
        List<Output> counted = gossip.handle(again, new Now(clock.steadyMs(), clock.wallMs()));
        assertTrue(counted.contains(new Output.Count(Fault.NONSENSE.counter())), "" + counted);
        assertFalse(counted.contains(new Output.Count(RepairCounts.ROUNDS_STALLED)), "" + counted);
        assertEquals(List.of(), handle(new Input.Got(1,
                new RepairMessage.Answered(1, Optional.of(new Position(6, "a"))))));
    }
}
