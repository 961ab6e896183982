package bcast.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.Gossip;
import bcast.cluster.net.LinkChannel;
import bcast.data.Data;
import bcast.testing.News;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes whose clocks differ, by less than they may: one hides what the other still lists. */
final class ClocksApartTest {

    private static final long RETENTION_MS = 600_000;
    private static final long POST_EVERY_MS = 50;
    private static final long POSTS_MS = 700_000;
    private static final long SILENCE_MS = 120_000;
    private static final int MAX_BYTES_A_ROUND = 100;

    private long syncBytes;

    private static SimNode node(int index, SimNetwork network) {
        SimNode node = new SimNode(index, network, List.of());
        node.retentionMs = RETENTION_MS;
        node.start();
        return node;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 60_000, -60_000, 240_000, -240_000})
    void equalStoresCostFewBytesAndNothingIsMissed(long offsetMs) {
        Timeline time = new Timeline(1, false);
        SimNetwork network = new SimNetwork(time);
        SimNode right = node(0, network);
        SimNode off = node(1, network);
        off.skew(offsetMs);
        network.observe((from, to, message) -> syncBytes += LinkChannel.syncBytes(message));
        int posts = 0;
        while (time.nowMs() < POSTS_MS) {
            time.runUntil(time.nowMs() + POST_EVERY_MS);
            (posts % 2 == 0 ? right : off).post(News.data("id" + posts++, "raw", 0));
        }
        time.runUntil(time.nowMs() + SimNode.INTERVAL_MS);

        long rounds = count(Gossip.ROUNDS, right, off);
        long different = count(Gossip.ROUNDS_DIFFERENT, right, off);
        long large = count("sync_rounds_large", right, off);
        syncBytes = 0;
        time.runUntil(time.nowMs() + SILENCE_MS);
        rounds = count(Gossip.ROUNDS, right, off) - rounds;
        different = count(Gossip.ROUNDS_DIFFERENT, right, off) - different;
        large = count("sync_rounds_large", right, off) - large;
        System.out.println("clocks " + offsetMs + " ms apart: " + rounds + " rounds, " + different
                + " different, " + large + " large sketches, " + syncBytes / rounds
                + " bytes a round");
        assertTrue(rounds >= 2 * SILENCE_MS / SimNode.INTERVAL_MS - 2, rounds + " rounds");
        assertEquals(0, different);
        assertTrue(syncBytes / rounds < MAX_BYTES_A_ROUND, syncBytes / rounds + " bytes a round");

        network.cut(right, off);
        network.cut(off, right);
        time.runUntil(time.nowMs() + SimNode.INTERVAL_MS);
        right.post(News.data("while cut", "raw", 0));
        off.post(News.data("while cut, too", "raw", 0));
        time.runUntil(time.nowMs() + SimNode.INTERVAL_MS);
        network.healAll();
        time.runUntil(time.nowMs() + 2 * SimNode.INTERVAL_MS);
        assertEquals(listedByBoth(right, right, off), listedByBoth(off, right, off));
        for (SimNode node : List.of(right, off)) {
            Set<String> ids = new HashSet<>();
            node.list().forEach(data -> ids.add(data.id()));
            assertTrue(ids.containsAll(Set.of("while cut", "while cut, too")));
        }
    }

    /** What one node lists of the time that neither takes for expired. */
    private static List<Data> listedByBoth(SimNode node, SimNode a, SimNode b) {
        long fromMs = Math.max(a.wallMs(), b.wallMs()) - RETENTION_MS;
        return node.list().stream().filter(data -> data.timestamp() > fromMs).toList();
    }

    private static long count(String name, SimNode a, SimNode b) {
        return a.counters().get(name) + b.counters().get(name);
    }
}
