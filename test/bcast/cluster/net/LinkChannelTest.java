package bcast.cluster.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.net.secret.Secret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long a peer waits whose requests take too much time. */
final class LinkChannelTest {

    private static final long START_MS = 10_000;

    private ServerSocketChannel server;
    private Selector selector;
    private SocketChannel channel;
    private SelectionKey key;
    private LinkChannel link;

    @BeforeEach
    void open() throws Exception {
        server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        channel = SocketChannel.open(server.getLocalAddress());
        channel.configureBlocking(false);
        selector = Selector.open();
        key = channel.register(selector, SelectionKey.OP_READ);
        link = new LinkChannel(1, InetAddress.getLoopbackAddress(), Optional.empty(), channel, key,
                List.of(), new SecureRandom(), START_MS);
        link.throttle(START_MS);
    }

    @AfterEach
    void close() throws Exception {
        channel.close();
        selector.close();
        server.close();
    }

    /** Seconds for which the link is not read. */
    private int waits() {
        int seconds = 0;
        link.throttle(START_MS + 1);
        while (link.throttled()) {
            assertEquals(0, key.interestOps() & SelectionKey.OP_READ);
            seconds++;
            link.throttle(START_MS + seconds * 1_000L);
        }
        assertEquals(SelectionKey.OP_READ, key.interestOps());
        return seconds;
    }

    @Test
    void aPeerWithinItsShareDoesNotWait() {
        link.spend(LinkChannel.REQUESTS_NS);
        assertEquals(0, waits());
    }

    @Test
    void aPeerWaitsOnceItsShareIsExceeded() {
        link.spend(LinkChannel.REQUESTS_NS);
        link.throttle(START_MS);
        assertFalse(link.throttled());
        link.spend(1);
        link.throttle(START_MS + 999);
        assertTrue(link.throttled());
        link.throttle(START_MS + 1_000);
        assertFalse(link.throttled());
    }

    @Test
    void aPeerBeyondItsShareWaitsUntilThatIsPaidFor() {
        link.spend(2 * LinkChannel.REQUESTS_NS);
        assertTrue(waits() >= 1);
        assertFalse(link.throttled());
    }

    @Test
    void aLinkThatIsBeingClosedIsReadThoughItsPeerHasToWait() throws Exception {
        link.spend(2 * LinkChannel.REQUESTS_NS);
        link.throttle(START_MS);
        assertEquals(0, key.interestOps() & SelectionKey.OP_READ);
        link.beginClosing(START_MS);
        link.flush(START_MS);
        assertEquals(SelectionKey.OP_READ, key.interestOps());
    }

    @Test
    void aHandshakeThatWaitsToBeSentIsNotStalledAtOnce() throws Exception {
        long nowMs = 2 * Outgoing.STALLED_MS;
        LinkChannel dialled = new LinkChannel(2, InetAddress.getLoopbackAddress(),
                Optional.of(new Address("127.0.0.1", 1)), channel, key,
                List.of(Secret.decode("01".repeat(Secret.MIN_BYTES))), new SecureRandom(), nowMs);
        assertFalse(dialled.output.isEmpty());
        assertFalse(dialled.output.stalled(nowMs + Outgoing.STALLED_MS - 1));
        assertTrue(dialled.output.stalled(nowMs + Outgoing.STALLED_MS));
    }

    @Test
    void oneRequestStopsALinkForThreeSecondsAtMost() {
        link.spend(3_600_000_000_000L);
        assertEquals(3, waits());
    }
}
