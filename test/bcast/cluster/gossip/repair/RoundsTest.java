package bcast.cluster.gossip.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.GossipLimits;
import bcast.cluster.gossip.OneNode;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
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
import org.junit.jupiter.api.Test;

/** Rounds of one node with the peers that the test plays. */
final class RoundsTest extends OneNode {

    @Test
    void anEmptyNodeAsksForEverything() {
        List<Message> sent = sent(linkUp(1, LARGER), 1);
        assertEquals(new LinkMessage.Heartbeat(0, -1, 0, NOW, sentHash(sent), false, false, false,
                false, 1, 0),
                sent.get(1));
        assertEquals(new RepairMessage.AskAll(Position.START), sent.get(2));
        assertEquals(3, sent.size());
        assertEquals(1, gossip.peerCount());
    }

    @Test
    void largeSketchesAreMadeSeldomWhoeverAsks() {
        store.merge(News.data("held", "raw", NOW));
        linkUp(1, SMALLER);
        linkUp(2, LARGER);
        RepairMessage.AskCells ask = new RepairMessage.AskCells(SketchReader.LARGE_CELLS, 0, 10,
                0,
                Long.MAX_VALUE);
        assertEquals(10, cells(handle(new Input.Got(1, ask)), 1));
        assertEquals(0, cells(handle(new Input.Got(2, ask)), 2));
        handle(new Input.Got(1, new RepairMessage.Done(1)));
        clock.advance(RoundResponder.LARGE_EVERY_MS);
        assertEquals(10, cells(handle(new Input.Got(2, ask)), 2));
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
        assertEquals(0, compares(during(RoundInitiator.HAND_OVER_STALL_MS - 60, Output.class), 2));
        assertEquals(1, compares(during(2 * GossipLimits.TICK_MS, Output.class), 2));
    }

