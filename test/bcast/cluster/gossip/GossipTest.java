package bcast.cluster.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Log;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.overlay.OverlayLimits;
import bcast.cluster.gossip.overlay.OverlayMessage;
import bcast.cluster.gossip.repair.RepairLimits;
import bcast.cluster.gossip.repair.RepairMessage;
import bcast.cluster.gossip.spread.SpreadLimits;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.eventbus.Event;
import bcast.eventbus.Refusal;
import bcast.eventbus.Source;
import bcast.storage.MapStorage;
import bcast.storage.Position;
import bcast.storage.Sketch;
import bcast.storage.StoreView;
import bcast.testing.News;
import bcast.testing.TestClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** One state machine alone: greetings, links, rounds. */
final class GossipTest extends OneNode {

    GossipTest() {
        super(0);
    }

    @Test
    void whoDialsGreetsFirst() {
        Address dialled = new Address("10.0.0.1", 7);
        List<Output> outputs = handle(new Input.Opened(1, Optional.of(dialled), "10.0.0.1",
                News.KEY));
        outputs.removeIf(o -> o instanceof Output.Health);
        assertEquals(List.of(new Output.Send(1, new LinkMessage.Hello(1, 1, "c", ME,
                new Address("", 4000), 8080, dialled, NOW, DAY_MS, "md5",
                LinkRole.NEIGHBOUR))), outputs);
    }

    @Test
    void whoIsDialledWaitsForTheGreeting() {
        assertEquals(List.of(), handle(new Input.Opened(1, Optional.empty(), "10.0.0.1",
                News.KEY)));
        List<Message> sent = sent(handle(new Input.Got(1, hello(LARGER))), 1);
        assertEquals(LinkRole.NEIGHBOUR, ((LinkMessage.Hello) sent.get(0)).role());
    }

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

    private static long sentHash(List<Message> sent) {
        return ((LinkMessage.Heartbeat) sent.get(1)).meshHash();
    }

    @Test
    void refusesWhoDoesNotFitAndSaysWhy() {
        String[][] cases = {{"cluster name differs: ours d, theirs c", "d", "" + DAY_MS, "md5"},
            {"retention differs: ours 5ms, theirs 24h", "c", "5", "md5"},
            {"validator differs: ours sha256, theirs md5", "c", "" + DAY_MS, "sha256"}};
        int link = 1;
        for (String[] each : cases) {
            handle(new Input.Opened(link, Optional.empty(), "10.0.0.9", News.KEY));
            List<Output> outputs = handle(new Input.Got(link,
                    hello(LARGER, each[1], Long.parseLong(each[2]), each[3])));
            assertEquals(List.of(new Output.Send(link, new LinkMessage.Refuse(each[0])),
                    new Output.Close(link)), outputs);
            link++;
        }
        handle(new Input.Opened(link, Optional.empty(), "10.0.0.9", News.KEY));
        LinkMessage.Hello newer = new LinkMessage.Hello(2, 3, "c", LARGER, NOWHERE, 1, NOWHERE, NOW,
                DAY_MS, "md5", LinkRole.NEIGHBOUR);
        assertEquals(List.of(new Output.Send(link, new LinkMessage.Refuse(
                "protocol version differs: ours 2..3, theirs 1..1")), new Output.Close(link)),
                handle(new Input.Got(link, newer)));
        assertEquals(0, gossip.peerCount());
    }

    @Test
    void speaksTheHighestCommonVersion() {
        handle(new Input.Opened(1, Optional.empty(), "10.0.0.9", News.KEY));
        handle(new Input.Got(1, new LinkMessage.Hello(1, 7, "c", LARGER, NOWHERE, 1, NOWHERE, NOW,
                DAY_MS, "md5", LinkRole.NEIGHBOUR)));
        assertEquals(1, gossip.peerCount());
    }

