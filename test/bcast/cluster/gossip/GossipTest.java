package bcast.cluster.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Log;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.repair.RepairMessage;
import bcast.eventbus.Event;
import bcast.storage.Position;
import bcast.storage.Sketch;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** One state machine alone: readiness, clocks, and leaving. */
final class GossipTest extends OneNode {

    private static boolean ready(List<? extends Output> outputs) {
        return outputs.contains(new Output.Health("sync", Optional.empty()));
    }

    @Test
    void whoIsBeingFilledIsNotReadyByTheRoundOfAnother() {
        assertTrue(sent(linkUp(1, SMALLER), 1).stream()
                .anyMatch(m -> m instanceof RepairMessage.AskAll));
        linkUp(2, LARGER);
        RepairMessage.Compare compare = new RepairMessage.Compare(1, 0, Long.MAX_VALUE,
                new Sketch(1).cell(0));
        assertEquals(new RepairMessage.Cells(0, List.of()),
                sent(handle(new Input.Got(2, compare)), 2).get(0));
        assertFalse(ready(handle(new Input.Got(2, new RepairMessage.Done(1)))));
        assertFalse(ready(during(1_000, Output.Health.class)));
        handle(new Input.Got(1, new RepairMessage.Answered(0, Optional.empty())));
        handle(new Input.Got(1, new RepairMessage.Cells(0, List.of())));
        assertFalse(ready(during(500, Output.Health.class)), "the other is being filled as well");
    }

    @Test
    void whoIsEmptyLikeItsFirstPeerWaitsForOthersALittle() {
        linkUp(1, SMALLER);
        handle(new Input.Got(1, new RepairMessage.Answered(0, Optional.empty())));
        handle(new Input.Got(1, new RepairMessage.Same()));
        assertFalse(ready(during(Readiness.ALONE_MS - 100, Output.Health.class)));
        assertTrue(ready(during(200, Output.Health.class)));
    }

    @Test
    void aloneItIsReadyAfterTwoSecondsWithAPeerAfterTheFirstRound() {
        List<Output.Health> health = during(2_000, Output.Health.class);
        assertEquals(Optional.empty(), health.get(health.size() - 2).problem());

        Gossip second = new Gossip(new NodeSettings(ME, "c", NOWHERE, 1, DAY_MS, 300_000,
                "md5"), view, new Random(1), new Now(0, NOW));
        List<Output> outputs = new ArrayList<>();
        outputs.addAll(second.handle(new Input.Opened(1, Optional.empty(), "1", News.KEY),
                new Now(0, NOW)));
        outputs.addAll(second.handle(new Input.Got(1, hello(LARGER)), new Now(0, NOW)));
        for (int ms = 0; ms < 4_000; ms += 100) {
            outputs.addAll(second.handle(new Input.Tick(), new Now(ms, NOW)));
        }
        assertEquals("the first sync with a peer is under way", lastSync(outputs).orElseThrow());
        second.handle(new Input.Got(1, new RepairMessage.Answered(0, Optional.empty())),
                new Now(4_000, NOW));
        second.handle(new Input.Got(1, new RepairMessage.Same()), new Now(4_000, NOW));
        outputs.addAll(second.handle(new Input.Tick(), new Now(4_100, NOW)));
        assertEquals(Optional.empty(), lastSync(outputs));
    }

    private static Optional<String> lastSync(List<Output> outputs) {
        return outputs.stream().filter(o -> o instanceof Output.Health h
                && h.part().equals("sync")).map(o -> ((Output.Health) o).problem())
                .reduce((a, b) -> b).orElseThrow();
    }

    @Test
    void aClockOffMostPeersIsSaid() {
        linkUp(1, LARGER);
        linkUp(2, SMALLER);
        handle(new Input.Got(1, heartbeat(NOW + 400_000, false)));
        assertTrue(clockProblems().isEmpty(), "one peer alone may be the wrong one");
        handle(new Input.Got(2, heartbeat(NOW + 400_000, false)));
        assertEquals(1, clockProblems().size());
        handle(new Input.Got(1, heartbeat(clock.wallMs(), false)));
        handle(new Input.Got(2, heartbeat(clock.wallMs(), false)));
        assertTrue(clockProblems().isEmpty());
    }

    private Optional<String> lastNote(List<Output.Note> notes) {
        return notes.get(notes.size() - 1).note();
    }