    @Test
    void whoWantsTheSameTwiceIsNotServed() {
        Data data = News.data("held", "raw", NOW - RoundInitiator.YOUNG_MS);
        store.merge(data);
        linkUp(2, LARGER);
        Sketch none = new Sketch(StoreView.PREFIX_CELLS);
        none.toggle(view.hash(News.data("other", "raw", NOW - RoundInitiator.YOUNG_MS)), 1);
        List<Sketch.Cell> cells = new ArrayList<>();
        for (int i = 0; i < SketchReader.FIRST_CELLS; i++) {
            cells.add(none.cell(i));
        }
        List<Output> asked = handle(new Input.Got(2, new RepairMessage.Cells(0, cells)));
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

    /** A peer is up, has begun a round, and asks for cells. */
    private void askedFor(int size, int from, int count) {
        store.merge(News.data("held", "raw", NOW));
        linkUp(1, SMALLER);
        handle(new Input.Got(1, new RepairMessage.Compare(1, 0, Long.MAX_VALUE,
                new Sketch(1).cell(0))));
        handle(new Input.Got(1, new RepairMessage.AskCells(size, from, count, 0, Long.MAX_VALUE)));
    }

    private void waitsForLong() {
        for (long ms = 1_000; ms < RoundInitiator.LARGE_STALL_MS; ms += 1_000) {
            assertEquals(0, compares(during(1_000, Output.Send.class), 1));
            handle(new Input.Got(1, heartbeat(clock.wallMs(), false)));
        }
        waitsForMs(1_000);
    }

    private void waitsForMs(long ms) {
        assertEquals(0, compares(during(ms - 100, Output.Send.class), 1));
        assertEquals(1, compares(during(200, Output.Send.class), 1));
    }

    @Test
    void whoIsAskedForTheEndOfASketchWaitsWhileTheOtherMakesALongerOne() {
        askedFor(StoreView.PREFIX_CELLS, 32, StoreView.PREFIX_CELLS - 32);
        waitsForLong();
    }

    @Test
    void whoIsAskedForALargeSketchWaitsWhileItMakesIt() {
        askedFor(SketchReader.LARGE_CELLS, 0, StoreView.PREFIX_CELLS);
        waitsForLong();
    }

    @Test
    void whoIsAskedForLessWaitsForAMomentOnly() {
        askedFor(StoreView.PREFIX_CELLS, 32, StoreView.PREFIX_CELLS - 33);
        waitsForMs(RoundSchedule.SECOND_MS);
    }

    @Test
    void onceTheLargeSketchIsReadAMomentIsEnoughAgain() {
        askedFor(SketchReader.LARGE_CELLS, 0, StoreView.PREFIX_CELLS);
        handle(new Input.Got(1,
                new RepairMessage.AskCells(SketchReader.LARGE_CELLS, StoreView.PREFIX_CELLS,
                StoreView.PREFIX_CELLS, 0, Long.MAX_VALUE)));
        waitsForMs(RoundSchedule.SECOND_MS);
    }

    @Test
    void aSketchOfAnotherSizeIsNotWaitedFor() {
        askedFor(7, StoreView.PREFIX_CELLS, 1);
        waitsForMs(RoundSchedule.SECOND_MS);
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

    /**
     * Answers all questions of a round by cells that tell nothing; a sketch of more cells than a
     * number is put off. Returns what the round sent.
     */
    private List<Message> answeredByNoise(List<Output> begun, int most) {
        return answeredByNoise(begun, most, false);
    }

    /** The same, or up to the question for more cells than that. */
    private List<Message> answeredByNoise(List<Output> begun, int most, boolean untilMore) {
        List<Message> all = new ArrayList<>();
        Random random = new Random(7);
        List<Message> asked = sent(begun, 1);
        assertTrue(asked.stream().anyMatch(m -> m instanceof RepairMessage.Compare));
        int from = 0;
        for (int answers = 0; answers < 200 && !asked.isEmpty(); answers++) {
            all.addAll(asked);
            for (Message message : asked) {
                from = message instanceof RepairMessage.AskCells ask ? ask.from() : from;
            }
            int size = asked.stream().mapToInt(m -> m instanceof RepairMessage.AskCells ask
                    ? ask.size() : 0).max().getAsInt();
            List<Sketch.Cell> cells = new ArrayList<>();
            for (int i = 0; i < SketchReader.FIRST_CELLS && size <= most; i++) {
                cells.add(new Sketch.Cell(new Hash128(random.nextLong(), random.nextLong()),
                        random.nextInt(), 9));
            }
            if (size > most && untilMore) {
                return all;
            }
            int at = size <= most ? from : size;
            asked = sent(handle(new Input.Got(1, new RepairMessage.Cells(at, cells))), 1);
        }
        return all;
    }

    @Test
    void aRoundThatIsPutOffTellsNobodyThatItIsComplete() {
        settled(1, LARGER);
        rush();
        List<Message> sent = answeredByNoise(
                handle(new Input.Happened(new Event.Broadcast())), Integer.MAX_VALUE);
        assertTrue(sent.stream().noneMatch(m -> m instanceof RepairMessage.Done
                || m instanceof RepairMessage.Summary), () -> "sent " + sent);
        assertTrue(sent.stream().noneMatch(m -> m instanceof RepairMessage.AskCells ask
                && ask.size() > StoreView.PREFIX_CELLS), () -> "sent " + sent);
    }

    private RepairMessage.Cells longSketch() {
        return (RepairMessage.Cells) sent(handle(new Input.Got(1, new RepairMessage.AskCells(
                SketchReader.LARGE_CELLS, 0, SketchReader.FIRST_CELLS, 0, Long.MAX_VALUE))), 1)
                .get(0);
    }

    @Test
    void aNodeInARushMakesNoLongSketchUnlessAskedAgain() {
        settled(1, LARGER);
        rush();
        assertEquals(new RepairMessage.Cells(SketchReader.LARGE_CELLS, List.of()), longSketch());
        assertEquals(SketchReader.FIRST_CELLS, longSketch().cells().size());
    }

    @Test
    void aNodeThatIsCalmMakesLongSketches() {
        settled(1, LARGER);
        rush();
        during(HighLoad.CALM_MS, Output.class);
        assertEquals(SketchReader.FIRST_CELLS, longSketch().cells().size());
    }

    @Test
    void aLongSketchIsWaitedForAndANodeThatStoodStillDoesNotBlameThePeer() {
        settled(1, LARGER);
        answeredByNoise(handle(new Input.Happened(new Event.Broadcast())),
                StoreView.PREFIX_CELLS, true);
        assertEquals(0, comparesOfALink(RoundInitiator.STALL_MS + 1_000));
        clock.advance(RoundInitiator.LARGE_STALL_MS);
        assertEquals(0, comparesOfALink(1_000));
        assertEquals(1, comparesOfALink(RoundInitiator.LARGE_STALL_MS - RoundInitiator.STALL_MS));
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
    void whoWasPutOffForLongInsists() {
        settled(1, LARGER);
        List<Output> round = handle(new Input.Happened(new Event.Broadcast()));
        boolean insisted = false;
        for (int ms = 0; ms < HighLoad.LONGEST_MS + 5_000 && !insisted; ms += 100) {
            if (sent(round, 1).stream().anyMatch(m -> m instanceof RepairMessage.Compare)) {
                List<Message> sent = answeredByNoise(round, StoreView.PREFIX_CELLS);
                insisted = sent.stream().anyMatch(m -> m instanceof RepairMessage.Summary);
                assertEquals(insisted ? 2 : 1, sent.stream().filter(m -> m
                        instanceof RepairMessage.AskCells ask && ask.size()
                        == SketchReader.LARGE_CELLS)
                        .count());
                assertEquals(ms >= HighLoad.LONGEST_MS, insisted);
            }
            round = new ArrayList<>(during(100, Output.class));
        }
        assertTrue(insisted);
    }

    @Test
    void aPeerWithNoTimeForALongSketchIsAskedAgainLater() {
        settled(1, LARGER);
        List<Message> sent = answeredByNoise(
                handle(new Input.Happened(new Event.Broadcast())), StoreView.PREFIX_CELLS);
        assertTrue(sent.stream().anyMatch(m -> m instanceof RepairMessage.AskCells ask
                && ask.size() == SketchReader.LARGE_CELLS), () -> "sent " + sent);
        assertTrue(sent.stream().noneMatch(m -> m instanceof RepairMessage.Done
                || m instanceof RepairMessage.Summary), () -> "sent " + sent);
        assertEquals(1, compares(during(3_000, Output.Send.class), 1));
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
        assertEquals(0, compares(during(RoundInitiator.STALL_MS, Output.Send.class), 1));
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
    void aCursorThatDoesNotAdvanceEndsTheRound() {
        linkUp(1, LARGER);
        handle(new Input.Got(1, new RepairMessage.Answered(1, Optional.of(new Position(5, "a")))));
        handle(new Input.Got(1, new RepairMessage.Answered(1, Optional.of(new Position(5, "a")))));
        assertEquals(List.of(), handle(new Input.Got(1,
                new RepairMessage.Answered(1, Optional.of(new Position(6, "a"))))));
    }
}
