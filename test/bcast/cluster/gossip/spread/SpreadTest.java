package bcast.cluster.gossip.spread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.OneNode;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.overlay.OverlayLimits;
import bcast.cluster.gossip.overlay.OverlayMessage;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.eventbus.Event;
import bcast.eventbus.Refusal;
import bcast.eventbus.Source;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The tree, what is pushed on it, what is announced beside it, and what mends it. */
final class SpreadTest extends OneNode {

    private static final NodeId ROOT = new NodeId(0, 1);
    private static final NodeId LARGER_STILL = new NodeId(11, 11);

    private LinkMessage.Heartbeat placed(boolean child) {
        return new LinkMessage.Heartbeat(0, -1, 0, NOW, 99, false, child, true, true, 9, 0);
    }

    /**
     * Links 1 to 3 in a cluster too large for a mesh; the first leads to the root, and the second
     * is below this node.
     */
    private void tree() {
        store.merge(News.data("held", "raw", NOW));
        linkUp(1, SMALLER);
        List<OverlayMessage.Peer> others = new ArrayList<>();
        for (int i = 0; i < OverlayLimits.MESH; i++) {
            others.add(new OverlayMessage.Peer(new NodeId(50, i), new Address("10.0.9." + i, 7),
                    0));
        }
        handle(new Input.Got(1, new OverlayMessage.Peers(others)));
        during(1_100, Output.class);
        linkUp(2, LARGER);
        linkUp(3, LARGER_STILL);
        handle(new Input.Got(1, placed(false)));
        handle(new Input.Got(2, placed(true)));
        handle(new Input.Got(3, placed(false)));
        handle(new Input.Got(1, new SpreadMessage.Beacon(ROOT, 7, 1)));
    }

    private Data stored(String id) {
        Data data = News.data(id, "raw", clock.wallMs());
        store.merge(data);
        return data;
    }

    private static long pushes(List<Output> outputs, int link) {
        return sent(outputs, link).stream().filter(m -> m instanceof SpreadMessage.Push).count();
    }

    private List<Output> client(Data data) {
        return handle(new Input.Happened(new Event.Accepted(data, Source.CLIENT)));
    }

    private static boolean names(List<Message> sent, Hash128 key) {
        return sent.stream().anyMatch(m -> m instanceof SpreadMessage.IHave have
                && have.hashes().contains(key));
    }

    @Test
    void recordsArePushedOnTheTreeAndAnnouncedBeside() {
        tree();
        Data data = stored("news");
        List<Output> outputs = client(data);
        assertEquals(1, pushes(outputs, 1));
        assertEquals(1, pushes(outputs, 2));
        assertEquals(0, pushes(outputs, 3));
        List<Output> later = during(Link.HEARTBEAT_MS + 100, Output.class);
        assertTrue(names(sent(later, 3), view.hash(data)));
        assertFalse(names(sent(later, 1), view.hash(data)));
    }

    @Test
    void inASmallClusterAllGetAClientsRecordWhateverTheirPlace() {
        linkUp(1, SMALLER);
        linkUp(2, LARGER);
        handle(new Input.Got(1, placed(false)));
        handle(new Input.Got(2, placed(false)));
        handle(new Input.Got(1, new SpreadMessage.Beacon(ROOT, 7, 1)));
        List<Output> outputs = client(stored("news"));
        assertEquals(1, pushes(outputs, 1));
        assertEquals(1, pushes(outputs, 2), "though their views differ for now");
    }

    @Test
    void whatCameFromTheParentGoesToTheChildrenOnly() {
        tree();
        Data data = News.data("news", "raw", NOW);
        Source from = push(1, data, 0);
        store.merge(data);
        List<Output> outputs = handle(new Input.Happened(new Event.Accepted(data, from)));
        assertEquals(0, pushes(outputs, 1));
        assertEquals(1, pushes(outputs, 2));
        assertEquals(0, pushes(outputs, 3));
    }

