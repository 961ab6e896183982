package bcast.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

final class HostPortTest {

    private static void assertNoHost(String text) {
        String message = assertThrows(IllegalArgumentException.class,
                () -> HostPort.parseHost(text), text).getMessage();
        assertTrue(message.startsWith("\"" + text + "\" is not a host: expected "), message);
    }

    @Test
    void namesAndAddressesAreHosts() {
        for (String host : new String[] {"a", "news.example", "News-1.Example.", "my_service",
            "10.0.0.1", "1.example", "task.1", "xn--mller-kva.example"}) {
            assertEquals(host, HostPort.parseHost(host));
        }
        assertEquals("::1", HostPort.parseHost("[::1]"));
        assertEquals("fe80::1%eth9", HostPort.parseHost("[fe80::1%eth9]"));
        assertEquals("xn--mller-kva.example", HostPort.parseHost("m\u00fcller.example"));
    }

    @Test
    void whatCanBeNoHostIsRefused() {
        for (String text : new String[] {"", " ", ".", "..", ".a", "a..b", "a b", "a/b", "a\tb",
            "a:1", "a@b", "*", "::1", "[]", "[::1", "[a]", "[10.0.0.1]", "[::1::]", "[12345::]",
            "10.0.0.256", "10.0.0", "1", "1.", "a\u0000b", "\u00e9..a", "\u00e9 a"}) {
            assertNoHost(text);
        }
    }

    @Test
    void aLabelHas63CharactersAndAName253() {
        String label = "a".repeat(HostPort.MAX_LABEL_CHARS);
        assertEquals(label, HostPort.parseHost(label));
        assertNoHost(label + "a");
        String longest = (label + ".").repeat(3) + "a".repeat(61);
        assertEquals(HostPort.MAX_HOST_CHARS, longest.length());
        assertEquals(longest, HostPort.parseHost(longest));
        assertEquals(longest + ".", HostPort.parseHost(longest + "."));
        assertNoHost(longest + "a");
    }

    @Test
    void portsAreIn0To65535() {
        assertEquals(InetSocketAddress.createUnresolved("a", 65_535), HostPort.parse("a:65535"));
        assertEquals(InetSocketAddress.createUnresolved("::1", 0), HostPort.parse("[::1]:0"));
        for (String port : new String[] {"65536", "-1", "+1", "x", "1 ", "99999999999"}) {
            String message = assertThrows(IllegalArgumentException.class,
                    () -> HostPort.parse("a:" + port)).getMessage();
            assertEquals("\"a:" + port + "\": the port is not a whole number in 0..65535", message);
        }
    }
}