    @Test
    void ofTwoLinksTheOneDialledByTheSmallerIdStays() {
        for (boolean dialledFirst : new boolean[] {true, false}) {
            for (NodeId other : List.of(SMALLER, LARGER)) {
                Gossip fresh = new Gossip(new NodeSettings(ME, "c", new Address("", 4000), 1,
                        DAY_MS, 300_000, "md5", 0), view, new Random(1), new Now(0, NOW));
                Now now = new Now(0, NOW);
                int byUs = dialledFirst ? 1 : 2;
                int byThem = dialledFirst ? 2 : 1;
                fresh.handle(new Input.Opened(byUs, Optional.of(new Address("h", 1)), "1",
                        News.KEY), now);
                fresh.handle(new Input.Opened(byThem, Optional.empty(), "1", News.KEY), now);
                fresh.handle(new Input.Got(1, hello(other)), now);
                List<Output> outputs = fresh.handle(new Input.Got(2, hello(other)), now);
                int closed = other == SMALLER ? byUs : byThem;
                assertEquals(List.of(new Output.Close(closed)), outputs.stream()
                        .filter(o -> o instanceof Output.Close).toList());
                assertEquals(1, fresh.peerCount());
            }
        }
    }

    @Test
    void ofTwoLinksDialledByOneSideTheNewerStays() {
        linkUp(1, SMALLER);
        List<Output> outputs = linkUp(2, SMALLER);
        assertTrue(outputs.contains(new Output.Close(1)));
        assertEquals(1, gossip.peerCount());
    }

    /** A node behind the same address and port as others. */
    private List<Output> linkUpFromOneAddress(int link, NodeId node) {
        handle(new Input.Opened(link, Optional.empty(), "10.0.0.1", News.KEY));
        return handle(new Input.Got(link, hello(node)));
    }

    @Test
    void aPeerWhoseAddressAnotherNodeTakesIsDroppedOnceItIsSilentForLongerThanAHeartbeat() {
        linkUpFromOneAddress(1, LARGER);
        during(1_000, Output.class);
        List<Output> outputs = linkUpFromOneAddress(2, SMALLER);
        assertFalse(outputs.contains(new Output.Close(1)), "it may be alive");
        assertEquals(2, gossip.peerCount());
        assertTrue(sent(during(Gossip.TICK_MS, Output.class), 1).stream()
                .anyMatch(LinkMessage.Heartbeat.class::isInstance),
                "a host that was restarted answers with a reset");
        assertEquals(List.of(),
                during(OverlayLimits.DOUBT_MS - Gossip.TICK_MS, Output.Close.class));
        assertEquals(List.of(new Output.Close(1)), during(Gossip.TICK_MS, Output.Close.class));
        assertEquals(1, gossip.peerCount());
    }

    @Test
    void nodesThatShareOneAddressAllStayLinkedAndItIsSaidOnce() {
        List<NodeId> nodes = List.of(LARGER, SMALLER, new NodeId(7, 7));
        for (int link = 1; link <= nodes.size(); link++) {
            linkUpFromOneAddress(link, nodes.get(link - 1));
        }
        int said = 0;
        for (int i = 0; i < 100; i++) {
            clock.advance(Gossip.TICK_MS);
            for (int link = 1; i % 30 == 0 && link <= nodes.size(); link++) {
                handle(new Input.Alive(link));
            }
            said += (int) gossip.handle(new Input.Tick(),
                    new Now(clock.steadyMs(), clock.wallMs())).stream()
                    .filter(o -> o instanceof Output.WriteLog line && line.level() == Log.Level.WARN
                    && line.text().contains("share the address 10.0.0.1:5000")).count();
        }
        assertEquals(3, gossip.peerCount());
        assertEquals(1, said);
        Event news = new Event.Accepted(News.data("id", "raw", NOW), Source.CLIENT);
        assertEquals(3, handle(new Input.Happened(news)).stream().filter(o ->
                o instanceof Output.Send send && send.message() instanceof SpreadMessage.Push)
                        .count());
    }

    @Test
    void aPauseOfThisNodeIsNoSilenceOfADoubtedPeer() {
        linkUpFromOneAddress(1, LARGER);
        during(1_000, Output.class);
        linkUpFromOneAddress(2, SMALLER);
        clock.advance(60_000);
        assertEquals(List.of(), handle(new Input.Tick()).stream()
                .filter(Output.Close.class::isInstance).toList());
        assertEquals(List.of(), during(OverlayLimits.DOUBT_MS, Output.Close.class));
        assertEquals(List.of(new Output.Close(1)), during(Gossip.TICK_MS, Output.Close.class));
    }