    @Test
    void aPeerWithoutAPlaceInTheTreeGetsAll() {
        tree();
        handle(new Input.Got(3, new LinkMessage.Heartbeat(0, -1, 0, NOW, 99, false, false, false,
                true, 1, 0)));
        assertEquals(1, pushes(client(stored("news")), 3));
    }

    @Test
    void whatARoundBroughtFirstIsPassedOnWhenTheTreeBringsIt() {
        tree();
        Data data = News.data("news", "raw", NOW);
        Source asked =
                ((Output.Deliver) handle(new Input.Got(3, new SpreadMessage.Push(data, 0, true)))
                .get(0)).from();
        Source pushed = push(1, data, 0);
        store.merge(data);
        assertEquals(0, pushes(handle(new Input.Happened(new Event.Accepted(data, asked))), 2));
        assertEquals(1, pushes(handle(new Input.Happened(new Event.Refused(data, pushed,
                Refusal.EXISTS))), 2), "it was under judgement");
        Data next = News.data("next", "raw", NOW);
        asked = ((Output.Deliver) handle(new Input.Got(3, new SpreadMessage.Push(next, 0, true)))
                .get(0)).from();
        store.merge(next);
        handle(new Input.Happened(new Event.Accepted(next, asked)));
        SpreadMessage.Push late = new SpreadMessage.Push(next, 0, false);
        assertEquals(1, pushes(handle(new Input.Got(1, late)), 2));
        assertEquals(0, pushes(handle(new Input.Got(1, late)), 2), "once");
    }

    @Test
    void whoNamedItIsNotTold() {
        tree();
        Data data = stored("news");
        client(data);
        handle(new Input.Got(3, new SpreadMessage.IHave(List.of(view.hash(data)))));
        assertFalse(names(sent(during(Link.HEARTBEAT_MS + 100, Output.class), 3),
                view.hash(data)));
    }

    @Test
    void aGraftIsAnsweredFromTheStoreAndMakesTheLinkPartOfTheTree() {
        tree();
        Data data = stored("news");
        Hash128 unknown = new Hash128(NOW << 16, 5);
        List<Message> answers = sent(handle(new Input.Got(3,
                new SpreadMessage.Graft(List.of(view.hash(data), unknown)))), 3);
        assertEquals(new SpreadMessage.Push(data, 0, false), answers.get(0));
        assertEquals(new SpreadMessage.Gone(List.of(unknown)), answers.get(1));
        assertEquals(1, pushes(client(stored("next")), 3));
        handle(new Input.Got(1, new SpreadMessage.Beacon(ROOT, 8, 1)));
        during(Tree.SETTLE_MS + 100, Output.class);
        assertEquals(0, pushes(client(stored("after")), 3), "until the next beacon");
    }

    @Test
    void whatIsMissedIsAskedForAfterAMomentAndThenElsewhere() {
        tree();
        Hash128 key = new Hash128((NOW << 16) + 1, 5);
        handle(new Input.Got(3, new SpreadMessage.IHave(List.of(key))));
        handle(new Input.Got(2, new SpreadMessage.IHave(List.of(key))));
        List<Output> early = during(Grafts.GRAFT_MS - 100, Output.class);
        assertFalse(sent(early, 3).contains(new SpreadMessage.Graft(List.of(key))));
        List<Output> outputs = during(200, Output.class);
        assertTrue(sent(outputs, 3).contains(new SpreadMessage.Graft(List.of(key))));
        handle(new Input.Got(3, new SpreadMessage.Gone(List.of(key))));
        assertTrue(sent(during(100, Output.class), 2).contains(
                new SpreadMessage.Graft(List.of(key))));
        handle(new Input.Got(2, new SpreadMessage.Gone(List.of(key))));
        assertTrue(during(5_000, Output.Send.class).stream()
                .noneMatch(send -> send.message() instanceof SpreadMessage.Graft));
    }

