package bcast.cluster.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Counters;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

final class UnauthenticatedLinksTest {

    private final Counters counters = new Counters();
    private final UnauthenticatedLinks links = new UnauthenticatedLinks(counters);
    private final InetAddress one = address("192.0.2.1");
    private final InetAddress other = address("192.0.2.2");

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (java.net.UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aLinkBeyondTheMostSilentOnesIsRefused() {
        for (int i = 0; i < UnauthenticatedLinks.MAX_SILENT; i++) {
            assertTrue(links.refused(one, 0).isEmpty());
            links.opened(one);
        }
        assertTrue(links.refused(one, 0).isPresent());
        assertTrue(links.refused(other, 0).isEmpty());
        assertEquals(1, counters.get(LinkCounts.REFUSED_MANY));
        links.settled(one);
        assertTrue(links.refused(one, 0).isEmpty());
    }

    @Test
    void anAddressIsShutOutAtTheMostFaultsForAMinute() {
        for (int i = 1; i < UnauthenticatedLinks.MAX_FAULTS; i++) {
            assertFalse(links.fault(one, 10));
        }
        assertTrue(links.refused(one, 10).isEmpty());
        assertTrue(links.fault(one, 10));
        assertTrue(links.refused(one, 10 + UnauthenticatedLinks.SHUT_OUT_MS - 1).isPresent());
        assertTrue(links.refused(other, 10).isEmpty());
        assertTrue(links.refused(one, 10 + UnauthenticatedLinks.SHUT_OUT_MS).isEmpty());
        assertEquals(1, counters.get(LinkCounts.SHUT_OUT));
        assertEquals(1, counters.get(LinkCounts.REFUSED_SHUT_OUT));
    }

    @Test
    void faultsOfAnEarlierWindowDoNotCount() {
        for (int i = 1; i < UnauthenticatedLinks.MAX_FAULTS; i++) {
            assertFalse(links.fault(one, 10));
        }
        assertFalse(links.fault(one, 10 + UnauthenticatedLinks.WINDOW_MS));
    }

    @Test
    void aNetworkOfIpv6CountsAsOneAddress() {
        for (int i = 1; i <= UnauthenticatedLinks.MAX_FAULTS; i++) {
            links.fault(address("2001:db8::" + Integer.toHexString(i)), 10);
        }
        assertTrue(links.refused(address("2001:db8::ffff:1"), 10).isPresent());
        assertTrue(links.refused(address("2001:db8:0:1::1"), 10).isEmpty());
    }

    @Test
    void theFirstOfTooManyAddressesIsForgotten() {
        for (int i = 1; i <= UnauthenticatedLinks.MAX_FAULTS; i++) {
            links.fault(one, 10);
        }
        for (int i = 1; i < UnauthenticatedLinks.MAX_ADDRESSES; i++) {
            links.fault(address("10.0." + i / 256 + "." + i % 256), 10);
        }
        assertTrue(links.refused(one, 10).isPresent());
        links.fault(other, 10);
        assertTrue(links.refused(one, 10).isEmpty());
    }
}
