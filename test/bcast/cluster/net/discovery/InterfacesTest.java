package bcast.cluster.net.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which addresses are near, and how they are written. */
final class InterfacesTest {

    private static InetAddress at(String literal) throws UnknownHostException {
        return InetAddress.getByName(literal);
    }

    private static Interfaces.Subnet subnet(String literal, int prefixBits)
            throws UnknownHostException {
        return new Interfaces.Subnet(at(literal), prefixBits);
    }

    @Test
    void linkLocalAddressesOfIpv6AreOnAPrivateNetworkOnTheirLinkOnly() throws Exception {
        Interfaces found = new Interfaces(List.of(), List.of(subnet("fe80::1%7", 64)));
        assertTrue(found.onPrivateNetwork(at("fe80::2%7")));
        assertFalse(found.onPrivateNetwork(at("fe80::2%8")));
        assertFalse(found.onPrivateNetwork(at("fe80::1%8")), "the same address on another link");
        assertFalse(found.onPrivateNetwork(at("fe80:0:0:1::2%7")), "another prefix");
    }

    @Test
    void privateAddressesCountOnTheirSubnetAndPublicOnesIfTheyAreThisHosts()
            throws Exception {
        Interfaces found = new Interfaces(List.of(), List.of(subnet("10.1.0.1", 16),
                subnet("fd00::1", 64), subnet("2001:db8::1", 64)));
        assertTrue(found.onPrivateNetwork(at("10.1.255.255")));
        assertFalse(found.onPrivateNetwork(at("10.2.0.1")));
        assertTrue(found.onPrivateNetwork(at("fd00::2")));
        assertFalse(found.onPrivateNetwork(at("fd00:0:0:1::2")));
        assertTrue(found.onPrivateNetwork(at("2001:db8::1")));
        assertFalse(found.onPrivateNetwork(at("2001:db8::2")));
    }

    /** With its interface's name where that is known: see ChangingNetworkTest. */
    @Test
    void addressesAreWrittenAsLiterals() throws Exception {
        assertEquals("fe80:0:0:0:0:0:0:2%9", Interfaces.NONE.literal(at("fe80::2%9")));
        assertEquals("fd00:0:0:0:0:0:0:2", Interfaces.NONE.literal(at("fd00::2")));
        assertEquals("10.0.0.1", Interfaces.NONE.literal(at("10.0.0.1")));
    }
}
