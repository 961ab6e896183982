package bcast.cluster.gossip.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class AddressTest {

    private static Address host(String host) {
        return new Address(host, 7);
    }

    @Test
    void literalsNeedNoLookup() {
        for (String literal : List.of("10.0.0.1", "255.255.255.255", "::1", "fe80::1%eth0",
                "fe80::1%2", "fe80::1%br-a.5:1@x", "::ffff:10.0.0.1")) {
            assertTrue(host(literal).literal(), literal);
        }
        for (String name : List.of("", "256.0.0.1", "a", "10.0.0.1.example", "fe80::1%", "::g",
                "fe80::1%a b", "fe80::1%a%b", "10.0.0.1%eth0")) {
            assertFalse(host(name).literal(), name);
        }
    }

    @Test
    void linkLocalIsFe80WithItsFirst10Bits() {
        for (String linkLocal : List.of("fe80::1", "FE80::1%e0", "febf:0:0:0:0:0:0:1", "fe90::")) {
            assertTrue(host(linkLocal).linkLocal(), linkLocal);
        }
        for (String other : List.of("fe7f::1", "fec0::1", "fe8::1", "fd80::1", "169.254.0.1",
                "fe80.example", "::fe80:1")) {
            assertFalse(host(other).linkLocal(), other);
        }
    }

    @Test
    void theReceiverFillsInAHostThatOnlyItCanSee() {
        assertEquals(host("fe80::2%e1"), host("fe80::2%e0").seenAt("fe80::2%e1"));
        assertEquals(host("10.0.0.2"), host("").seenAt("10.0.0.2"));
        assertEquals(host("fd00::2"), host("fd00::2").seenAt("fe80::2%e1"));
    }
}