    @Test
    void aNodeThatLeavesAnAddressLeavesTheOtherOneThereInTheBook() {
        Address shared = new Address("10.0.0.1", 5000);
        linkUpFromOneAddress(1, LARGER);
        linkUpFromOneAddress(2, SMALLER);
        handle(new Input.Got(2, new LinkMessage.Bye("stopped", false)));
        assertEquals(1, gossip.peerCount());
        handle(new Input.Closed(1, "broken"));
        assertTrue(during(1_000, Output.Connect.class).contains(new Output.Connect(shared)));
    }

    @Test
    void anAddressThatAlwaysLeadsToAPeerThatIsLinkedIsDialledSeldom() {
        Address shared = new Address("10.0.0.1", 7);
        handle(new Input.Opened(1, Optional.of(shared), "10.0.0.1", News.KEY));
        handle(new Input.Got(1, hello(LARGER)));
        int dials = 0;
        for (int i = 0; i < 600; i++) {
            clock.advance(Gossip.TICK_MS);
            handle(new Input.Alive(1));
            List<Output> outputs = new ArrayList<>(handle(new Input.Tick()));
            if (i % 20 == 0) {
                outputs.addAll(handle(new Input.Announced(SMALLER, shared)));
            }
            if (outputs.contains(new Output.Connect(shared))) {
                int link = 2 + dials++;
                handle(new Input.Opened(link, Optional.of(shared), "10.0.0.1", News.KEY));
                handle(new Input.Got(link, new LinkMessage.Hello(1, 1, "c", LARGER,
                        new Address("", 5000), 8081, NOWHERE, NOW, DAY_MS, "md5",
                        LinkRole.NONE)));
            }
        }
        assertTrue(dials >= 1 && dials <= 3, "dials in a minute: " + dials);
    }

    @Test
    void aSilentPeerIsDroppedInTimeAndDialledAgain() {
        Address address = new Address("10.0.0.1", 7);
        handle(new Input.Opened(1, Optional.of(address), "10.0.0.1", News.KEY));
        handle(new Input.Got(1, hello(LARGER)));
        assertEquals(List.of(), during(OverlayLimits.DEAD_MS, Output.Close.class));
        List<Output> outputs = during(600, Output.class);
        assertTrue(outputs.contains(new Output.Close(1)));
        assertTrue(outputs.contains(new Output.Connect(address)));
    }

    @Test
    void anyByteIsASignOfLife() {
        linkUp(1, LARGER);
        for (int i = 0; i < 10; i++) {
            assertEquals(List.of(), during(2_000, Output.Close.class));
            handle(new Input.Alive(1));
        }
    }

    @Test
    void aNodeThatStoodStillShutsNobodyOut() {
        linkUp(1, LARGER);
        clock.advance(60_000);
        assertFalse(handle(new Input.Tick()).contains(new Output.Close(1)));
        assertEquals(List.of(), during(OverlayLimits.DEAD_MS, Output.Close.class));
        assertEquals(List.of(new Output.Close(1)), during(200, Output.Close.class));
    }

    @Test
    void aGreetingHasADeadline() {
        handle(new Input.Opened(1, Optional.empty(), "10.0.0.1", News.KEY));
        assertEquals(List.of(), during(OverlayLimits.GREETING_MS, Output.Close.class));
        assertEquals(List.of(new Output.Close(1)), during(200, Output.Close.class));
    }

    @Test
    void aNamedAddressThatIsNoNodesIsSaidOnce() {
        Address named = new Address("10.0.0.7", 8080);
        handle(new Input.Resolved(List.of(named)));
        long said = 0;
        for (int link = 1; link <= 3; link++) {
            handle(new Input.Opened(link, Optional.of(named), "10.0.0.7", News.KEY));
            clock.advance(OverlayLimits.GREETING_MS + 1);
            said += gossip.handle(new Input.Tick(), new Now(clock.steadyMs(), clock.wallMs()))
                    .stream().filter(o -> o instanceof Output.WriteLog line
                            && line.level() == Log.Level.WARN
                            && line.text().startsWith("10.0.0.7:8080 does not greet")).count();
        }
        assertEquals(1, said);
    }

