package bcast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NetworksTest {

    private static void contains(boolean expected, String network, String address)
            throws Exception {
        assertEquals(expected, Networks.of(List.of(network)).contain(
                InetAddress.getByName(address)), address + " in " + network);
    }

    @Test
    void prefixesOfBothFamilies() throws Exception {
        contains(true, "10.0.0.0/8", "10.255.255.255");
        contains(false, "10.0.0.0/8", "11.0.0.0");
        contains(true, "192.0.2.128/25", "192.0.2.128");
        contains(false, "192.0.2.128/25", "192.0.2.127");
        contains(true, "0.0.0.0/0", "255.1.2.3");
        contains(false, "0.0.0.0/0", "::1");
        contains(true, "192.0.2.1", "192.0.2.1");
        contains(false, "192.0.2.1", "192.0.2.0");
        contains(true, "192.0.2.1/32", "192.0.2.1");
        contains(true, "::ffff:192.0.2.1", "192.0.2.1");
        contains(true, "fd00::/8", "fdff::1");
        contains(false, "fd00::/8", "fe00::1");
        contains(true, "2001:db8::8/125", "2001:DB8:0::f");
        contains(false, "2001:db8::8/125", "2001:db8::10");
        contains(true, "::1", "::1");
        contains(true, "fe80::/10", "fe80::1%1");
        contains(false, "::/0", "10.0.0.1");
    }

    @Test
    void everythingElseIsNamed() {
        for (String[] each : new String[][] {
            {"proxy.example", "\"proxy.example\" is not an IP address or ADDRESS/BITS, such as"
                + " 10.0.0.0/8 or fd00::/8"},
            {"10.0.0/8", "\"10.0.0/8\" is not an IP address or ADDRESS/BITS, such as 10.0.0.0/8 or"
                + " fd00::/8"},
            {"10.0.0.0/33", "\"10.0.0.0/33\": \"33\" is not a number of bits in 0..32"},
            {"::/129", "\"::/129\": \"129\" is not a number of bits in 0..128"},
            {"10.0.0.0/", "\"10.0.0.0/\": \"\" is not a number of bits in 0..32"},
            {"10.0.0.0/-1", "\"10.0.0.0/-1\": \"-1\" is not a number of bits in 0..32"},
            {"10.0.0.1/8", "\"10.0.0.1/8\" has bits after the first 8; for one host leave out /8"},
            {"fd00::1/127", "\"fd00::1/127\" has bits after the first 127; for one host leave out"
                + " /127"}}) {
            assertEquals(each[1], assertThrows(IllegalArgumentException.class,
                    () -> Networks.of(List.of(each[0]))).getMessage());
        }
    }

    @Test
    void atMost64() throws Exception {
        assertTrue(Networks.of(Collections.nCopies(Networks.MAX_NETWORKS, "::1"))
                .contain(InetAddress.getByName("::1")));
        assertEquals("65 networks, the limit is 64", assertThrows(IllegalArgumentException.class,
                () -> Networks.of(Collections.nCopies(Networks.MAX_NETWORKS + 1, "::1")))
                .getMessage());
    }
}
