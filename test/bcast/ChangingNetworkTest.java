package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.Hosts;
import bcast.testing.Json;
import bcast.testing.NodeProcess;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Interfaces that come, go and change, in network namespaces. */
@EnabledOnOs(OS.LINUX)
final class ChangingNetworkTest {

    private static final String GROUP = "239.255.77.77";
    private static final String GROUP6 = "ff12::efff:4d4d";
    private static final String MAC = "02:00:00:00:77:01";

    private Hosts hosts;

    @BeforeEach
    void build() throws Exception {
        hosts = new Hosts("bcastnet");
    }

    @AfterEach
    void tearDown() throws Exception {
        if (hosts != null) {
            hosts.close();
        }
    }

    private void addWithIpv4(int... all) throws Exception {
        for (int host : all) {
            hosts.add(host);
            hosts.ip(host, "addr add 10.77.0." + host + "/24 dev e0");
        }
    }

    private boolean joined(int host, String card, String group) throws Exception {
        return hosts.ip(host, "maddr show dev " + card).contains(group);
    }

    private static boolean logged(NodeProcess node, String text) {
        return node.log().stream().anyMatch(line -> line.contains(text));
    }

    private static void awaitLog(NodeProcess node, String text) throws Exception {
        Await.until(() -> "\"" + text + "\" is logged: " + node.log(), 10,
                () -> logged(node, text));
    }

    /** The ids of the nodes that a host's node is linked with, each link counted. */
    private List<String> linked(int host) throws Exception {
        List<String> linked = new ArrayList<>();
        for (Object member : (List<?>) ((Map<?, ?>) Json.parse(
                hosts.get(host, "/members"))).get("members")) {
            Map<?, ?> each = (Map<?, ?>) member;
            if (each.get("state").equals("neighbour")) {
                linked.add((String) each.get("node"));
            }
        }
        return linked;
    }

    @Test
    void anInterfaceThatChangesIsJoinedAgain() throws Exception {
        addWithIpv4(1, 2, 3, 4, 5, 6);
        hosts.disconnect(1);
        hosts.connect(1, "address " + MAC);
        hosts.ip(1, "addr add 10.77.0.1/24 dev e0");
        List<NodeProcess> nodes = new ArrayList<>();
        for (int host = 1; host <= 5; host++) {
            nodes.add(hosts.start(host));
        }
        for (int host = 1; host <= 5; host++) {
            int each = host;
            Await.until("host " + host + " has joined", 10, () -> joined(each, "e0", GROUP)
                    && joined(each, "e0", GROUP6));
        }
        hosts.disconnect(1);
        hosts.connect(1, "address " + MAC);
        hosts.ip(1, "addr add 10.77.0.1/24 dev e0");
        hosts.disconnect(2);
        hosts.connect(2, "");
        hosts.ip(2, "addr add 10.77.0.2/24 dev e0");
        hosts.ip(3, "link set e0 down");
        hosts.ip(3, "link set e0 name f0");
        hosts.ip(3, "link set f0 up");
        hosts.ip(4, "addr del 10.77.0.4/24 dev e0");
        hosts.ip(4, "addr add 10.77.0.44/24 dev e0");
        hosts.ip(5, "link set e0 down");
        Await.until("memberships of an interface that is down are given up", 10, () ->
                !joined(5, "e0", GROUP));
        hosts.ip(5, "link set e0 up");
        for (int host : new int[] {1, 2, 3, 5}) {
            String card = host == 3 ? "f0" : "e0";
            Await.until("host " + host + " has joined again", 10, () -> joined(host, card, GROUP)
                    && joined(host, card, GROUP6));
        }
        // Deaf but not mute: others must hear it and dial.
        hosts.on(6, "sysctl -qw net.ipv4.igmp_max_memberships=0 net.ipv6.conf.e0.disable_ipv6=1");
        NodeProcess deaf = hosts.start(6);
        awaitLog(deaf, "cannot join the multicast group 239.255.77.77:47777 on lo, e0: "
                + "No buffer space available, perhaps because of net.ipv4.igmp_max_memberships");
        awaitLog(deaf, "not looking for peers by multicast: no interface is up with an IPv4");
        Await.until(() -> "all hear the deaf one: " + deaf.log(), 10,
                () -> linked(6).size() == 5);
        Await.until("the renumbered one dials from its new address", 10, () ->
                hosts.get(6, "/members").contains("10.77.0.44:"));
        for (NodeProcess node : nodes) {
            assertTrue(node.alive(), () -> "alive: " + node.log());
            // An interface that was gone may be named, if it was just then that the node sent.
            assertTrue(node.log().stream().noneMatch(line -> line.contains("another node has "
                    + "the id") || line.contains("cannot send")
                    && !line.contains("No such device")), () -> "quiet: " + node.log());
        }
    }

