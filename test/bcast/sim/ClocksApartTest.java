package bcast.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Metric;
import bcast.cluster.gossip.repair.RepairCounts;
import bcast.cluster.net.SimWire;
import bcast.data.Data;
import bcast.testing.News;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes whose clocks differ: one hides records that the other still lists. */
final class ClocksApartTest {

    private static final long RETENTION_MS = 600_000;
    private static final long POST_EVERY_MS = 50;
    private static final long POSTS_MS = 700_000;
    private static final long SILENCE_MS = 120_000;
    private static final int MAX_BYTES_A_ROUND = 100;

    private static final int MAX_BYTES_A_DIFFERENT_ROUND = 10_000;

    private final Timeline time = new Timeline(1, false);
    private SimNetwork network;
    private SimNode right;
    private SimNode off;
    private long syncBytes;
    private long different;
    private long bytesARound;

    private static SimNode node(int index, SimNetwork network) {
        SimNode node = new SimNode(index, network, List.of());
        node.retentionMs = RETENTION_MS;
        node.start();
        return node;
    }

    /** Runs two nodes, the clock of one of them off, until records have begun to expire. */
    private void start(long offsetMs) {
        network = new SimNetwork(time);
        right = node(0, network);
        off = node(1, network);
        off.skew(offsetMs);
        network.observe((from, to, message) -> syncBytes += SimWire.syncBytes(message));
        int posts = 0;
        while (time.nowMs() < POSTS_MS) {
            time.runUntil(time.nowMs() + POST_EVERY_MS);
            (posts % 2 == 0 ? right : off).post(News.data("id" + posts++, "raw", 0));
        }
        time.runUntil(time.nowMs() + SimNode.INTERVAL_MS);
    }

    /** Compares the stores for some time in which nobody posts. */
    private void stayQuiet() {
        long roundsBefore = count(RepairCounts.ROUNDS);
        long differentBefore = count(RepairCounts.ROUNDS_DIFFERENT);
        syncBytes = 0;
        time.runUntil(time.nowMs() + SILENCE_MS);
        long rounds = count(RepairCounts.ROUNDS) - roundsBefore;
        different = count(RepairCounts.ROUNDS_DIFFERENT) - differentBefore;
        bytesARound = syncBytes / rounds;
        System.out.println(rounds + " rounds, " + different + " different, " + bytesARound
                + " bytes a round");
        assertTrue(rounds >= 2 * SILENCE_MS / SimNode.INTERVAL_MS - 2, rounds + " rounds");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 60_000, -60_000, 240_000, -240_000, SimNode.SKEW_MS,
        -SimNode.SKEW_MS})
    void equalStoresCostFewBytesAndNothingIsMissed(long offsetMs) {
        start(offsetMs);
        stayQuiet();
        assertEquals(0, different);
        assertTrue(bytesARound < MAX_BYTES_A_ROUND, bytesARound + " bytes a round");

        network.cut(right, off);
        network.cut(off, right);
        time.runUntil(time.nowMs() + SimNode.INTERVAL_MS);
        right.post(News.data("while cut", "raw", 0));
        off.post(News.data("while cut, too", "raw", 0));
        time.runUntil(time.nowMs() + SimNode.INTERVAL_MS);
        network.healAll();
        time.runUntil(time.nowMs() + 2 * SimNode.INTERVAL_MS);
        assertEquals(listedByBoth(right), listedByBoth(off));
        for (SimNode node : List.of(right, off)) {
            Set<String> ids = new HashSet<>();
            node.list().forEach(data -> ids.add(data.id()));
            assertTrue(ids.containsAll(Set.of("while cut", "while cut, too")));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {SimNode.SKEW_MS + 10_000, -SimNode.SKEW_MS - 10_000})
    void clocksFurtherApartThanAllowedMakeRoundsDifferAtTheCostOfASmallSketch(long offsetMs) {
        start(offsetMs);
        stayQuiet();
        assertTrue(different > 0, "records of the last seconds of the retention differ");
        assertTrue(bytesARound < MAX_BYTES_A_DIFFERENT_ROUND, bytesARound + " bytes a round");
    }

    /** Records that one node lists and that neither takes for expired. */
    private List<Data> listedByBoth(SimNode node) {
        long fromMs = Math.max(right.wallMs(), off.wallMs()) - RETENTION_MS;
        return node.list().stream().filter(data -> data.timestamp() > fromMs).toList();
    }

    private long count(Metric counter) {
        return right.counters().get(counter) + off.counters().get(counter);
    }
}
