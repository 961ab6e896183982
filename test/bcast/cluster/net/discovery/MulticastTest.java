package bcast.cluster.net.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Log;
import bcast.testing.Await;
import bcast.testing.Contexts;
import bcast.testing.TestClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Announcements on the loopback, whose set of interfaces the test makes up. */
final class MulticastTest {

    private static final InetSocketAddress GROUP = new InetSocketAddress("239.255.77.78", 47_778);
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final TestClock clock = TestClock.standing(1_700_000_000_000L);
    private final List<String> log = new ArrayList<>();
    private final Context context = Contexts.logging(clock, Log.Level.INFO, log::add);
    private final Counters counters = context.counters();
    private Selector selector;
    private Multicast multicast;
    private Interfaces lo;

    @BeforeEach
    void open() throws IOException {
        selector = Selector.open();
        multicast = new Multicast(GROUP, Optional.of(LOOPBACK), selector, context);
        lo = Interfaces.scan(Optional.of(LOOPBACK));
    }

    @AfterEach
    void close() throws IOException {
        multicast.close();
        selector.close();
    }

    /** The sockets that are open now. */
    private List<SelectionKey> sockets() throws IOException {
        selector.selectNow();
        return selector.keys().stream().filter(SelectionKey::isValid).filter(Multicast::owns)
                .toList();
    }

    private SelectionKey socket() throws IOException {
        assertEquals(1, sockets().size());
        return sockets().get(0);
    }

    private void assertHearsItself() throws Exception {
        multicast.send(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        SelectionKey socket = socket();
        ByteBuffer heard = ByteBuffer.allocate(10);
        Await.until("it hears itself", 5, () -> multicast.receive(socket, heard.clear())
                .filter(LOOPBACK::equals).isPresent());
        assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), heard.flip());
    }

    private Interfaces withIndex(int add) {
        return new Interfaces(lo.multicast().stream().map(each -> new MulticastInterface(
                each.nic(), each.index() + add, each.ipv6(), each.loopback())).toList(),
                lo.subnets());
    }

    @Test
    void anInterfaceWithTheSameNameAndAddressesButAnotherIndexIsJoinedAgain() throws Exception {
        multicast.rescan(lo);
        SelectionKey first = socket();
        assertHearsItself();
        multicast.rescan(Interfaces.scan(Optional.of(LOOPBACK)));
        assertEquals(first, socket(), "nothing changed");
        multicast.rescan(withIndex(1));
        assertNotEquals(first, socket());
        assertHearsItself();
    }

    @Test
    void membershipsAreRenewed() throws Exception {
        multicast.rescan(lo);
        SelectionKey first = socket();
        clock.advance(GroupSockets.RENEW_MS - 1);
        multicast.rescan(lo);
        assertEquals(first, socket());
        clock.advance(1);
        multicast.rescan(lo);
        assertNotEquals(first, socket());
        assertHearsItself();
    }

    @Test
    void aSocketThatFailsIsCountedLoggedOnceAndOpenedAgain() throws Exception {
        for (int i = 1; i <= 2; i++) {
            multicast.rescan(lo);
            SelectionKey broken = socket();
            broken.channel().close();
            assertTrue(multicast.receive(broken, ByteBuffer.allocate(10)).isEmpty());
            assertEquals(List.of(), sockets());
            assertEquals(i, counters.get(Multicast.RECEIVE_FAILED));
        }
        multicast.rescan(lo);
        assertHearsItself();
        assertEquals(1, log.stream().filter(line -> line.contains("cannot receive multicast"))
                .count());
    }

    @Test
    void anInterfaceThatFailsToSendAfterTwoScansIsLoggedOnce() throws Exception {
        for (int i = 1; i <= 3; i++) {
            multicast.rescan(lo);
            socket().channel().close();
            clock.advance(GroupSockets.RENEW_MS);
            multicast.send(ByteBuffer.allocate(10));
            assertEquals(i, counters.get(Multicast.SEND_FAILED));
            assertEquals(Math.min(i - 1, 1), log.stream().filter(line -> line.contains(
                    "cannot send to the multicast group 239.255.77.78:47778 on lo")).count());
        }
        multicast.rescan(lo);
        assertHearsItself();
    }

    @Test
    void otherThrowablesOfTheJdkBecomeIoExceptions() throws Exception {
        GroupChannel channel = GroupChannel.open(StandardProtocolFamily.INET, 0, selector);
        NetworkInterface none = null;
        IOException e = assertThrows(IOException.class,
                () -> channel.join(GROUP.getAddress(), none));
        assertTrue(e.getCause() instanceof NullPointerException, e.toString());
        channel.close();
    }

    @Test
    void theReachIsLoggedAtFirstAndWhenItChanges() throws Exception {
        for (Interfaces each : List.of(lo, lo, Interfaces.NONE, Interfaces.NONE, lo)) {
            multicast.rescan(each);
        }
        assertEquals(3, log.size(), log.toString());
        assertTrue(log.get(0).endsWith(
                "looking for peers by multicast 239.255.77.78:47778 on lo"), log.get(0));
        assertTrue(log.get(1).endsWith("not looking for peers by multicast: no interface is up "
                + "with an IPv4 or an IPv6 link-local address and has joined the group; "
                + "name nodes on other hosts in -peers"), log.get(1));
        assertEquals(log.get(0).substring(25), log.get(2).substring(25));
    }
}
