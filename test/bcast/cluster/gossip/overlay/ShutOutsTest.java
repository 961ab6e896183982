package bcast.cluster.gossip.overlay;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Now;
import org.junit.jupiter.api.Test;

final class ShutOutsTest {

    private static final Now NOW = new Now(1_000, 0);

    private final ShutOuts shutOuts = new ShutOuts();

    @Test
    void aNodeIsShutOutForItsTime() {
        NodeId node = new NodeId(1, 1);
        shutOuts.add(node, NOW);
        assertTrue(shutOuts.contains(node, new Now(1_000 + ShutOuts.SHUT_OUT_MS - 1, 0)));
        assertFalse(shutOuts.contains(node, new Now(1_000 + ShutOuts.SHUT_OUT_MS, 0)));
        assertFalse(shutOuts.contains(new NodeId(1, 2), NOW));
    }

    @Test
    void nodesAreRememberedUpToTheLimitAndTheFirstIsForgottenPastIt() {
        for (int i = 0; i < ShutOuts.MAX_SHUT_OUT; i++) {
            shutOuts.add(new NodeId(1, i), NOW);
        }
        assertTrue(shutOuts.contains(new NodeId(1, 0), NOW));
        shutOuts.add(new NodeId(2, 0), NOW);
        assertFalse(shutOuts.contains(new NodeId(1, 0), NOW));
        assertTrue(shutOuts.contains(new NodeId(1, 1), NOW));
        assertTrue(shutOuts.contains(new NodeId(2, 0), NOW));
    }
}
