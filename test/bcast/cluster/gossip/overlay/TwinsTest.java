package bcast.cluster.gossip.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.GossipLimits;
import bcast.cluster.gossip.OneNode;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.spread.SpreadLimits;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.data.Data;
import bcast.eventbus.Event;
import bcast.eventbus.Refusal;
import bcast.eventbus.Source;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A node that is greeted with its own id, by itself or by another node. */
final class TwinsTest extends OneNode {

    private static final Address THERE = new Address("10.0.0.1", 7);

    private List<Output> dialled(int link) {
        return handle(new Input.Opened(link, Optional.of(THERE), "10.0.0.1", News.KEY));
    }

    private List<Output> accepted(int link, NodeId node) {
        handle(new Input.Opened(link, Optional.empty(), "10.0.0." + link, News.KEY));
        return handle(new Input.Got(link, hello(node)));
    }

    private static List<Output.NewId> newIds(List<Output> outputs) {
        return outputs.stream().filter(Output.NewId.class::isInstance)
                .map(Output.NewId.class::cast).toList();
    }

    @Test
    void aNodeThatDialsItselfHangsUpAndKeepsItsId() {
        dialled(1);
        List<Output> outputs = accepted(2, ME);
        List<Message> answer = sent(outputs, 2);
        assertEquals(2, answer.size());
        assertEquals(LinkRole.NONE,
                assertInstanceOf(LinkMessage.Hello.class, answer.get(0)).role());
        assertTrue(outputs.contains(new Output.Close(2)));
        assertEquals(List.of(), handle(new Input.Got(1, answer.get(0))), "it waits for more");
        assertEquals(List.of(new Output.Close(1)), handle(new Input.Got(1, answer.get(1))));
        assertEquals(ME, gossip.node());
        assertEquals(List.of(), during(20_000, Output.Connect.class));
    }

    @Test
    void aNodeThatMeetsAnotherOfItsIdTakesANewOneAndLinksAnew() {
        linkUp(3, LARGER);
        handle(new Input.Announced(ME, THERE));
        dialled(1);
        assertEquals(List.of(), handle(new Input.Got(1, hello(ME))));
        List<Output> outputs = handle(new Input.Got(1, new LinkMessage.Twin(7)));
        assertEquals(List.of(new LinkMessage.Bye("it takes another id", true)), sent(outputs, 3));
        assertTrue(outputs.contains(new Output.Close(3)));
        NodeId fresh = newIds(outputs).get(0).node();
        assertEquals(outputs.size() - 1, outputs.indexOf(new Output.NewId(fresh)));
        assertNotEquals(ME, fresh);
        gossip = gossip.as(fresh, new Now(clock.steadyMs(), clock.wallMs()));
        assertEquals(0, gossip.peerCount());
        List<Output.Connect> dials = during(GossipLimits.TICK_MS, Output.Connect.class);
        assertTrue(dials.contains(new Output.Connect(THERE)), "the other one, whose id differs");
        assertTrue(dials.contains(new Output.Connect(new Address("10.0.0.3", 5000))));
        Message greeting = sent(dialled(4), 4).get(0);
        assertEquals(fresh, ((LinkMessage.Hello) greeting).node());
        handle(new Input.Got(4, hello(ME)));
        assertEquals(1, gossip.peerCount());
    }

    @Test
    void anAnnouncementOfThisNodesIdFromElsewhereIsDialled() {
        handle(new Input.Announced(ME, THERE));
        assertTrue(during(1_000, Output.Connect.class).contains(new Output.Connect(THERE)));
        assertEquals(List.of(), gossip.members(new Now(0, NOW)).members());
    }

    private List<Output> metTwin(int link) {
        dialled(link);
        handle(new Input.Got(link, hello(gossip.node())));
        return handle(new Input.Got(link, new LinkMessage.Twin(7)));
    }

    @Test
    void aNewIdIsKeptForSomeTime() {
        NodeId fresh = newIds(metTwin(1)).get(0).node();
        gossip = gossip.as(fresh, new Now(clock.steadyMs(), clock.wallMs()));
        assertEquals(List.of(), newIds(metTwin(2)));
        clock.advance(Twins.KEEP_ID_MS - 1);
        assertEquals(List.of(), newIds(metTwin(3)));
        clock.advance(1);
        assertEquals(1, newIds(metTwin(4)).size());
    }

    private static LinkMessage.Hello hello(NodeId node, Address dialled) {
        return new LinkMessage.Hello(1, 1, "c", node, new Address("", 5000), 8081, dialled, NOW,
                DAY_MS, "md5", LinkRole.NEIGHBOUR);
    }

    /** Outputs, log lines included, of a greeting from a host by a node that dialled an address. */
    private List<Output> greeted(int link, String from, Address dialled) {
        clock.advance(500);
        handle(new Input.Alive(link - 1));
        handle(new Input.Opened(link, Optional.empty(), from, News.KEY));
        return gossip.handle(new Input.Got(link, hello(SMALLER, dialled)),
                new Now(clock.steadyMs(), clock.wallMs()));
    }

