package bcast.cluster.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Counters;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

final class AddressFaultsTest {

    private final Counters counters = new Counters();
    private final AddressFaults faults = new AddressFaults(counters);
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
    void anAddressIsShutOutAtTheMostFaultsForAMinute() {
        for (int i = 1; i < AddressFaults.MAX_FAULTS; i++) {
            assertFalse(faults.add(one, 10));
        }
        assertFalse(faults.refuse(one, 10));
        assertTrue(faults.add(one, 10));
        assertTrue(faults.refuse(one, 10 + AddressFaults.SHUT_OUT_MS - 1));
        assertFalse(faults.refuse(other, 10));
        assertFalse(faults.refuse(one, 10 + AddressFaults.SHUT_OUT_MS));
        assertEquals(1, counters.get(LinkCounts.SHUT_OUT));
        assertEquals(1, counters.get(LinkCounts.REFUSED_SHUT_OUT));
    }

    @Test
    void faultsOfAnEarlierWindowDoNotCount() {
        for (int i = 1; i < AddressFaults.MAX_FAULTS; i++) {
            assertFalse(faults.add(one, 10));
        }
        assertFalse(faults.add(one, 10 + AddressFaults.WINDOW_MS));
    }

    @Test
    void aNetworkOfIpv6CountsAsOneAddress() {
        for (int i = 1; i <= AddressFaults.MAX_FAULTS; i++) {
            faults.add(address("2001:db8::" + Integer.toHexString(i)), 10);
        }
        assertTrue(faults.refuse(address("2001:db8::ffff:1"), 10));
        assertFalse(faults.refuse(address("2001:db8:0:1::1"), 10));
    }

    @Test
    void theFirstOfTooManyAddressesIsForgotten() {
        for (int i = 1; i <= AddressFaults.MAX_FAULTS; i++) {
            faults.add(one, 10);
        }
        for (int i = 1; i < AddressFaults.MAX_ADDRESSES; i++) {
            faults.add(address("10.0." + i / 256 + "." + i % 256), 10);
        }
        assertTrue(faults.refuse(one, 10));
        faults.add(other, 10);
        assertFalse(faults.refuse(one, 10));
    }
}
