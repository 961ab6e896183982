package bcast.bench;

import bcast.testing.Await;
import bcast.testing.Client;
import bcast.testing.NodeProcess;
import bcast.testing.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Nine real processes on loopback take 1,000 posts a second for 30 seconds, spread over all. Counts
 * the copies of records that came in on their links, and fails if those are too many, if a record
 * had to be asked for, or if the nodes do not list the same bytes in the end.
 */
final class NineNodes {

    private static final int NODES = 9;
    private static final int POSTS_A_SECOND = 1_000;
    private static final int SECONDS = 30;
    private static final int FIRST_SECONDS = 5;
    private static final double MAX_COPIES = 1.2;
    private static final double MAX_COPIES_LATER = 1.05;
    private static final int CLIENTS_A_NODE = 2;

    private final List<NodeProcess> nodes = new ArrayList<>();
    private final Report report = new Report("nine");

    private NineNodes() {}

    public static void main(String[] args) throws Exception {
        boolean kept = new NineNodes().run();
        System.exit(kept ? 0 : 1);
    }

    private boolean run() throws Exception {
        String cluster = "nine-" + UUID.randomUUID();
        try {
            for (int i = 0; i < NODES; i++) {
                nodes.add(NodeProcess.start(cluster, "-loglevel=debug", "-group=off",
                        i == 0 ? "-peers=" : "-peers=127.0.0.1:" + nodes.get(0).clusterPort()));
            }
            for (NodeProcess node : nodes) {
                node.ready();
            }
            long[] before = counts();
            post(0, FIRST_SECONDS);
            long[] between = counts();
            post(FIRST_SECONDS, SECONDS);
            int all = SECONDS * POSTS_A_SECOND;
            Await.until("all nodes list " + all + " records", 20, () -> {
                for (NodeProcess node : nodes) {
                    if (node.client().count() != all) {
                        return false;
                    }
                }
                return true;
            });
            long[] after = counts();
            return judge(before, between, after);
        } finally {
            nodes.forEach(NodeProcess::close);
        }
    }

    private boolean judge(long[] before, long[] between, long[] after) throws Exception {
        String first = nodes.get(0).client().list();
        boolean same = true;
        for (NodeProcess node : nodes) {
            same &= node.client().list().equals(first);
        }
        // Each record has to come to every node but the one it was posted to.
        double due = (NODES - 1.0) * POSTS_A_SECOND;
        double later = (after[0] - between[0]) / (due * (SECONDS - FIRST_SECONDS));
        double overall = (after[0] - before[0]) / (due * SECONDS);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("nodes", NODES);
        row.put("posts/s", POSTS_A_SECOND);
        row.put("seconds", SECONDS);
        row.put("same bytes", same);
        row.put("copies a record a node", overall);
        row.put("after the first seconds", later);
        row.put("grafts", after[1] - before[1]);
        row.put("backlogs dropped", after[2] - before[2]);
        report.add(row);
        report.write();
        return same && overall <= MAX_COPIES && later <= MAX_COPIES_LATER
                && after[1] == before[1];
    }

    /** Copies received, grafts and dropped backlogs, of all nodes. */
    private long[] counts() throws Exception {
        long[] sums = new long[3];
        for (NodeProcess node : nodes) {
            int from = node.log().size();
            String[] line = new String[1];
            Await.until("a line with all counts", 10, () -> {
                List<String> log = node.log();
                for (int i = from; i < log.size(); i++) {
                    line[0] = log.get(i).contains("counts: ") ? log.get(i) : line[0];
                }
                return line[0] != null;
            });
            sums[0] += count(line[0], "bcast_link_records_received_total");
            sums[1] += count(line[0], "bcast_grafts_total");
            sums[2] += count(line[0], "bcast_link_backlogs_dropped_total");
        }
        return sums;
    }

    private static long count(String line, String name) {
        Matcher matcher = Pattern.compile("\\b" + name + "=(\\d+)").matcher(line);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private void post(int fromSecond, int toSecond) throws Exception {
        int threads = NODES * CLIENTS_A_NODE;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        long start = System.nanoTime();
        List<Future<?>> done = new ArrayList<>();
        int posts = (toSecond - fromSecond) * POSTS_A_SECOND;
        for (int t = 0; t < threads; t++) {
            int mine = t;
            Client client = nodes.get(t % NODES).client();
            done.add(pool.submit(() -> {
                for (int i = mine; i < posts; i += threads) {
                    long due = start + 1_000_000_000L * i / POSTS_A_SECOND;
                    LockSupport.parkNanos(due - System.nanoTime());
                    client.mustPost("post" + fromSecond + "-" + i, "x".repeat(100) + i);
                }
                return null;
            }));
        }
        for (Future<?> each : done) {
            each.get();
        }
        pool.shutdown();
        System.out.printf("%d posts in %.1f s%n", posts, (System.nanoTime() - start) / 1e9);
    }
}
