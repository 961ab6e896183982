package bcast.cluster.net.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bcast.testing.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sockets on the loopback that cannot be opened, join no more, or cannot send. */
final class GroupSocketsTest {

    private static final InetSocketAddress GROUP = new InetSocketAddress("239.255.77.79", 47_779);
    private static final String NO_DESCRIPTORS = "Too many open files";
    /** Linux allows 20 memberships of a socket unless it is told otherwise. */
    private static final int MANY_GROUPS = 256;

    private Selector selector;
    private GroupSockets group;
    private MulticastInterface lo;
    /** No interface: it can neither be joined nor sent on. */
    private final MulticastInterface broken = new MulticastInterface(null, 9, false, false);
    /** Sockets that can still be opened. */
    private int descriptors = Integer.MAX_VALUE;
    /** Whether sockets have no room for a membership from now on. */
    private boolean full;

    @BeforeEach
    void open() throws IOException {
        selector = Selector.open();
        group = new GroupSockets(GROUP, this::openOne);
        lo = Interfaces.scan(Optional.of(InetAddress.getLoopbackAddress())).multicast().get(0);
    }

    @AfterEach
    void close() throws IOException {
        group.close();
        selector.close();
    }

    private GroupChannel openOne() throws IOException {
        if (descriptors == 0) {
            throw new SocketException(NO_DESCRIPTORS);
        }
        descriptors--;
        GroupChannel socket = GroupChannel.open(StandardProtocolFamily.INET, GROUP.getPort(),
                selector);
        if (full) {
            full = false;
            assumeTrue(fill(socket), "a socket of this system has more memberships");
        }
        return socket;
    }

    private boolean fill(GroupChannel socket) throws IOException {
        for (int i = 0; i < MANY_GROUPS; i++) {
            try {
                socket.join(InetAddress.getByName("239.255.78." + i), lo.nic());
            } catch (IOException e) {
                return true;
            }
        }
        return false;
    }

    private List<GroupChannel> sockets() throws IOException {
        selector.selectNow();
        return selector.keys().stream().filter(SelectionKey::isValid)
                .map(key -> (GroupChannel) key.attachment()).toList();
    }

    private Map<MulticastInterface, String> send() {
        return group.send(ByteBuffer.wrap(new byte[] {1}));
    }

    private void assertHears() throws Exception {
        assertEquals(Map.of(), send());
        Await.until("a socket hears", 5, () -> {
            for (GroupChannel socket : sockets()) {
                if (socket.receive(ByteBuffer.allocate(9)) != null) {
                    return true;
                }
            }
            return false;
        });
    }

    @Test
    void membershipsThatCannotBeRenewedForLackOfDescriptorsAreKept() throws Exception {
        assertEquals(Map.of(), group.rescan(Set.of(lo), 0));
        List<GroupChannel> before = sockets();
        descriptors = 0;
        for (int i = 0; i < 2; i++) {
            Map<MulticastInterface, String> failed =
                    group.rescan(Set.of(lo), GroupSockets.RENEW_MS + i);
            assertEquals(Set.of(lo), failed.keySet());
            assertTrue(failed.get(lo).contains(NO_DESCRIPTORS), failed.toString());
            assertEquals(before, sockets());
            assertEquals(Set.of(lo), group.joined());
            assertHears();
        }
        descriptors = 1;
        assertEquals(Map.of(), group.rescan(Set.of(lo), GroupSockets.RENEW_MS + 2));
        assertNotEquals(before, sockets());
        assertHears();
    }

    @Test
    void aSocketWithAllItsMembershipsIsKeptIfTheSecondNewOneCannotBeOpened() throws Exception {
        full = true;
        assertEquals(Map.of(), group.rescan(Set.of(lo), 0));
        Set<GroupChannel> before = Set.copyOf(sockets());
        assertEquals(2, before.size(), "the first one is full");
        assertHears();
        full = true;
        descriptors = 1;
        Map<MulticastInterface, String> failed = group.rescan(Set.of(lo), GroupSockets.RENEW_MS);
        assertTrue(failed.get(lo).contains(NO_DESCRIPTORS), failed.toString());
        assertEquals(before, Set.copyOf(sockets()));
        assertEquals(Set.of(lo), group.joined());
        assertHears();
    }

    @Test
    void aGroupWithoutASocketFailsToSendUntilOneOpens() throws Exception {
        descriptors = 0;
        for (int i = 0; i < 2; i++) {
            assertTrue(group.rescan(Set.of(lo), i).get(lo).contains(NO_DESCRIPTORS));
            assertEquals(Set.of(), group.joined());
            assertEquals(Set.of(lo), send().keySet());
        }
        descriptors = 1;
        assertEquals(Map.of(), group.rescan(Set.of(lo), 2));
        assertHears();
    }

    @Test
    void aRemovedInterfaceIsForgottenEvenIfNoSocketCanBeOpened() throws Exception {
        group.rescan(Set.of(lo), 0);
        descriptors = 0;
        assertEquals(Map.of(), group.rescan(Set.of(), 1));
        assertEquals(Set.of(), group.joined());
        assertEquals(Map.of(), send());
        assertEquals(List.of(), sockets());
    }

    @Test
    void anInterfaceThatAlwaysFailsToSendReopensTheSocketsOnce() throws Exception {
        Set<MulticastInterface> both = new LinkedHashSet<>(List.of(lo, broken));
        List<List<GroupChannel>> seen = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            assertEquals(Set.of(broken), group.rescan(both, i).keySet());
            seen.add(sockets());
            assertEquals(Set.of(broken), send().keySet());
        }
        assertNotEquals(seen.get(0), seen.get(1), "it had just begun to fail");
        assertEquals(List.of(seen.get(1), seen.get(1), seen.get(1)), seen.subList(2, 5));
        group.rescan(both, GroupSockets.RENEW_MS + 1);
        assertNotEquals(seen.get(1), sockets());
    }
}
