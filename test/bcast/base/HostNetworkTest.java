package bcast.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

final class HostNetworkTest {

    private static InetAddress network(String address) throws Exception {
        return HostNetwork.of(InetAddress.getByName(address));
    }

    @Test
    void addressesOfOneNetworkOfIpv6AreCountedAsOne() throws Exception {
        assertEquals(InetAddress.getByName("2001:db8:1:2::"), network("2001:db8:1:2::1"));
        assertEquals(network("2001:db8:1:2::"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assertNotEquals(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }

    @Test
    void addressesOfIpv4AreCountedWhole() throws Exception {
        assertEquals(InetAddress.getByName("192.0.2.1"), network("192.0.2.1"));
        assertNotEquals(network("192.0.2.1"), network("192.0.2.2"));
        assertEquals(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assertNotEquals(network("::ffff:192.0.2.1"), network("::ffff:192.0.2.2"));
    }

    @Test
    void messagesNameTheNetworkThatIsLimited() throws Exception {
        assertEquals("2001:db8:0:2::/64",
                HostNetwork.written(InetAddress.getByName("2001:db8:0:2:3:4:5:6")));
        assertEquals("0:0:0:0::/64", HostNetwork.written(InetAddress.getByName("::1")));
        assertEquals("fe80:0:0:0::/64", HostNetwork.written(InetAddress.getByName("fe80::1%1")));
        assertEquals("192.0.2.1", HostNetwork.written(InetAddress.getByName("192.0.2.1")));
    }
}
