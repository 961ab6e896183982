package bcast.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import bcast.base.Counters;
import bcast.http.Networks;
import com.sun.net.httpserver.Headers;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The client's address as seen through the proxies 10.0.0.0/8 and fd00::/8. */
final class ClientAddressTest {

    private static final List<String> NONE = List.of();

    private final Counters counters = new Counters();
    private final ClientAddress addresses = new ClientAddress(
            Networks.of(List.of("10.0.0.0/8", "fd00::/8"))::contain, counters);
    private long unusable;

    private void found(String client, String peer, List<String> forwardedFor,
            List<String> forwarded) throws Exception {
        assertEquals(InetAddress.getByName(client), addresses.of(InetAddress.getByName(peer),
                headers(forwardedFor, forwarded)), forwardedFor + " " + forwarded);
        assertEquals(unusable, counters.get(ClientAddress.UNUSABLE));
    }

    private static Headers headers(List<String> forwardedFor, List<String> forwarded) {
        Headers headers = new Headers();
        forwardedFor.forEach(line -> headers.add("X-Forwarded-For", line));
        forwarded.forEach(line -> headers.add("Forwarded", line));
        return headers;
    }

    private void forwardedFor(String client, String... lines) throws Exception {
        found(client, "10.0.0.1", List.of(lines), NONE);
    }

    private void forwarded(String client, String... lines) throws Exception {
        found(client, "10.0.0.1", NONE, List.of(lines));
    }

    private void unusable(String client, String... lines) throws Exception {
        unusable++;
        found(client, "10.0.0.1", List.of(lines), NONE);
    }

    private void forwardedUnusable(String client, String... lines) throws Exception {
        unusable++;
        found(client, "10.0.0.1", NONE, List.of(lines));
    }

    @Test
    void headersOfAnyoneElseAreIgnored() throws Exception {
        found("192.0.2.1", "192.0.2.1", List.of("203.0.113.9"), List.of("for=203.0.113.9"));
        found("2001:db8::1", "2001:db8::1", List.of("203.0.113.9"), NONE);
        assertEquals(InetAddress.getByName("10.0.0.1"), new ClientAddress(
                Networks.of(NONE)::contain, counters).of(InetAddress.getByName("10.0.0.1"),
                headers(List.of("203.0.113.9"), NONE)));
    }

    @Test
    void theRightmostUntrustedAddressIsTheClients() throws Exception {
        forwardedFor("203.0.113.9", "203.0.113.9");
        forwardedFor("203.0.113.9", "192.0.2.66, 203.0.113.9");
        forwardedFor("203.0.113.9", "192.0.2.66,203.0.113.9 , 10.1.1.1,fd00::5");
        forwardedFor("203.0.113.9", "192.0.2.66, evil, 203.0.113.9", "10.1.1.1");
        forwardedFor("203.0.113.9", "192.0.2.66", "203.0.113.9", "", " , ", "10.1.1.1,");
        forwardedFor("203.0.113.9", "\"evil, 203.0.113.9");
        found("203.0.113.9", "fd00::1", List.of("203.0.113.9"), NONE);
    }

    @Test
    void aClientAmongTheTrustedIsTheLeftmost() throws Exception {
        forwardedFor("10.5.5.5", "10.5.5.5, 10.1.1.1");
    }

    @Test
    void withoutAHeaderItIsTheProxy() throws Exception {
        forwardedFor("10.0.0.1");
        forwardedFor("10.0.0.1", "", ", ,");
    }

    @Test
    void addressesOfBothFamiliesPerhapsWithAPort() throws Exception {
        forwardedFor("203.0.113.9", "203.0.113.9:4711");
        forwardedFor("203.0.113.9", "::ffff:203.0.113.9");
        forwardedFor("2001:db8::1", "2001:db8::1");
        forwardedFor("2001:db8::1", "[2001:db8::1]");
        forwardedFor("2001:db8::1", "[2001:DB8::1]:4711");
    }

    @Test
    void whatIsNoAddressLeavesTheLastTrustedProxy() throws Exception {
        unusable("10.0.0.1", "unknown");
        unusable("10.1.1.1", "203.0.113.9, unknown, 10.1.1.1");
        for (String text : new String[] {"localhost", "203.0.113.256", "203.0.113", "1",
            "203.0.113.9:", "203.0.113.9:123456", "[203.0.113.9", "2001:db8::1::", "[2001:db8::1]x",
            "2001:db8::1%eth0", "203.0.113.09", "\"203.0.113.9\"", "203.0.113.9 10.0.0.1"}) {
            unusable("10.0.0.1", "203.0.113.9, " + text);
        }
    }

    @Test
    void forwardedCountsWithoutTheOtherHeaderOnly() throws Exception {
        found("203.0.113.9", "10.0.0.1", List.of("203.0.113.9"), List.of("for=192.0.2.66"));
        found("203.0.113.9", "10.0.0.1", List.of(" "), List.of("for=203.0.113.9"));
        forwarded("203.0.113.9", "for=203.0.113.9");
        forwarded("203.0.113.9", "for=192.0.2.66, for=203.0.113.9;proto=https;by=10.0.0.1");
        forwarded("203.0.113.9", "for=192.0.2.66", "By=_x; Proto=http; FOR=\"203.0.113.9:_p\"",
                "for=10.1.1.1");
        forwarded("2001:db8::1", "for=\"[2001:db8::1]:4711\"");
        forwarded("2001:db8::1", "for=\"[2001:\\db8::1]\"");
        forwarded("203.0.113.9", "for=\"192.0.2.66, for=203.0.113.9");
        forwarded("203.0.113.9", "secret=\"a,b;for=192.0.2.66\\\"\";for=203.0.113.9");
        forwardedUnusable("10.0.0.1", "for=203.0.113.9, for=_hidden");
        forwardedUnusable("10.1.1.1", "for=unknown, for=10.1.1.1");
        forwardedUnusable("10.0.0.1", "for=203.0.113.9, proto=http");
        forwardedUnusable("10.0.0.1", "for=203.0.113.9;for=192.0.2.66");
        forwardedUnusable("10.0.0.1", "for=\"203.0.113.9");
        forwardedUnusable("10.0.0.1", "for=\"203.0.113.9\\\"");
        forwardedUnusable("10.0.0.1", "for=");
    }

    @Test
    void atMost32Addresses() throws Exception {
        String client = "203.0.113.9, ";
        String chain = String.join(", ", Collections.nCopies(ClientAddress.MAX_ADDRESSES - 1,
                "10.0.0.2"));
        forwardedFor("203.0.113.9", client + chain);
        unusable("10.0.0.2", client + chain + ", 10.0.0.2");
    }

    @Test
    void atMost64Characters() throws Exception {
        String longest = "[2001:db8::1]:_";
        longest += "p".repeat(ClientAddress.MAX_CHARS - longest.length());
        forwardedFor("2001:db8::1", longest);
        unusable("10.0.0.1", longest + "p");
    }
}
