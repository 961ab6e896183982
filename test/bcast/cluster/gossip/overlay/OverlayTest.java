package bcast.cluster.gossip.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.OneNode;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.repair.RepairMessage;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who becomes a neighbour, in a mesh and in a larger cluster. */
final class OverlayTest extends OneNode {

    OverlayTest() {
        store.merge(News.data("held", "raw", NOW));
    }

    private static NodeId node(int i) {
        return new NodeId(100 + i, 0);
    }

    private static LinkMessage.Hello hello(int i, LinkRole role) {
        return new LinkMessage.Hello(1, 1, "c", node(i), new Address("10.0.1." + i, 5_000), 8081,
                NOWHERE, NOW, DAY_MS, "md5", role);
    }

    /** A node dials this one. Returns what it is answered. */
    private LinkRole dialled(int i, LinkRole wish) {
        handle(new Input.Opened(i, Optional.empty(), "10.0.1." + i, News.KEY));
        return sent(handle(new Input.Got(i, hello(i, wish))), i).stream()
                .filter(m -> m instanceof LinkMessage.Hello).map(m -> ((LinkMessage.Hello) m)
                .role())
                .findFirst().orElseThrow();
    }

    private void known(int from, int to) {
        List<OverlayMessage.Peer> peers = new ArrayList<>();
        for (int i = from; i < to; i++) {
            peers.add(new OverlayMessage.Peer(node(i), new Address("10.0.1." + i, 5_000), 0));
        }
        handle(new Input.Got(1, new OverlayMessage.Peers(peers)));
    }

    private void alive(int from, int to) {
        for (int i = from; i < to; i++) {
            handle(new Input.Alive(i));
        }
    }

    @Test
    void upTo25NodesAreAMeshAndDialAll() {
        dialled(1, LinkRole.JOIN);
        known(2, Membership.MESH);
        assertEquals(Membership.MESH - 2, during(AddressBook.DIAL_DEADLINE_MS * 2,
                Output.Connect.class).stream().distinct().count());
    }

    private static Address advertised(int i) {
        return new Address("fe80::" + i, 5_000);
    }

    @Test
    void nobodyIsToldOfALinkLocalAddressNorBelievedOne() {
        handle(new Input.Opened(1, Optional.empty(), "fe80::1%e0", News.KEY));
        handle(new Input.Got(1, new LinkMessage.Hello(1, 1, "c", node(1), advertised(1), 8081,
                NOWHERE, NOW, DAY_MS, "md5", LinkRole.JOIN)));
        String members = gossip.members(new Now(0, NOW)).toString();
        assertTrue(members.contains("[fe80::1%e0]:5000"), "as this node sees it: " + members);
        handle(new Input.Opened(2, Optional.empty(), "10.0.1.2", News.KEY));
        List<Output> outputs = new ArrayList<>(handle(new Input.Got(2,
                hello(2, LinkRole.JOIN))));
        outputs.addAll(during(2_000, Output.class));
        List<OverlayMessage.Peer> told = sent(outputs, 2).stream()
                .filter(m -> m instanceof OverlayMessage.Peers)
                .flatMap(m -> ((OverlayMessage.Peers) m).peers().stream()).toList();
        assertEquals(List.of(), told);
        handle(new Input.Got(2, new OverlayMessage.Peers(List.of(
                new OverlayMessage.Peer(node(3), new Address("fe80::3%e0", 5_000), 0)))));
        assertEquals(List.of(), during(2_000, Output.Connect.class));
    }

    @Test
    void aLinkLocalAddressHeardFirstWaitsForAnother() {
        Address other = new Address("10.0.1.4", 5_000);
        handle(new Input.Announced(LARGER, new Address("fe80::4%e0", 5_000)));
        List<Output> outputs = new ArrayList<>(handle(new Input.Announced(LARGER, other)));
        outputs.addAll(during(1_000, Output.class));
        assertEquals(List.of(new Output.Connect(other)), outputs.stream()
                .filter(o -> o instanceof Output.Connect).toList());
    }

    @Test
    void withOneMoreOnlySomeAreDialled() {
        dialled(1, LinkRole.JOIN);
        known(2, Membership.MESH + 1);
        long first = during(1_100, Output.Connect.class).size();
        assertTrue(first <= AddressBook.MAX_DIALLING, "the news came before the count");
        assertTrue(during(900, Output.Connect.class).size() <= Membership.ACTIVE);
    }

    @Test
    void aLargeClustersNodeTurnsDownWhoHasOthersButNotWhoHasNone() {
        for (int i = 1; i <= Membership.ROOMY; i++) {
            assertEquals(LinkRole.NEIGHBOUR, dialled(i, LinkRole.NEIGHBOUR));
        }
        known(50, 50 + Membership.MESH);
        during(1_100, Output.class);
        assertEquals(LinkRole.NONE, dialled(30, LinkRole.NEIGHBOUR));
        assertEquals(LinkRole.NEIGHBOUR, dialled(31, LinkRole.JOIN));
        assertEquals(LinkRole.VISIT, dialled(32, LinkRole.VISIT));
        assertEquals(Membership.ROOMY + 1, gossip.peerCount());
    }

    @Test
    void whoIsTurnedDownIsToldOfOthers() {
        for (int i = 1; i <= Membership.ROOMY; i++) {
            dialled(i, LinkRole.NEIGHBOUR);
        }
        known(50, 50 + Membership.MESH);
        during(1_100, Output.class);
        handle(new Input.Opened(30, Optional.empty(), "10.0.1.30", News.KEY));
        List<Output> outputs = handle(new Input.Got(30, hello(30, LinkRole.NEIGHBOUR)));
        assertTrue(sent(outputs, 30).stream().anyMatch(m -> m instanceof OverlayMessage.Peers));
        assertTrue(outputs.contains(new Output.Close(30)));
    }