    private long warnings(String text, List<Output> outputs) {
        return outputs.stream().filter(o -> o instanceof Output.WriteLog line
                && line.level() == Log.Level.WARN && line.text().contains(text)).count();
    }

    @Test
    void aPeerWhoseClockIsOffIsNotedAndLoggedOnceUntilItIsRight() {
        linkUp(1, LARGER);
        handle(new Input.Got(1, heartbeat(clock.wallMs() + 300_000, false)));
        assertEquals(Optional.empty(), lastNote(during(1_100, Output.Note.class)), "the limit");
        long warned = 0;
        for (int i = 0; i < 100; i++) {
            clock.advance(Gossip.TICK_MS);
            handle(new Input.Alive(1));
            handle(new Input.Got(1, heartbeat(clock.wallMs() - 301_000, false)));
            warned += warnings("", gossip.handle(new Input.Tick(),
                    new Now(clock.steadyMs(), clock.wallMs())));
        }
        assertEquals(1, warned);
        assertEquals(301_000, gossip.clocksApartMs(new Now(clock.steadyMs(), clock.wallMs())));
        handle(new Input.Happened(new Event.Broadcast()));
        List<Output> outputs = during(1_100, Output.class);
        assertEquals("the clock of peer 00000000 at 10.0.0.1:5000 is 301s behind this node's, "
                + "more than -maxskew=5m allows: until both are right the two may hold different "
                + "records; synchronize the clocks of all hosts, for example by NTP",
                lastNote(outputs.stream().filter(Output.Note.class::isInstance)
                        .map(Output.Note.class::cast).toList()).orElseThrow());
        assertTrue(outputs.contains(new Output.Health("clock", Optional.empty())), "posts go on");
        handle(new Input.Got(1, heartbeat(clock.wallMs(), false)));
        assertEquals(Optional.empty(), lastNote(during(1_100, Output.Note.class)));
    }

    @Test
    void ofSeveralPeersWhoseClocksAreOffTheFurthestIsNamed() {
        for (int link = 1; link <= 4; link++) {
            linkUp(link, new NodeId(100 + link, 1));
            handle(new Input.Got(link, heartbeat(clock.wallMs()
                    + (link <= 2 ? link * 400_000 : 0), false)));
        }
        assertTrue(lastNote(during(1_100, Output.Note.class)).orElseThrow().startsWith(
                "the clock of peer 00000000 at 10.0.0.2:5000 is 800s ahead of this node's, more "
                + "than -maxskew=5m allows (2 peers' clocks are off)"));
        handle(new Input.Closed(3, "broken"));
        assertEquals(Optional.empty(), lastNote(during(1_100, Output.Note.class)),
                "with most peers' clocks off, this node's own is the problem");
    }

    private long clocksRight(List<Output> outputs) {
        return outputs.stream().filter(o -> o instanceof Output.WriteLog line
                && line.text().contains("no linked peer's clock is off by")).count();
    }

    /** All that is put out during a time, log lines included. */
    private List<Output> all(long ms) {
        List<Output> outputs = new ArrayList<>();
        for (long end = clock.steadyMs() + ms; clock.steadyMs() < end; ) {
            clock.advance(Gossip.TICK_MS);
            gossip.neighbours().forEach(link -> handle(new Input.Alive(link)));
            outputs.addAll(gossip.handle(new Input.Tick(),
                    new Now(clock.steadyMs(), clock.wallMs())));
        }
        return outputs;
    }

    @Test
    void theLogCallsNoClocksRightWhileThisNodesOwnIsWrong() {
        linkUp(1, LARGER);
        handle(new Input.Got(1, heartbeat(clock.wallMs() + 400_000, false)));
        assertEquals(1, warnings("the clock of peer", all(1_100)));
        linkUp(2, SMALLER);
        handle(new Input.Got(2, heartbeat(clock.wallMs() + 400_000, false)));
        List<Output> outputs = all(2 * Readiness.CLOCKS_SAY_MS);
        assertEquals(1, warnings("this node's clock is", outputs));
        assertEquals(0, outputs.stream().filter(o -> o instanceof Output.WriteLog line
                && line.text().contains("-maxskew") && line.level() == Log.Level.INFO).count());
        handle(new Input.Got(1, heartbeat(clock.wallMs(), false)));
        handle(new Input.Got(2, heartbeat(clock.wallMs(), false)));
        assertEquals(1, clocksRight(all(2 * Readiness.CLOCKS_SAY_MS)));
    }