    @Test
    void linksHoldAtTheirLimitAndAreRefusedPast() {
        for (int i = 1; i <= Gossip.MAX_LINKS; i++) {
            assertFalse(handle(new Input.Opened(i, Optional.empty(), "10.0.0.1", News.KEY))
                    .contains(new Output.Close(i)));
        }
        assertTrue(handle(new Input.Opened(1_000, Optional.empty(), "10.0.0.1", News.KEY))
                .contains(new Output.Close(1_000)));
    }

    @Test
    void failedDialsArePausedLongerAndLongerButNotLong() {
        Address address = new Address("10.0.0.1", 7);
        handle(new Input.Resolved(List.of(address)));
        int dials = 0;
        long last = 0;
        long longest = 0;
        for (int i = 0; i < 1_200; i++) {
            clock.advance(Gossip.TICK_MS);
            if (handle(new Input.Tick()).contains(new Output.Connect(address))) {
                longest = Math.max(longest, clock.steadyMs() - last);
                last = clock.steadyMs();
                dials++;
                handle(new Input.DialFailed(address, "refused"));
            }
        }
        assertTrue(dials >= 18 && dials <= 50, "dials in 2 min: " + dials);
        assertTrue(longest <= OverlayLimits.MAX_PAUSE_MS * 3 / 2 + 200, "pause of " + longest);
    }

    @Test
    void theSmallerIdDialsAtOnceTheLargerWaits() {
        Address address = new Address("10.0.0.1", 7);
        assertTrue(handle(new Input.Announced(LARGER, address))
                .contains(new Output.Connect(address)));
        Address other = new Address("10.0.0.2", 7);
        assertFalse(handle(new Input.Announced(SMALLER, other))
                .contains(new Output.Connect(other)));
        assertTrue(during(1_000, Output.Connect.class).contains(new Output.Connect(other)));
    }

    @Test
    void aStrangersAnnouncementIsAnsweredByOne() {
        during(1_000, Output.class);
        assertTrue(handle(new Input.Announced(LARGER, new Address("10.0.0.1", 7)))
                .contains(new Output.Announce()));
        assertFalse(handle(new Input.Announced(SMALLER, new Address("10.0.0.2", 7)))
                .contains(new Output.Announce()), "but not each");
    }

    @Test
    void tellsPeersOfEachOtherButNotOfLoopbackAddresses() {
        linkUp(1, LARGER);
        handle(new Input.Opened(2, Optional.empty(), "127.0.0.1", News.KEY));
        List<Output> local = handle(new Input.Got(2, hello(SMALLER)));
        assertTrue(sent(local, 2).contains(new OverlayMessage.Peers(List.of(
                new OverlayMessage.Peer(LARGER, new Address("10.0.0.1", 5000), 0)))));
        handle(new Input.Opened(3, Optional.empty(), "10.0.0.3", News.KEY));
        List<Output> far = handle(new Input.Got(3, hello(new NodeId(7, 7))));
        assertTrue(sent(far, 3).contains(new OverlayMessage.Peers(List.of(
                new OverlayMessage.Peer(LARGER, new Address("10.0.0.1", 5000), 0)))));
    }

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
            assertFalse(push.asked());
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
        clock.advance(SpreadLimits.REFUSED_MS);
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
    void largeSketchesAreMadeSeldomWhoeverAsks() {
        store.merge(News.data("held", "raw", NOW));
        linkUp(1, SMALLER);
        linkUp(2, LARGER);
        RepairMessage.AskCells ask = new RepairMessage.AskCells(RepairLimits.LARGE_CELLS, 0, 10,
                0,
                Long.MAX_VALUE);
        assertEquals(10, cells(handle(new Input.Got(1, ask)), 1));
        assertEquals(0, cells(handle(new Input.Got(2, ask)), 2));
        handle(new Input.Got(1, new RepairMessage.Done(1)));
        clock.advance(RepairLimits.LARGE_EVERY_MS);
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
        assertEquals(0, compares(during(RepairLimits.HAND_OVER_STALL_MS - 60, Output.class), 2));
        assertEquals(1, compares(during(2 * Gossip.TICK_MS, Output.class), 2));
    }

