package bcast.cluster.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Counters;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

final class StrangersTest {

    private final Counters counters = new Counters();
    private final Strangers strangers = new Strangers(counters);
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
    void soManyMayBeSilentAndNoMore() {
        for (int i = 0; i < Strangers.MAX_SILENT; i++) {
            assertTrue(strangers.refused(one, 0).isEmpty());
            strangers.opened(one);
        }
        assertTrue(strangers.refused(one, 0).isPresent());
        assertTrue(strangers.refused(other, 0).isEmpty());
        assertEquals(1, counters.get(Strangers.REFUSED_MANY));
        strangers.settled(one);
        assertTrue(strangers.refused(one, 0).isEmpty());
    }

    @Test
    void soManyMayComeToNothingAndNoMore() {
        for (int i = 1; i < Strangers.MAX_FAULTS; i++) {
            assertFalse(strangers.fault(one, 10));
        }
        assertTrue(strangers.refused(one, 10).isEmpty());
        assertTrue(strangers.fault(one, 10));
        assertTrue(strangers.refused(one, 10 + Strangers.SHUT_OUT_MS - 1).isPresent());
        assertTrue(strangers.refused(other, 10).isEmpty());
        assertTrue(strangers.refused(one, 10 + Strangers.SHUT_OUT_MS).isEmpty());
        assertEquals(1, counters.get(Strangers.SHUT_OUT));
        assertEquals(1, counters.get(Strangers.REFUSED_SHUT_OUT));
    }

    @Test
    void faultsAreForgottenInTime() {
        for (int i = 1; i < Strangers.MAX_FAULTS; i++) {
            assertFalse(strangers.fault(one, 10));
        }
        assertFalse(strangers.fault(one, 10 + Strangers.WINDOW_MS));
    }

    @Test
    void aNetworkOfIpv6IsOne() {
        for (int i = 1; i <= Strangers.MAX_FAULTS; i++) {
            strangers.fault(address("2001:db8::" + Integer.toHexString(i)), 10);
        }
        assertTrue(strangers.refused(address("2001:db8::ffff:1"), 10).isPresent());
        assertTrue(strangers.refused(address("2001:db8:0:1::1"), 10).isEmpty());
    }

    @Test
    void soManyAddressesAreRememberedAndNoMore() {
        for (int i = 1; i <= Strangers.MAX_FAULTS; i++) {
            strangers.fault(one, 10);
        }
        for (int i = 1; i < Strangers.MAX_ADDRESSES; i++) {
            strangers.fault(address("10.0." + i / 256 + "." + i % 256), 10);
        }
        assertTrue(strangers.refused(one, 10).isPresent());
        strangers.fault(other, 10);
        assertTrue(strangers.refused(one, 10).isEmpty());
    }
}