    @Test
    void aThirdNodeTellsTheSecondOfTwoNodesOfOneId() {
        List<Output> outputs = new ArrayList<>();
        for (int link = 1; link <= Twins.SECOND_LINKS; link++) {
            outputs.addAll(greeted(link, "10.0.0." + (1 + link % 2), THERE));
        }
        assertFalse(tellsTwin(outputs), "a node may link anew");
        int last = Twins.SECOND_LINKS + 1;
        outputs = greeted(last, "10.0.0." + (1 + last % 2), THERE);
        assertTrue(tellsTwin(outputs));
        assertTrue(outputs.contains(new Output.Close(last)));
        assertEquals(1, gossip.peerCount());
        assertTrue(outputs.stream().anyMatch(o -> o instanceof Output.WriteLog line
                && line.text().contains("one at 10.0.0.2:5000 and one at 10.0.0.1:5000")));
    }

    @Test
    void aNodeThatDialsManyAddressesOfThisOneHasNoTwin() {
        List<Output> outputs = new ArrayList<>();
        for (int link = 1; link <= 12; link++) {
            // One address of its own, then as many as it dials.
            String from = "10.0.0." + (link <= 6 ? 1 : link);
            outputs.addAll(greeted(link, from, new Address("10.0.1." + link, 7)));
        }
        assertFalse(tellsTwin(outputs));
        assertEquals(1, gossip.peerCount());
    }

    @Test
    void aNodeThatDialsThisOneAgainAndAgainFromOneAddressHasNoTwin() {
        List<Output> outputs = new ArrayList<>();
        for (int link = 1; link <= 6; link++) {
            outputs.addAll(greeted(link, "10.0.0.1", THERE));
        }
        assertFalse(tellsTwin(outputs));
    }

    @Test
    void aNodeKeepsItsIdWhileItIsLinkedWithThePeerThatReportsATwin() {
        dialled(1);
        handle(new Input.Got(1, hello(LARGER)));
        handle(new Input.Opened(2, Optional.of(new Address("10.0.0.2", 7)), "10.0.0.2", News.KEY));
        handle(new Input.Got(2,
                new LinkMessage.Hello(1, 1, "c", LARGER, new Address("", 5000), 8081,
                NOWHERE, NOW, DAY_MS, "md5", LinkRole.NONE)));
        assertEquals(List.of(), newIds(handle(new Input.Got(2, new LinkMessage.Twin(7)))));
        assertEquals(1, gossip.peerCount());
    }

    @Test
    void onlyANodeThatWasDialledReportsATwinAndOnlyAsItGreets() {
        linkUp(1, LARGER);
        assertEquals(List.of(new Output.Close(1)), twinOn(1), "it dialled");
        dialled(2);
        handle(new Input.Got(2, hello(LARGER)));
        assertEquals(List.of(new Output.Close(2)), twinOn(2), "it is linked");
        handle(new Input.Opened(3, Optional.empty(), "10.0.0.3", News.KEY));
        assertEquals(List.of(new Output.Close(3)), twinOn(3), "it dialled and did not greet");
        dialled(4);
        assertEquals(List.of(new Output.Close(4)), twinOn(4), "it did not greet");
    }

    private List<Output> twinOn(int link) {
        List<Output> outputs = handle(new Input.Got(link, new LinkMessage.Twin(7)));
        return outputs.stream().filter(o -> o instanceof Output.Close
                || o instanceof Output.NewId).toList();
    }

    @Test
    void strangersWithThisNodesIdDoNotMakeItForgetThatItMetItself() {
        dialled(1);
        List<Message> answer = sent(accepted(2, ME), 2);
        for (int link = 3; link < 3 + 2 * Twins.MAX_NUMBERS; link++) {
            List<Output> outputs = accepted(link, ME);
            assertTrue(outputs.contains(new Output.Close(link)));
        }
        handle(new Input.Got(1, answer.get(0)));
        assertEquals(List.of(new Output.Close(1)), handle(new Input.Got(1, answer.get(1))));
    }

    @Test
    void aNewIdEndsNeitherReadinessNorExclusionOfFaultyPeers() {
        linkUp(1, LARGER);
        for (int i = 0; i < ActiveView.MAX_FAULTS; i++) {
            Source from = push(1, News.data("id" + i, "raw", NOW), 0);
            handle(new Input.Happened(new Event.Refused(News.data("id" + i, "raw", NOW), from,
                    Refusal.INVALID)));
        }
        assertEquals(0, gossip.peerCount());
        clock.advance(GossipLimits.ALONE_MS);
        assertTrue(ready(handle(new Input.Tick())));
        gossip = gossip.as(SMALLER, new Now(clock.steadyMs(), clock.wallMs()));
        assertTrue(ready(handle(new Input.Tick())));
        assertTrue(sent(linkUp(2, LARGER), 2).get(0) instanceof LinkMessage.Refuse);
    }

    private static boolean ready(List<Output> outputs) {
        return outputs.contains(new Output.Health("sync", Optional.empty()));
    }