    @Test
    void whoWantsTheSameTwiceIsNotServed() {
        Data data = News.data("held", "raw", NOW - RepairLimits.YOUNG_MS);
        store.merge(data);
        linkUp(2, LARGER);
        Sketch none = new Sketch(StoreView.PREFIX_CELLS);
        none.toggle(view.hash(News.data("other", "raw", NOW - RepairLimits.YOUNG_MS)), 1);
        List<Sketch.Cell> cells = new ArrayList<>();
        for (int i = 0; i < RepairLimits.FIRST_CELLS; i++) {
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

    /** What a round begins with. */
    private static long compares(List<? extends Output> outputs, int link) {
        return outputs.stream().filter(o -> o instanceof Output.Send s && s.link() == link
                && s.message() instanceof RepairMessage.Compare).count();
    }

    /** Brings a peer up and ends the rounds that follow. */
    private void settled(int link, NodeId node) {
        store.merge(News.data("held", "raw", NOW));
        linkUp(link, node);
        during(RepairLimits.SECOND_MS + 200, Output.class);
        handle(new Input.Got(link, new RepairMessage.Same()));
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
        for (long ms = 1_000; ms < RepairLimits.LARGE_STALL_MS; ms += 1_000) {
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
        askedFor(RepairLimits.LARGE_CELLS, 0, StoreView.PREFIX_CELLS);
        waitsForLong();
    }

    @Test
    void whoIsAskedForLessWaitsForAMomentOnly() {
        askedFor(StoreView.PREFIX_CELLS, 32, StoreView.PREFIX_CELLS - 33);
        waitsForMs(RepairLimits.SECOND_MS);
    }

    @Test
    void onceTheLargeSketchIsReadAMomentIsEnoughAgain() {
        askedFor(RepairLimits.LARGE_CELLS, 0, StoreView.PREFIX_CELLS);
        handle(new Input.Got(1,
                new RepairMessage.AskCells(RepairLimits.LARGE_CELLS, StoreView.PREFIX_CELLS,
                StoreView.PREFIX_CELLS, 0, Long.MAX_VALUE)));
        waitsForMs(RepairLimits.SECOND_MS);
    }

    @Test
    void aSketchOfAnotherSizeIsNotWaitedFor() {
        askedFor(7, StoreView.PREFIX_CELLS, 1);
        waitsForMs(RepairLimits.SECOND_MS);
    }

    private void rush() {
        for (int second = 0; second < 2; second++) {
            for (int i = 0; i < RepairLimits.MANY; i++) {
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
            for (int i = 0; i < RepairLimits.FIRST_CELLS && size <= most; i++) {
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
                RepairLimits.LARGE_CELLS, 0, RepairLimits.FIRST_CELLS, 0, Long.MAX_VALUE))), 1)
                .get(0);
    }

    @Test
    void aNodeInARushMakesNoLongSketchUnlessAskedAgain() {
        settled(1, LARGER);
        rush();
        assertEquals(new RepairMessage.Cells(RepairLimits.LARGE_CELLS, List.of()), longSketch());
        assertEquals(RepairLimits.FIRST_CELLS, longSketch().cells().size());
    }

    @Test
    void aNodeThatIsCalmMakesLongSketches() {
        settled(1, LARGER);
        rush();
        during(RepairLimits.CALM_MS, Output.class);
        assertEquals(RepairLimits.FIRST_CELLS, longSketch().cells().size());
    }

    @Test
    void aLongSketchIsWaitedForAndANodeThatStoodStillDoesNotBlameThePeer() {
        settled(1, LARGER);
        answeredByNoise(handle(new Input.Happened(new Event.Broadcast())),
                StoreView.PREFIX_CELLS, true);
        assertEquals(0, comparesOfALink(RepairLimits.STALL_MS + 1_000));
        clock.advance(RepairLimits.LARGE_STALL_MS);
        assertEquals(0, comparesOfALink(1_000));
        assertEquals(1, comparesOfALink(RepairLimits.LARGE_STALL_MS - RepairLimits.STALL_MS));
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
        for (int ms = 0; ms < RepairLimits.LONGEST_MS + 5_000 && !insisted; ms += 100) {
            if (sent(round, 1).stream().anyMatch(m -> m instanceof RepairMessage.Compare)) {
                List<Message> sent = answeredByNoise(round, StoreView.PREFIX_CELLS);
                insisted = sent.stream().anyMatch(m -> m instanceof RepairMessage.Summary);
                assertEquals(insisted ? 2 : 1, sent.stream().filter(m -> m
                        instanceof RepairMessage.AskCells ask && ask.size()
                        == RepairLimits.LARGE_CELLS)
                        .count());
                assertEquals(ms >= RepairLimits.LONGEST_MS, insisted);
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
                && ask.size() == RepairLimits.LARGE_CELLS), () -> "sent " + sent);
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
        assertEquals(0, compares(during(RepairLimits.STALL_MS, Output.Send.class), 1));
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
    void aFullPeerGetsNoPushesUntilItHasRoom() {
        settled(1, LARGER);
        handle(new Input.Got(1, heartbeat(NOW, true)));
        Event accepted = new Event.Accepted(News.data("id", "raw", NOW), Source.CLIENT);
        assertEquals(List.of(), handle(new Input.Happened(accepted)));
        assertEquals(1, compares(handle(new Input.Got(1, heartbeat(NOW, false))), 1));
    }

    @Test
    void aloneItIsReadyAfterTwoSecondsWithAPeerAfterTheFirstRound() {
        List<Output.Health> health = during(2_000, Output.Health.class);
        assertEquals(Optional.empty(), health.get(health.size() - 2).problem());

        Gossip second = new Gossip(new NodeSettings(ME, "c", NOWHERE, 1, DAY_MS, 300_000,
                "md5", 0), view, new Random(1), new Now(0, NOW));
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
    void aCursorThatDoesNotAdvanceEndsTheRound() {
        linkUp(1, LARGER);
        handle(new Input.Got(1, new RepairMessage.Answered(1, Optional.of(new Position(5, "a")))));
        handle(new Input.Got(1, new RepairMessage.Answered(1, Optional.of(new Position(5, "a")))));
        assertEquals(List.of(), handle(new Input.Got(1,
                new RepairMessage.Answered(1, Optional.of(new Position(6, "a"))))));
    }

    @Test
    void whoAsksTooMuchIsNotAnswered() {
        settled(1, LARGER);
        Message ask = new RepairMessage.AskAll(Position.START);
        long answers = 0;
        for (int i = 0; i < 2 * QuestionLimit.QUESTIONS_A_SECOND; i++) {
            answers += sent(handle(new Input.Got(1, ask)), 1).stream()
                    .filter(m -> m instanceof RepairMessage.Answered).count();
        }
        assertEquals(QuestionLimit.QUESTIONS_A_SECOND, answers);
        clock.advance(1_000);
        assertEquals(2, sent(handle(new Input.Got(1, ask)), 1).size());
    }

    @Test
    void ofSeveralAddressesOfANodeOneIsDialledAtATime() {
        handle(new Input.Announced(LARGER, new Address("127.0.0.1", 7)));
        handle(new Input.Announced(LARGER, new Address("10.0.0.1", 7)));
        List<Output.Connect> dials = during(1_000, Output.Connect.class);
        assertEquals(List.of(), dials);
        handle(new Input.DialFailed(new Address("127.0.0.1", 7), "refused"));
        assertEquals(new Output.Connect(new Address("10.0.0.1", 7)),
                during(100, Output.Connect.class).get(0));
    }

    @Test
    void whoLeftIsForgotten() {
        handle(new Input.Opened(1, Optional.of(new Address("10.0.0.1", 7)), "10.0.0.1", News.KEY));
        handle(new Input.Got(1, hello(LARGER)));
        assertEquals(List.of(new Output.Close(1)),
                handle(new Input.Got(1, new LinkMessage.Bye("stopped", false))));
        assertEquals(List.of(), during(10_000, Output.Connect.class));
    }
}
