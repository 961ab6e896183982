package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.testing.Await;
import bcast.testing.Json;
import bcast.testing.Proxy;
import bcast.testing.SeededRandom;
import java.net.DatagramSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Nodes that draw the same random numbers, as copies of a virtual machine do. */
final class CopiedNodesTest {

    private static TestNode copy(String... flags) throws Exception {
        return new TestNode(Clock.system(), new SeededRandom(7), flags);
    }

    private static String member(TestNode node, String field) throws Exception {
        return "" + ((Map<?, ?>) Json.parse(node.client.send("GET", "/members", null).body()))
                .get(field);
    }

    private static void assertDistinct(List<TestNode> nodes) throws Exception {
        Set<String> ids = new HashSet<>();
        Set<String> starts = new HashSet<>();
        for (TestNode node : nodes) {
            ids.add(member(node, "node"));
            starts.add(member(node, "cursor").replaceAll("-\\d+$", ""));
        }
        assertEquals(nodes.size(), ids.size(), "ids");
        assertEquals(nodes.size(), starts.size(), "a cursor must not fit two nodes");
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).client.mustPost("id" + i, "raw");
        }
        Await.until("each has all", 10, () -> {
            for (TestNode node : nodes) {
                if (node.node.storage().size() != nodes.size()) {
                    return false;
                }
            }
            return true;
        });
        assertTrue(nodes.stream().flatMap(node -> node.log.stream()).anyMatch(line ->
                line.contains("WARN") && line.contains("another node has the id")
                && line.contains("snapshot")));
    }

    @Test
    void twoCopiesThatHearEachOtherTakeDifferentIdsAndLink() throws Exception {
        String group;
        try (DatagramSocket free = new DatagramSocket()) {
            group = "-group=239.255.77.78:" + free.getLocalPort();
        }
        try (TestNode one = copy(group)) {
            Await.until("ready", 10, one.client::ready);
            String id = member(one, "node");
            try (TestNode other = copy(group)) {
                Await.until("they are linked", 15, () ->
                        one.node.peers().peers() == 1 && other.node.peers().peers() == 1);
                assertDistinct(List.of(one, other));
                assertTrue(!member(one, "node").equals(id) || !member(other, "node").equals(id));
            }
        }
    }

    @Test
    void copiesThatKnowOnlyAThirdNodeTakeDifferentIdsAndLink() throws Exception {
        try (TestNode third = TestNode.alone();
                TestNode one = copy("-group=off", "-peers=127.0.0.1:" + third.node.peers().port());
                TestNode other = copy("-group=off",
                        "-peers=127.0.0.1:" + third.node.peers().port())) {
            Await.until("all are linked", 20, () -> third.node.peers().peers() == 2
                    && one.node.peers().peers() == 2 && other.node.peers().peers() == 2);
            assertDistinct(List.of(third, one, other));
        }
    }

    private static List<String> lines(TestNode node, String text) {
        return node.log.stream().filter(line -> line.contains(text)).toList();
    }

    @Test
    void aNodeThatReachesAPeerByManyAddressesKeepsItsId() throws Exception {
        List<Proxy> ways = new ArrayList<>();
        try (TestNode peer = TestNode.alone("-loglevel=debug")) {
            for (int i = 0; i < 6; i++) {
                ways.add(new Proxy());
                ways.get(i).target(peer.node.peers().port());
                ways.get(i).hold();
            }
            String named = ways.stream().map(way -> "127.0.0.1:" + way.port())
                    .collect(Collectors.joining(","));
            try (TestNode node = TestNode.alone("-loglevel=debug", "-peers=" + named)) {
                for (Proxy way : ways) {
                    // The node dials all at once; each way is slower than the one before.
                    long closed = lines(peer, "closing link to").size();
                    way.release();
                    Await.until("the peer knows the way", 10, () -> way == ways.get(0)
                            ? peer.node.peers().peers() == 1
                            : lines(peer, "closing link to").size() > closed);
                }
                Await.until("they are linked", 10, () ->
                        node.node.peers().peers() == 1 && peer.node.peers().peers() == 1);
                assertEquals(List.of(), lines(peer, "two nodes have the id"));
                assertEquals("", node.node.peers().incarnation());
            }
        } finally {
            for (Proxy way : ways) {
                way.close();
            }
        }
    }

    @Test
    void aNodeThatHearsAndNamesItselfKeepsItsId() throws Exception {
        int port;
        try (java.net.ServerSocket free = new java.net.ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (TestNode node = new TestNode(Clock.system(), "-loglevel=debug",
                "-group=239.255.77.79:" + port, "-clusterport=" + port,
                "-peers=127.0.0.1:" + port)) {
            Await.until("it met itself", 10, () -> node.log.stream().anyMatch(line ->
                    line.contains("it has this node's id")));
            Await.until("ready", 10, node.client::ready);
            assertEquals("", node.node.peers().incarnation());
            assertEquals(List.of(), lines(node, "another node has the id"));
        }
    }
}
