package bcast.sim;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.data.Data;
import bcast.testing.News;
import bcast.testing.Report;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The broadcast workload of the "Gossip Glomers" challenges 3d and 3e (fly.io, Maelstrom): 25
 * nodes, 100 ms on every link, 100 operations a second, half of them reads. A message is one flush
 * of one link, whatever is in it, and whatever it is for.
 */
final class Glomers {

    private static final int NODES = 25;
    private static final long LATENCY_MS = 100;
    private static final long SETTLE_MS = 30_000;
    private static final long POST_EVERY_MS = 20;
    private static final int OPERATIONS_A_POST = 2;
    private static final long LASTS_MS = 60_000;
    private static final long PARTITION_MS = 10_000;

    /** What was measured. */
    record Result(double messagesAnOperation, long medianMs, long maxMs, int lost) {}

    private static final class Post {
        private final long postedMs;
        private final Set<SimNode> reached = new HashSet<>();
        private long lastMs;

        Post(long postedMs) {
            this.postedMs = postedMs;
        }
    }

    private final Timeline time = new Timeline(1, false);
    private final SimNetwork network = new SimNetwork(time);
    private final List<SimNode> nodes = new ArrayList<>();
    private final Map<String, Post> posts = new HashMap<>();

    private Glomers() {
        network.minLatencyMs = LATENCY_MS;
        network.maxLatencyMs = LATENCY_MS;
        network.observe(this::arrived);
        List<Address> contact = List.of();
        for (int i = 0; i < NODES; i++) {
            SimNode node = new SimNode(i, network, contact);
            nodes.add(node);
            contact = List.of(nodes.get(0).address);
            time.after(time.between(0, 1_000), node::start);
        }
    }

    private void arrived(SimNode from, SimNode to, Message message) {
        if (message instanceof SpreadMessage.Push push) {
            Post post = posts.get(push.data().id());
            if (post != null && post.reached.add(to)) {
                post.lastMs = time.nowMs();
            }
        }
    }

    /** Runs the workload, and parts the nodes in the middle of it. */
    private Result run(long lastsMs, long partitionMs) {
        time.runUntil(SETTLE_MS);
        time.after((lastsMs - partitionMs) / 2, () -> {
            if (partitionMs > 0) {
                cut(partitionMs);
            }
        });
        long before = network.flushes;
        Set<Data> acknowledged = new HashSet<>();
        for (long ms = 0; ms < lastsMs; ms += POST_EVERY_MS) {
            SimNode node = nodes.get(time.random.nextInt(NODES));
            Post post = new Post(time.nowMs());
            post.reached.add(node);
            posts.put("post" + ms, post);
            acknowledged.add(node.post(News.data("post" + ms, "x".repeat(20), 0)).orElseThrow());
            time.runUntil(SETTLE_MS + ms + POST_EVERY_MS);
        }
        double messages = network.flushes - before;
        time.runUntil(time.nowMs() + SimNode.INTERVAL_MS);
        int lost = 0;
        for (SimNode node : nodes) {
            Set<Data> lacking = new HashSet<>(acknowledged);
            node.list().forEach(lacking::remove);
            lost += lacking.size();
        }
        long[] took = posts.values().stream().mapToLong(post -> post.lastMs - post.postedMs)
                .sorted().toArray();
        return new Result(messages / posts.size() / OPERATIONS_A_POST, took[took.length / 2],
                took[took.length - 1], lost);
    }

    private void cut(long partitionMs) {
        for (SimNode from : nodes) {
            for (SimNode to : nodes) {
                if ((from.index < NODES / 2) != (to.index < NODES / 2)) {
                    network.cut(from, to);
                    time.after(partitionMs, () -> network.heal(from, to));
                }
            }
        }
    }

    private static boolean report(Report report, String what, long partitionMs,
            double maxMessages, long maxMedianMs, long maxMs) {
        Result result = new Glomers().run(LASTS_MS, partitionMs);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("what", what);
        row.put("messages an operation", result.messagesAnOperation);
        row.put("ms median", result.medianMs);
        row.put("ms max", result.maxMs);
        row.put("lost", result.lost);
        report.add(row);
        return result.lost == 0 && result.messagesAnOperation <= maxMessages
                && result.medianMs <= maxMedianMs && result.maxMs <= maxMs;
    }

    public static void main(String[] args) {
        Report report = new Report("glomers");
        boolean kept = report(report, "3d and 3e", 0, 14, 200, 300);
        kept &= report(report, "parted for 10 s", PARTITION_MS, Double.MAX_VALUE,
                Long.MAX_VALUE, Long.MAX_VALUE);
        report.write();
        System.exit(kept ? 0 : 1);
    }
}
