package bcast.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.NodeId;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Nodes that run from copies of one memory: with one id, and with the same random numbers, they
 * find out, take ids of their own and converge.
 */
final class CopiesTest {

    private static final long SETTLED_MS = 40_000;
    private static final int SEEDS = 20;

    private final List<SimNode> nodes = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({"2, 0, true", "3, 0, true", "2, 1, true", "2, 1, false", "2, 4, false",
        "4, 3, false", "2, 30, false"})
    void copiesTakeIdsOfTheirOwn(int copies, int others, boolean multicast) {
        for (long seed = 1; seed <= (others > 25 ? 2 : SEEDS); seed++) {
            check(seed, copies, others, multicast);
        }
    }

    private void check(long seed, int copies, int others, boolean multicast) {
        nodes.clear();
        Timeline time = new Timeline(seed, false);
        SimNetwork network = new SimNetwork(time);
        network.multicast = multicast;
        List<Address> contact = new ArrayList<>();
        for (int i = 0; i < others + copies; i++) {
            SimNode node = new SimNode(i, network, multicast ? List.of() : List.copyOf(contact));
            nodes.add(node);
            if (contact.isEmpty()) {
                contact.add(node.address);
            }
            if (i >= others) {
                node.copyOf = Optional.of(seed);
            }
            // Some copies are resumed at the same moment, by all clocks.
            time.after(seed % 2 == 0 ? 0 : time.between(0, 3_000), node::start);
        }
        time.runUntil(SETTLED_MS);
        String name = "seed " + seed + ", " + copies + " copies";
        Set<NodeId> ids = new HashSet<>();
        nodes.forEach(node -> assertTrue(ids.add(node.id()), name + ": one id twice"));
        for (SimNode node : nodes) {
            assertTrue(others > 25 || node.peers() == nodes.size() - 1,
                    name + ": n" + node.index + " has " + node.peers() + " peers");
            node.post(News.data("n" + node.index, "raw", 0));
        }
        time.runUntil(SETTLED_MS + 10_000);
        for (SimNode node : nodes) {
            assertEquals(nodes.size(), node.size(), name + ": records of n" + node.index);
            assertEquals(List.of(), node.problems());
        }
        if (others == 0) {
            Set<NodeId> later = new HashSet<>();
            nodes.forEach(node -> later.add(node.id()));
            assertEquals(ids, later, name + ": ids changed again");
        }
    }
}