    @Test
    void aPeerThatRepeatsAnAnnouncementIsAskedInItsTurn() {
        tree();
        Hash128 key = view.hash(News.data("news", "raw", NOW));
        for (int i = 0; i < Grafts.MAX_HOLDERS; i++) {
            handle(new Input.Got(3, new SpreadMessage.IHave(List.of(key))));
        }
        handle(new Input.Got(2, new SpreadMessage.IHave(List.of(key))));
        SpreadMessage.Graft graft = new SpreadMessage.Graft(List.of(key));
        assertTrue(sent(during(Grafts.GRAFT_MS, Output.class), 3).contains(graft));
        assertTrue(sent(during(Grafts.GRAFT_MS, Output.class), 2).contains(graft));
    }

    @Test
    void theNewRootTellsItsPeersAtOnceThatItHasAPlace() {
        linkUp(2, LARGER);
        List<Output> outputs = handle(new Input.Tick());
        assertTrue(sent(outputs, 2).stream().anyMatch(m -> m instanceof SpreadMessage.Beacon));
        assertTrue(sent(outputs, 2).stream().anyMatch(m ->
                m instanceof LinkMessage.Heartbeat h && h.placed()));
    }

    @Test
    void theNodeWithTheSmallestIdIsTheRoot() {
        store.merge(News.data("held", "raw", NOW));
        linkUp(2, LARGER);
        List<Message> sent = sent(during(Tree.BEACON_MS * 2, Output.class), 2);
        assertTrue(sent.contains(new SpreadMessage.Beacon(ME, 1, 0)));
        assertTrue(sent.contains(new SpreadMessage.Beacon(ME, 2, 0)));
        handle(new Input.Got(2, new SpreadMessage.Beacon(ROOT, 40, 3)));
        assertTrue(during(Tree.BEACON_MS * 2, Output.Send.class).stream()
                .noneMatch(send -> beaconOf(ME, send)), "until a smaller one is heard");
    }

    @Test
    void beaconsArePassedOnOnceAndAgainWhenNearer() {
        tree();
        handle(new Input.Got(3, new SpreadMessage.Beacon(ROOT, 8, 4)));
        assertEquals(List.of(), sent(during(100, Output.class), 2).stream()
                .filter(m -> m instanceof SpreadMessage.Beacon).toList(), "two at once are a lie");
        clock.advance(Tree.TOO_SOON_MS);
        handle(new Input.Got(3, new SpreadMessage.Beacon(ROOT, 8, 4)));
        List<Output> again = handle(new Input.Got(3, new SpreadMessage.Beacon(ROOT, 8, 4)));
        assertEquals(List.of(), again);
        List<Output> nearer = handle(new Input.Got(1, new SpreadMessage.Beacon(ROOT, 8, 1)));
        assertTrue(sent(nearer, 2).contains(new SpreadMessage.Beacon(ROOT, 8, 2)));
        List<Output> old = handle(new Input.Got(1, new SpreadMessage.Beacon(ROOT, 7, 0)));
        assertEquals(List.of(), old);
    }

    private static boolean beaconOf(NodeId root, Output.Send send) {
        return send.message() instanceof SpreadMessage.Beacon b && b.root().equals(root);
    }

    @Test
    void aFullNodePassesNothingOnSoItPassesNoBeaconOn() {
        tree();
        fillUp();
        clock.advance(Tree.TOO_SOON_MS);
        handle(new Input.Got(2, new SpreadMessage.Beacon(ROOT, 8, 1)));
        assertTrue(during(Tree.BEACON_MS, Output.Send.class).stream()
                .noneMatch(send -> send.message() instanceof SpreadMessage.Beacon));
    }

    @Test
    void aFullNodeIsNotTheRoot() {
        linkUp(2, LARGER);
        assertTrue(during(Tree.BEACON_MS, Output.Send.class).stream()
                .anyMatch(send -> beaconOf(ME, send)));
        fillUp();
        assertTrue(during(Tree.BEACON_MS, Output.Send.class).stream()
                .noneMatch(send -> beaconOf(ME, send)));
        handle(new Input.Got(2, new SpreadMessage.Beacon(LARGER, 1, 0)));
        List<Output> outputs = handle(new Input.Tick());
        assertTrue(sent(outputs, 2).stream().anyMatch(m ->
                m instanceof LinkMessage.Heartbeat h && h.parent()),
                        "its peer is, so it is a leaf");
    }