    @Test
    void neighboursAreNeverMoreThanTheirLimit() {
        for (int i = 1; i <= Membership.MAX_NEIGHBOURS; i++) {
            dialled(i, LinkRole.JOIN);
        }
        assertEquals(Membership.MAX_NEIGHBOURS, gossip.peerCount());
        dialled(90, LinkRole.JOIN);
        assertEquals(Membership.MAX_NEIGHBOURS, gossip.peerCount());
        Optional<Address> address = Optional.of(new Address("10.0.0.91", 5000));
        handle(new Input.Opened(91, address, "10.0.0.91", News.KEY));
        handle(new Input.Got(91, hello(new NodeId(50, 91))));
        assertEquals(Membership.MAX_NEIGHBOURS, gossip.peerCount(), "one that was dialled");
    }

    @Test
    void aLargeClustersNodeShedsWhatItHasTooMany() {
        for (int i = 1; i <= Membership.MAX_NEIGHBOURS; i++) {
            dialled(i, LinkRole.JOIN);
        }
        known(50, 60);
        int before = gossip.peerCount();
        for (long ms = 0; ms < 40 * Membership.SHED_MS; ms += 1_000) {
            during(1_000, Output.class);
            alive(1, 26);
            known(50, 70);
        }
        assertTrue(before > Membership.ROOMY);
        assertEquals(Membership.ROOMY, gossip.peerCount());
    }

    @Test
    void aWalkGoesOnUntilItsEndAndEndsInADial() {
        dialled(1, LinkRole.JOIN);
        dialled(2, LinkRole.JOIN);
        OverlayMessage.Peer peer = new OverlayMessage.Peer(node(70),
                new Address("10.0.1.70", 5_000), 0);
        List<Output> passed = handle(new Input.Got(1, new OverlayMessage.ForwardJoin(peer, 4)));
        assertEquals(List.of(new Output.Send(2, new OverlayMessage.ForwardJoin(peer, 3))),
                passed.stream().filter(o -> o instanceof Output.Send s
                        && s.message() instanceof OverlayMessage.ForwardJoin).toList());
        List<Output> end = handle(new Input.Got(1, new OverlayMessage.ForwardJoin(peer, 0)));
        assertTrue(end.contains(new Output.Connect(peer.address())));
    }

    @Test
    void aShuffleThatCannotGoOnIsAnswered() {
        dialled(1, LinkRole.JOIN);
        List<Message> sent = sent(handle(new Input.Got(1,
                new OverlayMessage.Shuffle(5, Hearsay.JOIN_HOPS, List.of()))), 1);
        assertTrue(sent.stream().anyMatch(m -> m instanceof OverlayMessage.Shuffled s
                && s.walk() == 5));
    }

    @Test
    void theAnswerOfAShuffleFindsItsWayBack() {
        dialled(1, LinkRole.JOIN);
        dialled(2, LinkRole.JOIN);
        handle(new Input.Got(1, new OverlayMessage.Shuffle(5, 3, List.of())));
        OverlayMessage.Shuffled answer = new OverlayMessage.Shuffled(5, List.of());
        assertTrue(sent(handle(new Input.Got(2, answer)), 1).contains(answer));
        assertFalse(sent(handle(new Input.Got(2, answer)), 1).contains(answer), "once");
    }

    @Test
    void aVisitEndsWithItsRound() {
        Address address = new Address("10.0.1.9", 5_000);
        dialled(1, LinkRole.JOIN);
        handle(new Input.Opened(9, Optional.of(address), "10.0.1.9", News.KEY));
        List<Output> outputs = handle(new Input.Got(9, hello(9, LinkRole.VISIT)));
        assertTrue(sent(outputs, 9).stream().anyMatch(m -> m instanceof RepairMessage.Compare)
                || during(6_000, Output.Send.class).stream().anyMatch(s -> s.link() == 9
                        && s.message() instanceof RepairMessage.Compare));
        assertTrue(handle(new Input.Got(9, new RepairMessage.Same()))
                .contains(new Output.Close(9)));
        assertEquals(1, gossip.peerCount());
    }

    @Test
    void whoWasApartIsAdopted() {
        dialled(9, LinkRole.VISIT);
        assertEquals(0, gossip.peerCount());
        handle(new Input.Got(9, new OverlayMessage.Adopt()));
        assertEquals(1, gossip.peerCount());
    }

    @Test
    void theRoundOfAVisitThatIsAdoptedIsLeftToTheVisitor() {
        dialled(9, LinkRole.VISIT);
        assertEquals(0, compares(handle(new Input.Got(9, new OverlayMessage.Adopt())), 9));
        assertEquals(0, compares(during(2_000, Output.class), 9));
    }

    @Test
    void aVisitHasAnEndOnTheSideThatIsVisitedToo() {
        dialled(9, LinkRole.VISIT);
        List<Output> closed = new ArrayList<>();
        for (long ms = 0; ms <= Liveness.MAX_VISIT_MS; ms += 1_000) {
            assertEquals(List.of(), closed);
            handle(new Input.Alive(9));
            closed.addAll(during(1_000, Output.Close.class));
        }
        assertEquals(List.of(new Output.Close(9)), closed);
    }
}