    @Test
    void moreInterfacesThanASocketMayJoinAreJoinedByFurtherSockets() throws Exception {
        addWithIpv4(1, 2);
        for (int host = 1; host <= 2; host++) {
            hosts.on(host, "sysctl -qw net.ipv6.conf.all.disable_ipv6=1");
            for (int i = 0; i < 25; i++) {
                hosts.ip(host, "link add br" + i + " type bridge");
                hosts.ip(host, "link set br" + i + " up");
                hosts.ip(host, "addr add 10.78." + i + "." + host + "/24 dev br" + i);
            }
        }
        hosts.on(2, "sysctl -qw net.ipv4.igmp_max_memberships=1");
        NodeProcess one = hosts.start(1);
        NodeProcess two = hosts.start(2);
        awaitLog(one, "linked to");
        awaitLog(one, "239.255.77.77:47777 on lo, e0, br0, br1, br2, br3, br4, br5 and 19 more");
        for (int i = 0; i < 25; i++) {
            assertTrue(joined(1, "br" + i, GROUP), "br" + i);
        }
        // 27 interfaces with 16 sockets of one membership each.
        awaitLog(two, "cannot join the multicast group 239.255.77.77:47777 on br14, br15, br16, "
                + "br17, br18, br19, br20, br21 and 3 more: all 16 sockets are full; see "
                + "net.ipv4.igmp_max_memberships");
        assertTrue(joined(2, "br13", GROUP) && !joined(2, "br14", GROUP));
        // At the limit nothing is logged.
        assertEquals(1, two.log().stream().filter(line -> line.contains("cannot join")).count());
    }

    @Test
    void nodesWithoutIpv4FindEachOther() throws Exception {
        hosts.add(1);
        hosts.add(2);
        addWithIpv4(3);
        hosts.add(4);
        hosts.disconnect(4);
        List<NodeProcess> nodes = new ArrayList<>();
        for (int host = 1; host <= 3; host++) {
            nodes.add(hosts.start(host));
        }
        NodeProcess alone = hosts.start(4);
        NodeProcess old = hosts.start(3, List.of("-Djava.net.preferIPv4Stack=true"),
                "-httpport=0", "-bind=10.77.0.3");
        awaitLog(nodes.get(0), "239.255.77.77:47777 on lo and [ff12::efff:4d4d]:47777 on e0");
        awaitLog(nodes.get(2), "239.255.77.77:47777 on lo, e0 and [ff12::efff:4d4d]:47777 on e0");
        awaitLog(old, "looking for peers by multicast 239.255.77.77:47777 on e0");
        awaitLog(alone, "239.255.77.77:47777 on lo, on this host only: no other interface is up");
        Await.until(() -> "1 and 2 are linked with both others: " + nodes.get(0).log(), 15, () ->
                linked(1).size() == 2 && linked(2).size() == 2);
        Await.until(() -> "3 is linked with all: " + nodes.get(2).log(), 15, () ->
                linked(3).size() == 3);
        for (int host = 1; host <= 3; host++) {
            Set<String> once = new HashSet<>(linked(host));
            assertEquals(host == 3 ? 3 : 2, once.size(), "one link with each");
        }
        // A link-local address is dialled with its zone, and no peer is told of it.
        assertTrue(hosts.get(1, "/members").contains("%e0]:"), hosts.get(1, "/members"));
        assertTrue(old.log().stream().noneMatch(line -> line.contains("fe80")),
                () -> "a node without IPv6 is told of no such address: " + old.log());
        hosts.ip(4, "link set lo down");
        awaitLog(alone, "not looking for peers by multicast: no interface is up");
    }

    @Test
    void silentNameServersDelayNeitherLiteralsNorScans() throws Exception {
        addWithIpv4(1, 2);
        // The hub does not forward, and answers nothing.
        hosts.ip(2, "route add default via 10.77.0.254");
        hosts.resolvConf(2, "nameserver 192.0.2.53\n");
        hosts.start(1, "-group=off", "-clusterport=7000");
        NodeProcess two = hosts.start(2, "-group=239.255.1.1:47001",
                "-peers=name1.example:7000,name2.example:7000,10.77.0.1:7000");
        long startNs = System.nanoTime();
        awaitLog(two, "linked to");
        System.out.println("literal linked beside silent name servers after "
                + (System.nanoTime() - startNs) / 1_000_000 + " ms");
        hosts.ip(2, "link add br9 type bridge");
        hosts.ip(2, "addr add 10.79.0.1/24 dev br9");
        hosts.ip(2, "link set br9 up");
        Await.until("a new interface is joined meanwhile", 10, () ->
                joined(2, "br9", "239.255.1.1"));
        awaitLog(two, "the lookup of name1.example takes long");
        assertTrue(!logged(two, "no address is known for"), "the names are still silent");
    }
}
