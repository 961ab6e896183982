package bcast.cluster.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import bcast.base.Context;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.net.discovery.Admission;
import bcast.cluster.net.secret.Secret;
import bcast.testing.Contexts;
import bcast.testing.TestClock;
import java.net.InetAddress;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The limit of links that an address opened and on which it has not greeted. */
final class SilentLinksTest {

    private static final int MAX = Acceptor.MAX_SILENT;

    private final Context context = Contexts.quiet(TestClock.standing(0));
    private final List<LinkChannel> links = new ArrayList<>();
    private Selector selector;
    private LinkTable table;
    private Acceptor acceptor;

    @BeforeEach
    void open() throws Exception {
        selector = Selector.open();
        // With a secret a node admits any address.
        Secret secret = Secret.decode("0".repeat(64));
        Admission admission = new Admission(() -> List.of(secret));
        table = new LinkTable("bcast", admission, context, input -> { });
        acceptor = new Acceptor(new Links.Settings("bcast",
                Optional.of(InetAddress.getLoopbackAddress()), 0, 1, 1, 10 * MAX), selector,
                admission, table, context);
    }

    @AfterEach
    void close() throws Exception {
        links.forEach(LinkChannel::close);
        acceptor.close();
        selector.close();
    }

    private LinkChannel link(String remote, Optional<Address> dialled) throws Exception {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        LinkChannel link = new LinkChannel(links.size() + 1, InetAddress.getByName(remote),
                dialled, channel, channel.register(selector, 0), List.of(), context.random(), 0);
        links.add(link);
        table.add(link);
        return link;
    }

    private LinkChannel silent(String remote) throws Exception {
        return link(remote, Optional.empty());
    }

    private void assertAdmitted(String remote) throws Exception {
        assertEquals(Optional.empty(), acceptor.refused(InetAddress.getByName(remote)));
    }

    private void assertRefused(String remote) throws Exception {
        long before = context.counters().get(LinkCounts.REFUSED_MANY);
        assertEquals(Optional.of(MAX + " links of this address have sent no greeting"),
                acceptor.refused(InetAddress.getByName(remote)));
        assertEquals(before + 1, context.counters().get(LinkCounts.REFUSED_MANY));
    }

    private void fill(String remote) throws Exception {
        for (int i = 0; i < MAX; i++) {
            assertAdmitted(remote);
            silent(remote);
        }
    }

    @Test
    void anAddressHasTheMostSilentLinksAndNotOneMore() throws Exception {
        fill("192.0.2.1");
        assertRefused("192.0.2.1");
    }

    @Test
    void aGreetingMakesRoomForOneLink() throws Exception {
        fill("192.0.2.1");
        links.get(7).input.greeted();
        assertAdmitted("192.0.2.1");
        silent("192.0.2.1");
        assertRefused("192.0.2.1");
    }

    @Test
    void anotherAddressIsNotAffected() throws Exception {
        fill("192.0.2.1");
        fill("192.0.2.2");
        assertRefused("192.0.2.1");
        assertRefused("192.0.2.2");
        assertAdmitted("192.0.2.3");
    }

    @Test
    void aNetworkOfIpv6CountsAsOneAddress() throws Exception {
        for (int i = 1; i <= MAX; i++) {
            assertAdmitted("2001:db8::" + i);
            silent("2001:db8::" + i);
        }
        assertRefused("2001:db8::ffff:1");
        assertAdmitted("2001:db8:0:1::1");
    }

    @Test
    void linksThatThisNodeDialledDoNotCount() throws Exception {
        link("192.0.2.1", Optional.of(new Address("192.0.2.1", 9)));
        fill("192.0.2.1");
        assertRefused("192.0.2.1");
    }
}