    @Test
    void aRecordThatWaitsForConfirmationStillDoesUnderANewId() {
        Data data = News.data("id", "raw", NOW);
        store.merge(data);
        handle(new Input.Happened(new Event.Confirm(data, false)));
        gossip = gossip.as(SMALLER, new Now(clock.steadyMs(), clock.wallMs()));
        linkUp(1, LARGER);
        clock.advance(SpreadLimits.AGAIN_MS);
        assertTrue(sent(handle(new Input.Tick()), 1).stream().anyMatch(message ->
                message instanceof SpreadMessage.Push push && push.confirm()));
    }

    @Test
    void aNodeThatLinksAnewSinceItsLinkIsDeadHasNoTwin() {
        dialled(1);
        handle(new Input.Got(1, hello(LARGER)));
        List<Output> outputs = new ArrayList<>();
        for (int link = 2; link <= 2 + 2 * Twins.SECOND_LINKS; link++) {
            clock.advance(1_000);
            outputs.addAll(accepted(link, LARGER));
        }
        assertFalse(tellsTwin(outputs));
    }

    @Test
    void nodesThatDialEachOtherAtTheSameTimeAgainAndAgainHaveNoTwins() {
        List<Output> outputs = new ArrayList<>();
        for (int link = 1; link <= 20; link += 2) {
            clock.advance(300);
            dialled(link);
            handle(new Input.Got(link, hello(LARGER)));
            outputs.addAll(accepted(link + 1, LARGER));
            handle(new Input.Closed(link, "broken"));
            handle(new Input.Closed(link + 1, "broken"));
        }
        assertFalse(tellsTwin(outputs));
    }

    private static boolean tellsTwin(List<Output> outputs) {
        return outputs.stream().anyMatch(o -> o instanceof Output.Send send
                && send.message() instanceof LinkMessage.Twin);
    }

    @Test
    void aNodeThatWasToldByAThirdTakesANewIdThoughItWasTurnedDownBefore() {
        dialled(1);
        handle(new Input.Got(1,
                new LinkMessage.Hello(1, 1, "c", LARGER, new Address("", 5000), 8081,
                NOWHERE, NOW, DAY_MS, "md5", LinkRole.NONE)));
        assertEquals(1, newIds(handle(new Input.Got(1, new LinkMessage.Twin(7)))).size());
    }

    @Test
    void copiesWithTheSameRandomNumbersDrawDifferentOnes() {
        Now now = new Now(1, NOW);
        Address other = new Address("10.0.0.2", 7);
        assertNotEquals(new Twins(new Random(1)).number(THERE, now),
                new Twins(new Random(1)).number(other, now));
        assertNotEquals(new Twins(new Random(1)).number(THERE, now),
                new Twins(new Random(1)).number(THERE, new Now(1, NOW + 1)));
        assertNotEquals(new Twins(new Random(1)).newId(1, now),
                new Twins(new Random(1)).newId(2, now));
    }

    private Link link(NodeId node, String host) {
        Link link = new Link(new Input.Opened(1, Optional.empty(), host, News.KEY), view,
                new Now(0, NOW));
        link.greeted(hello(node));
        link.up(new Now(0, NOW));
        return link;
    }

    /** Whether two nodes of an id are told apart though others are seen meanwhile. */
    private boolean toldApart(int others) {
        Twins twins = new Twins(new Random(1));
        Link twice = link(SMALLER, "10.0.0.1");
        boolean two = false;
        for (int i = 1; i <= Twins.SECOND_LINKS; i++) {
            twice.heard(new Now(i, NOW));
            two = twins.two(link(SMALLER, "10.0.0.2"), twice, new Now(i, NOW));
            for (int other = 0; i == 1 && other < others; other++) {
                NodeId node = new NodeId(7, other);
                twins.two(link(node, "10.0.0.2"), link(node, "10.0.0.1"), new Now(i, NOW));
            }
        }
        return two;
    }

    @Test
    void idsAreCountedUpToTheirLimit() {
        assertTrue(toldApart(Twins.MAX_COUNTED - 1));
        assertFalse(toldApart(Twins.MAX_COUNTED));
    }

    @Test
    void numbersAreRememberedUpToTheirLimit() {
        Twins twins = new Twins(new Random(1));
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < Twins.MAX_NUMBERS; i++) {
            numbers.add(twins.number(THERE, new Now(i, NOW)).getAsLong());
        }
        assertEquals(OptionalLong.empty(), twins.number(THERE, new Now(99, NOW)));
        twins.tick(new Now(Twins.WINDOW_MS - 1, NOW));
        assertTrue(numbers.stream().allMatch(twins::drew));
        twins.tick(new Now(Twins.WINDOW_MS, NOW));
        assertFalse(twins.drew(numbers.get(0)));
        assertTrue(numbers.stream().skip(1).allMatch(twins::drew));
        assertTrue(twins.number(THERE, new Now(Twins.WINDOW_MS, NOW)).isPresent());
        Set<Long> different = new HashSet<>(numbers);
        assertEquals(numbers.size(), different.size());
    }
}
