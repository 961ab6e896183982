package bcast.sim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.link.Address;
import bcast.data.Data;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Records that a peer confirmed outlive the node that took them, and are confirmed soon although
 * hosts vanish: some of those that the node asked among them.
 */
final class ConfirmedTest {

    private static final int SEEDS = 4;
    private static final long SETTLED_MS = 30_000;
    private static final int POSTS = 500;
    private static final long POST_EVERY_MS = 50;
    private static final long LOSS_EVERY_MS = 1_500;
    private static final double VANISH_CHANCE = 0.02;

    /** Others are asked several times before the client gives up after 5 s. */
    private static final long MAX_MS = 3_000;

    private final List<SimNode> nodes = new ArrayList<>();
    private final Map<Data, Long> posted = new HashMap<>();
    private final Set<Data> confirmed = new HashSet<>();
    private final List<Long> tookMs = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(ints = {9, 40})
    void confirmedRecordsOutliveTheirNode(int count) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            check(seed, count);
        }
        assertTrue(Collections.max(tookMs) <= MAX_MS, "ms: " + Collections.max(tookMs));
    }

    private void check(long seed, int count) {
        nodes.clear();
        Timeline time = new Timeline(seed, false);
        SimNetwork network = new SimNetwork(time);
        List<Address> contact = List.of();
        for (int i = 0; i < count; i++) {
            SimNode node = new SimNode(i, network, contact);
            nodes.add(node);
            contact = List.of(nodes.get(0).address);
            node.confirmed = Optional.of(data -> onConfirmed(node, data, time));
            time.after(time.between(0, 3_000), node::start);
        }
        time.runUntil(SETTLED_MS);
        for (int i = 0; i < POSTS; i++) {
            time.runUntil(SETTLED_MS + i * POST_EVERY_MS);
            if (i % (LOSS_EVERY_MS / POST_EVERY_MS) == 0) {
                vanish(any(time));
            }
            SimNode node = any(time);
            long fromMs = time.nowMs();
            node.post(News.data("post" + i, "raw", 0)).ifPresent(data -> posted.put(data, fromMs));
        }
        nodes.stream().filter(node -> !node.running()).forEach(SimNode::start);
        time.runUntil(time.nowMs() + 3 * SimNode.INTERVAL_MS);
        for (SimNode node : nodes) {
            Set<Data> lacking = new HashSet<>(confirmed);
            node.list().forEach(lacking::remove);
            assertTrue(lacking.isEmpty(), "seed " + seed + ": n" + node.index + " lacks "
                    + lacking.size());
        }
        posted.clear();
        confirmed.clear();
    }

    private void onConfirmed(SimNode node, Data data, Timeline time) {
        confirmed.add(data);
        tookMs.add(time.nowMs() - posted.get(data));
        if (time.chance(VANISH_CHANCE)) {
            time.after(1, () -> vanish(node));
        }
    }

    /** Records that two nodes hold are safe while not both of them vanish. */
    private void vanish(SimNode node) {
        if (node.running() && alive().size() > nodes.size() / 2) {
            node.vanish();
        }
    }

    private SimNode any(Timeline time) {
        List<SimNode> alive = alive();
        return alive.get(time.random.nextInt(alive.size()));
    }

    private List<SimNode> alive() {
        return nodes.stream().filter(SimNode::running).toList();
    }
}
