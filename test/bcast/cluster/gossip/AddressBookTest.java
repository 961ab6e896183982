package bcast.cluster.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class AddressBookTest {

    private static final NodeId NODE = new NodeId(1, 1);
    private final AddressBook book = new AddressBook(new Random(1));

    private static Address address(int i) {
        return new Address("10.0." + i / 256 + "." + i % 256, 7);
    }

    private List<Address> due(long nowMs) {
        return book.due(node -> false, nowMs);
    }

    @Test
    void holdsAtItsLimitAndForgetsTheWorstPast() {
        for (int i = 0; i < AddressBook.MAX_ADDRESSES; i++) {
            book.heard(address(i), new NodeId(i, i), 0, 0);
        }
        assertEquals(AddressBook.MAX_ADDRESSES, book.size());
        book.failed(address(3), 0);
        book.heard(address(9_999), NODE, 0, 0);
        assertEquals(AddressBook.MAX_ADDRESSES, book.size());
        book.linked(address(3), NODE, 0);
        assertEquals(AddressBook.MAX_ADDRESSES, book.size(), "it had been forgotten");
    }

    @Test
    void dialsOnlySoManyAtOnce() {
        for (int i = 0; i < 20; i++) {
            book.heard(address(i), new NodeId(i, i), 0, 0);
        }
        assertEquals(AddressBook.MAX_DIALLING, due(0).size());
        assertEquals(0, due(0).size());
        assertEquals(AddressBook.MAX_DIALLING, due(AddressBook.DIAL_DEADLINE_MS).size(),
                "dials without any answer count as failed");
    }

    @Test
    void linkedNodesAreNotDialled() {
        book.heard(address(1), NODE, 0, 0);
        assertEquals(List.of(), book.due(NODE::equals, 0));
        assertEquals(List.of(address(1)), due(0));
    }

    @Test
    void whatNobodyHeardOfForADayIsForgottenButNotWhatTheUserNamed() {
        book.heard(address(1), NODE, 0, 0);
        book.named(List.of(address(2)), 0);
        long later = AddressBook.KEEP_MS + 1;
        book.failed(address(1), later);
        book.failed(address(2), later);
        assertEquals(1, book.size());
        assertTrue(due(later + 10_000).contains(address(2)));
    }

    @Test
    void whoLeftIsForgottenButNotWhatTheUserNamed() {
        book.named(List.of(address(2)), 0);
        book.linked(address(1), NODE, 0);
        book.linked(address(2), NODE, 0);
        book.left(NODE);
        assertEquals(1, book.size());
        assertFalse(due(0).contains(address(1)));
    }
}