    @Test
    void aFullPeerIsNoRootToWaitFor() {
        linkUp(1, SMALLER);
        linkUp(2, LARGER);
        handle(new Input.Got(1, heartbeat(NOW, true)));
        assertTrue(during(Tree.BEACON_MS, Output.Send.class).stream()
                .anyMatch(send -> beaconOf(ME, send)));
    }

    @Test
    void aRootThatFellSilentIsReplacedAndNotBroughtBack() {
        tree();
        for (long ms = 0; ms <= Tree.ROOT_MS; ms += 1_000) {
            during(1_000, Output.class);
            handle(new Input.Alive(2));
            handle(new Input.Alive(3));
        }
        // The first link is silent and gone, and with it the smaller id.
        List<Output.Send> sent = during(Tree.BEACON_MS, Output.Send.class);
        assertTrue(sent.stream().anyMatch(send -> beaconOf(ME, send)));
        handle(new Input.Got(3, new SpreadMessage.Beacon(ROOT, 7, 2)));
        handle(new Input.Alive(2));
        assertTrue(during(Tree.BEACON_MS, Output.Send.class).stream()
                .anyMatch(send -> beaconOf(ME, send)), "an old beacon changes nothing");
    }

    private static long heartbeats(List<Output> outputs, int link) {
        return sent(outputs, link).stream().filter(m -> m instanceof LinkMessage.Heartbeat).count();
    }

    /** The third link leads to the root more directly; ends when the tree has settled. */
    private List<Output> anotherParent() {
        clock.advance(Tree.TOO_SOON_MS);
        handle(new Input.Got(3, new SpreadMessage.Beacon(ROOT, 8, 0)));
        handle(new Input.Got(1, new SpreadMessage.Beacon(ROOT, 8, 1)));
        return during(Tree.SETTLE_MS + 200, Output.class);
    }

    @Test
    void anotherParentIsReportedToItAndNotToAllPeers() {
        tree();
        during(300, Output.class);
        List<Output> outputs = anotherParent();
        assertEquals(1, heartbeats(outputs, 3));
        assertEquals(0, heartbeats(outputs, 2));
        assertEquals(0, heartbeats(outputs, 1), "records still come from it");
    }

    @Test
    void theFormerParentIsForgottenWithARootThatFellSilent() {
        tree();
        anotherParent();
        assertEquals(1, pushes(client(stored("before")), 1), "until the tree settles again");
        for (long ms = 0; ms <= Tree.ROOT_MS; ms += 1_000) {
            during(1_000, Output.class);
            List.of(1, 2, 3).forEach(link -> handle(new Input.Alive(link)));
        }
        Data data = News.data("after", "raw", clock.wallMs());
        Source from = push(2, data, 0);
        store.merge(data);
        List<Output> outputs = handle(new Input.Happened(new Event.Accepted(data, from)));
        assertEquals(0, pushes(outputs, 1));
        assertEquals(1, pushes(outputs, 3));
    }

    @Test
    void aLinkMadeAfterABreakGetsAllUntilTheTreeSettles() {
        tree();
        handle(new Input.Closed(2, "test"));
        linkUp(4, new NodeId(12, 12));
        handle(new Input.Got(4, placed(false)));
        assertEquals(1, pushes(client(stored("news")), 4));
        during(Tree.SETTLE_MS + 100, Output.class);
        assertEquals(0, pushes(client(stored("after")), 4));
    }

    @Test
    void aRootThatIsFullDoesNotBringBackTheOneBefore() {
        tree();
        for (long ms = 0; ms <= Tree.ROOT_MS + Tree.BEACON_MS; ms += 1_000) {
            during(1_000, Output.class);
            handle(new Input.Alive(2));
            handle(new Input.Alive(3));
        }
        fillUp();
        during(200, Output.class);
        List<Output> outputs =
                new ArrayList<>(handle(new Input.Got(3, new SpreadMessage.Beacon(ROOT, 7, 2))));
        outputs.addAll(during(200, Output.class));
        assertTrue(sent(outputs, 3).stream().noneMatch(m ->
                m instanceof LinkMessage.Heartbeat h && h.parent()));
    }

