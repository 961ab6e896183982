package bcast.cluster.gossip.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

final class AddressBookTest {

    private static final NodeId NODE = new NodeId(1, 1);
    private final AddressBook book = new AddressBook(new Random(1));

    private static Address address(int i) {
        return new Address("10.0." + i / 256 + "." + i % 256, 7);
    }

    private List<Address> due(long nowMs) {
        return due(AddressBook.Which.ANY, node -> false, nowMs);
    }

    private List<Address> due(AddressBook.Which which, Predicate<NodeId> linked, long nowMs) {
        List<Address> due = new ArrayList<>();
        Optional<Address> next = book.dial(which, LinkRole.NEIGHBOUR, linked, nowMs);
        while (next.isPresent()) {
            due.add(next.get());
            next = book.dial(which, LinkRole.NEIGHBOUR, linked, nowMs);
        }
        return due;
    }

    private void heard(int i, long nowMs) {
        book.heard(address(i), new NodeId(i, i), nowMs, false, 0, nowMs);
    }

    @Test
    void holdsAtItsLimitAndForgetsTheWorstPast() {
        for (int i = 0; i < AddressBook.MAX_ADDRESSES; i++) {
            heard(i, 0);
        }
        assertEquals(AddressBook.MAX_ADDRESSES, book.entries.size());
        book.failed(address(3), 0);
        heard(9_999, 0);
        assertEquals(AddressBook.MAX_ADDRESSES, book.entries.size());
        book.linked(address(3), NODE, true, 0);
        assertEquals(AddressBook.MAX_ADDRESSES, book.entries.size(), "it had been forgotten");
    }

    @Test
    void nodesThatDeclinedAreDialledAgainOneToThreeSecondsLater() {
        for (int i = 0; i < AddressBook.MAX_DIALLING; i++) {
            book.declined(address(i), new NodeId(i, i), 0);
        }
        assertEquals(0, due(999).size());
        int early = due(2_000).size();
        assertTrue(early > 0 && early < AddressBook.MAX_DIALLING, early + " of them at once");
        assertEquals(AddressBook.MAX_DIALLING, early + due(3_000).size());
    }

    @Test
    void aNodeThatLivesKeepsAllItsAddressesFreshAndLosesNoDial() {
        book.linked(address(1), NODE, true, 0);
        book.linked(address(2), NODE, true, 0);
        assertEquals(1, due(0).size());
        book.alive(NODE, AddressBook.FRESH_MS);
        assertEquals(1, book.dialling(0));
        assertEquals(List.of(), due(AddressBook.Which.STALE, node -> false, AddressBook.FRESH_MS));
    }

    @Test
    void dialsOnlySoManyAtOnce() {
        for (int i = 0; i < 2 * AddressBook.MAX_DIALLING; i++) {
            heard(i, 0);
        }
        assertEquals(AddressBook.MAX_DIALLING, due(0).size());
        assertEquals(0, due(0).size());
        assertEquals(AddressBook.MAX_DIALLING, due(AddressBook.DIAL_DEADLINE_MS).size(),
                "dials without any answer count as failed");
    }

    @Test
    void aLinkLocalAddressIsDialledOnlyWhileNoOtherOfItsNodeWorks() {
        Address linkLocal = new Address("fe80::1%e0", 7);
        book.heard(linkLocal, NODE, 0, false, 0, 0);
        assertEquals(List.of(linkLocal), due(0), "there is no other");
        book.failed(linkLocal, 0);
        heard(1, 0);
        long later = AddressBook.MAX_PAUSE_MS * 2;
        assertEquals(List.of(address(1)), due(later));
        book.failed(address(1), later);
        assertEquals(List.of(linkLocal), due(later));
    }

    @Test
    void linkedNodesAreNotDialled() {
        heard(1, 0);
        assertEquals(List.of(), due(AddressBook.Which.ANY, NODE::equals, 0));
        assertEquals(List.of(address(1)), due(0));
    }

    @Test
    void whatNobodyHeardOfForADayIsForgottenButNotWhatTheUserNamed() {
        heard(1, 0);
        book.named(List.of(address(2)), 0);
        long later = AddressBook.KEEP_MS + 1;
        book.failed(address(1), later);
        book.failed(address(2), later);
        assertEquals(1, book.entries.size());
        assertTrue(due(later + 10_000).contains(address(2)));
    }

    @Test
    void whoLeftIsForgottenButNotWhatTheUserNamed() {
        book.named(List.of(address(2)), 0);
        book.linked(address(1), NODE, true, 0);
        book.linked(address(2), NODE, true, 0);
        book.left(NODE);
        assertEquals(1, book.entries.size());
        assertFalse(due(0).contains(address(1)));
    }

    @Test
    void whoIsKnownToBeAliveIsFreshUntilNobodyHeardOfItForLong() {
        heard(1, 0);
        assertEquals(1, book.fresh(AddressBook.FRESH_MS).size());
        assertEquals(0, book.fresh(AddressBook.FRESH_MS + 1).size());
        assertEquals(List.of(), due(AddressBook.Which.STALE, node -> false, 0));
        assertEquals(List.of(address(1)), due(AddressBook.Which.FRESH, node -> false, 0));
        book.failed(address(1), 0);
        assertEquals(0, book.fresh(0).size(), "it was dialled in vain");
        assertEquals(List.of(address(1)), due(AddressBook.Which.STALE, node -> false, 1_000));
    }

    @Test
    void onlyWhatSomebodyDialledIsToldOf() {
        heard(1, 0);
        book.heard(address(2), new NodeId(2, 2), 0, true, 0, 0);
        assertEquals(List.of(new OverlayMessage.Peer(new NodeId(2, 2), address(2), 5)),
                book.sample(9, peer -> true, 5_500));
        book.linked(address(1), NODE, true, 5_500);
        assertEquals(2, book.sample(9, peer -> true, 5_500).size());
        assertEquals(1, book.sample(1, peer -> true, 5_500).size());
        book.failed(address(1), 5_500);
        assertEquals(1, book.sample(9, peer -> true, 5_500).size());
    }

    @Test
    void aNeighbourOfManyDaysIsNotForgottenAtOnce() {
        book.linked(address(1), NODE, true, 0);
        long later = 2 * AddressBook.KEEP_MS;
        book.lost(NODE, later);
        book.failed(address(1), later + 1);
        assertEquals(1, book.entries.size());
        book.failed(address(1), later + 1 + AddressBook.KEEP_MS);
        assertEquals(0, book.entries.size());
    }

    @Test
    void anOldTaleDoesNotReplaceWhatIsKnown() {
        book.linked(address(1), NODE, true, 1_000);
        book.heard(address(1), new NodeId(7, 7), 500, true, 0, 1_000);
        assertEquals(NODE, book.sample(1, peer -> true, 1_000).get(0).node());
        book.heard(address(1), new NodeId(7, 7), 1_500, true, 0, 1_500);
        assertEquals(new NodeId(7, 7), book.sample(1, peer -> true, 1_500).get(0).node());
    }
}
