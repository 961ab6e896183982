package bcast.cluster.gossip.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Log;
import bcast.cluster.gossip.Gossip;
import bcast.cluster.gossip.GossipLimits;
import bcast.cluster.gossip.OneNode;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.eventbus.Event;
import bcast.eventbus.Source;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Greetings, addresses, and links that come and go. */
final class LinksTest extends OneNode {

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
                        DAY_MS, 300_000, "md5"), view, new Random(1), new Now(0, NOW));
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
        assertTrue(sent(during(GossipLimits.TICK_MS, Output.class), 1).stream()
                .anyMatch(LinkMessage.Heartbeat.class::isInstance),
                "a host that was restarted answers with a reset");
        assertEquals(List.of(),
                during(Liveness.DOUBT_MS - GossipLimits.TICK_MS, Output.Close.class));
        assertEquals(List.of(new Output.Close(1)),
                during(GossipLimits.TICK_MS, Output.Close.class));
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
            clock.advance(GossipLimits.TICK_MS);
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
        assertEquals(List.of(), during(Liveness.DOUBT_MS, Output.Close.class));
        assertEquals(List.of(new Output.Close(1)),
                during(GossipLimits.TICK_MS, Output.Close.class));
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
            clock.advance(GossipLimits.TICK_MS);
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
        assertEquals(List.of(), during(Liveness.DEAD_MS, Output.Close.class));
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
        assertEquals(List.of(), during(Liveness.DEAD_MS, Output.Close.class));
        assertEquals(List.of(new Output.Close(1)), during(200, Output.Close.class));
    }

    @Test
    void aGreetingHasADeadline() {
        handle(new Input.Opened(1, Optional.empty(), "10.0.0.1", News.KEY));
        assertEquals(List.of(), during(Liveness.GREETING_MS, Output.Close.class));
        assertEquals(List.of(new Output.Close(1)), during(200, Output.Close.class));
    }

    @Test
    void aNamedAddressThatIsNoNodesIsSaidOnce() {
        Address named = new Address("10.0.0.7", 8080);
        handle(new Input.Resolved(List.of(named)));
        long said = 0;
        for (int link = 1; link <= 3; link++) {
            handle(new Input.Opened(link, Optional.of(named), "10.0.0.7", News.KEY));
            clock.advance(Liveness.GREETING_MS + 1);
            said += gossip.handle(new Input.Tick(), new Now(clock.steadyMs(), clock.wallMs()))
                    .stream().filter(o -> o instanceof Output.WriteLog line
                            && line.level() == Log.Level.WARN
                            && line.text().startsWith("10.0.0.7:8080 does not greet")).count();
        }
        assertEquals(1, said);
    }

    @Test
    void linksHoldAtTheirLimitAndAreRefusedPast() {
        for (int i = 1; i <= Neighbours.MAX_LINKS; i++) {
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
            clock.advance(GossipLimits.TICK_MS);
            if (handle(new Input.Tick()).contains(new Output.Connect(address))) {
                longest = Math.max(longest, clock.steadyMs() - last);
                last = clock.steadyMs();
                dials++;
                handle(new Input.DialFailed(address, "refused"));
            }
        }
        assertTrue(dials >= 18 && dials <= 50, "dials in 2 min: " + dials);
        assertTrue(longest <= AddressBook.MAX_PAUSE_MS * 3 / 2 + 200, "pause of " + longest);
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