    private List<Message> visited(int link, NodeId by, NodeId root) {
        handle(new Input.Opened(link, Optional.empty(), "10.0.0." + link, News.KEY));
        List<Output> outputs =
                new ArrayList<>(handle(new Input.Got(link, new LinkMessage.Hello(1, 1,
                "c", by, new Address("", 5000), 8081, NOWHERE, NOW, DAY_MS, "md5",
                LinkRole.VISIT))));
        outputs.addAll(handle(new Input.Got(link, new SpreadMessage.Beacon(root, 3, 2))));
        return sent(outputs, link);
    }

    @Test
    void aVisitorFromAnotherTreeBecomesANeighbour() {
        tree();
        List<Message> same = visited(7, new NodeId(60, 1), ROOT);
        assertTrue(same.contains(new SpreadMessage.Beacon(ROOT, 7, 2)), "it is told of ours");
        assertFalse(same.contains(new OverlayMessage.Adopt()));
        assertEquals(3, gossip.peerCount());
        List<Message> other = visited(8, new NodeId(60, 2), new NodeId(0, 9));
        assertTrue(other.contains(new OverlayMessage.Adopt()));
        assertEquals(4, gossip.peerCount());
    }

    @Test
    void visitorsBecomeNeighboursWhileTwoTreesGrowTogether() {
        tree();
        NodeId smaller = new NodeId(0, 9);
        handle(new Input.Got(2, new SpreadMessage.Beacon(smaller, 3, 1)));
        assertTrue(visited(7, new NodeId(60, 1), smaller).contains(new OverlayMessage.Adopt()));
        clock.advance(Tree.JOINING_MS);
        handle(new Input.Got(2, new SpreadMessage.Beacon(smaller, 9, 1)));
        assertFalse(visited(8, new NodeId(60, 2), smaller).contains(new OverlayMessage.Adopt()));
    }

    @Test
    void aVisitorOfALonelyNodeBecomesANeighbour() {
        assertTrue(visited(8, new NodeId(60, 2), ROOT).contains(new OverlayMessage.Adopt()));
        assertEquals(1, gossip.peerCount());
    }

    @Test
    void aFullNodeJoinsNoTrees() {
        tree();
        fillUp();
        List<Message> said = visited(8, new NodeId(60, 2), new NodeId(0, 9));
        assertTrue(said.stream().noneMatch(message -> message instanceof SpreadMessage.Beacon
                || message instanceof OverlayMessage.Adopt));
        assertEquals(3, gossip.peerCount());
    }

    @Test
    void aLiarAboutRootsIsBelievedSoManyTimes() {
        tree();
        long passed = 0;
        for (int i = 0; i < 1_000; i++) {
            passed += sent(handle(new Input.Got(3, new SpreadMessage.Beacon(
                    new NodeId(0, 0), i, 1))), 2).size();
            passed += sent(handle(new Input.Got(3, new SpreadMessage.Beacon(ROOT, 8 + i, 1))), 2)
                    .size();
        }
        assertTrue(passed <= 2 * Tree.MAX_CHANGES, "passed on " + passed);
    }

    @Test
    void siblingsDoNotTakeEachOtherForAParent() {
        tree();
        handle(new Input.Got(3, new SpreadMessage.Beacon(ROOT, 7, 2)));
        assertEquals(0, pushes(client(stored("before")), 3));
        handle(new Input.Closed(1, "gone"));
        List<Message> told = sent(handle(new Input.Tick()), 3);
        assertTrue(told.stream().anyMatch(m ->
                m instanceof LinkMessage.Heartbeat h && !h.placed() && !h.parent()), "at once");
        assertEquals(1, pushes(client(stored("after")), 3),
                "without a place in the tree all are told");
    }
}