    @Test
    void whereThePeerWhoseClockWasOffLeavesTheLogCallsNoClockRight() {
        linkUp(1, LARGER);
        handle(new Input.Got(1, heartbeat(clock.wallMs() + 400_000, false)));
        assertEquals(1, warnings("the clock of peer", all(1_100)));
        handle(new Input.Closed(1, "broken"));
        assertEquals(1, clocksRight(all(Readiness.CLOCKS_SAY_MS)));
    }

    @Test
    void aClockOfThisNodeThatIsSetRightIsRightAtOnceForAllPeers() {
        linkUp(1, LARGER);
        handle(new Input.Got(1, heartbeat(clock.wallMs() + 600_000, false)));
        assertTrue(lastNote(during(1_100, Output.Note.class)).isPresent());
        clock.jump(600_000);
        assertEquals(Optional.empty(), lastNote(during(1_100, Output.Note.class)));
    }

    private List<String> clockProblems() {
        handle(new Input.Alive(1));
        handle(new Input.Alive(2));
        return during(1_100, Output.Health.class).stream()
                .filter(h -> h.part().equals("clock")).flatMap(h -> h.problem().stream()).toList();
    }

    @Test
    void leavesPolitelyOnceAPeerHasEverything() {
        settled(1, LARGER);
        assertEquals(1, compares(handle(new Input.Leave()), 1));
        assertFalse(gossip.left());
        assertEquals(List.of(new Output.Send(1, new RepairMessage.Done(2)),
                new Output.Send(1, new LinkMessage.Bye("stopped", false)), new Output.Close(1)),
                handle(new Input.Got(1, new RepairMessage.Same())));
        assertTrue(gossip.left());
    }

    @Test
    void aNodeWithoutRecordsLeavesAtOnceAndWarnsOfNothing() {
        linkUp(1, LARGER);
        List<Output> outputs = gossip.handle(new Input.Leave(),
                new Now(clock.steadyMs(), clock.wallMs()));
        outputs.addAll(gossip.handle(new Input.Got(1,
                new LinkMessage.Bye("it stops as well", false)),
                new Now(clock.steadyMs(), clock.wallMs())));
        assertTrue(gossip.left());
        assertTrue(sent(outputs, 1).contains(new LinkMessage.Bye("stopped", false)));
        assertEquals(0, warnings("", outputs));
    }

    @Test
    void aDialThatSucceedsAfterTheNodeLeftIsClosed() {
        handle(new Input.Leave());
        assertTrue(gossip.left());
        assertEquals(List.of(new Output.Close(1)), handle(new Input.Opened(1,
                Optional.of(new Address("10.0.0.1", 7)), "10.0.0.1", News.KEY)));
    }

    @Test
    void aNodeWhosePeerConfirmsNothingWarns() {
        store.merge(News.data("id", "raw", NOW));
        linkUp(1, LARGER);
        List<Output> outputs = gossip.handle(new Input.Leave(),
                new Now(clock.steadyMs(), clock.wallMs()));
        outputs.addAll(gossip.handle(new Input.Got(1,
                new LinkMessage.Bye("it stops as well", false)),
                new Now(clock.steadyMs(), clock.wallMs())));
        assertEquals(1, warnings("left before a peer confirmed", outputs));
    }

    @Test
    void leavesAllTheSameWhenThePeerDoesNotAnswer() {
        settled(1, LARGER);
        handle(new Input.Leave());
        assertEquals(List.of(new Output.Close(1)),
                during(Gossip.HAND_OVER_MS, Output.Close.class));
    }

    @Test
    void aloneItLeavesAtOnce() {
        handle(new Input.Leave());
        assertTrue(gossip.left());
    }

    @Test
    void whoAsksTooMuchIsNotAnswered() {
        settled(1, LARGER);
        Message ask = new RepairMessage.AskAll(Position.START);
        long answers = 0;
        for (int i = 0; i < 2 * MessageRouter.QUESTIONS_A_SECOND; i++) {
            answers += sent(handle(new Input.Got(1, ask)), 1).stream()
                    .filter(m -> m instanceof RepairMessage.Answered).count();
        }
        assertEquals(MessageRouter.QUESTIONS_A_SECOND, answers);
        clock.advance(1_000);
        assertEquals(2, sent(handle(new Input.Got(1, ask)), 1).size());
    }
}
