package bcast.sim;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.data.Data;
import bcast.testing.News;
import bcast.testing.Report;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How the cluster behaves as it grows: whole nodes in virtual time that join through one contact,
 * with 1 to 100 ms between any two, drawn anew for each message. {@code Scale N...} prints what it
 * measures, writes {@code build/reports/scale.json}, and fails if a bound does not hold.
 */
final class Scale {

    private static final long JOIN_MS = 20_000;
    private static final long SETTLE_MS = 100_000;
    private static final long REST_MS = 5_000;
    private static final int SINGLE = 20;
    private static final long SINGLE_EVERY_MS = 3_000;
    private static final int STREAM = 300;
    private static final long STREAM_EVERY_MS = 10;
    private static final double[] VANISHING = {0.1, 0.5, 0.8};
    private static final int IN_FLIGHT = 20;
    private static final int AFTER = 100;
    private static final long HEAL_MS = 40_000;
    private static final double MAX_RMR = 0.05;

    /** What became of one record. */
    private static final class Trace {
        private final long postedMs;
        private final int[] hops;
        private int reached;
        private int asked;
        private int copies;
        private int lastHop;
        private long lastMs;

        Trace(int nodes, long postedMs) {
            this.postedMs = postedMs;
            this.hops = new int[nodes];
            Arrays.fill(hops, -1);
        }
    }

    private final Timeline time;
    private final SimNetwork network;
    private final List<SimNode> nodes = new ArrayList<>();
    private final Map<String, Trace> traces = new HashMap<>();
    private final List<String> broken = new ArrayList<>();
    private long controlBytes;
    private long payloadBytes;
    private final long heapBefore = heapBytes();
    private int posts;

    private Scale(int count, long seed) {
        time = new Timeline(seed, false);
        network = new SimNetwork(time);
        network.minLatencyMs = 1;
        network.maxLatencyMs = 100;
        network.multicast = false;
        network.withoutEncoding();
        network.observe(this::arrived);
        List<Address> contact = List.of();
        for (int i = 0; i < count; i++) {
            SimNode node = new SimNode(i, network, contact);
            nodes.add(node);
            contact = List.of(nodes.get(0).address);
            time.after(i == 0 ? 0 : time.between(100, JOIN_MS), node::start);
        }
    }

    private void arrived(SimNode from, SimNode to, Message message) {
        if (!(message instanceof SpreadMessage.Push push)) {
            controlBytes += network.encoded(message);
            return;
        }
        payloadBytes += network.encoded(message);
        Trace trace = traces.get(push.data().id());
        if (trace == null) {
            return;
        }
        trace.copies++;
        if (trace.hops[to.index] < 0) {
            trace.hops[to.index] = trace.hops[from.index] + 1;
            trace.lastHop = Math.max(trace.lastHop, trace.hops[to.index]);
            trace.lastMs = time.nowMs();
            trace.reached++;
            trace.asked += push.inRound() ? 1 : 0;
        }
    }

    private Data post() {
        SimNode node = nodes.get(time.random.nextInt(nodes.size()));
        while (!node.running()) {
            node = nodes.get(time.random.nextInt(nodes.size()));
        }
        String id = "news" + posts++;
        Trace trace = new Trace(nodes.size(), time.nowMs());
        trace.hops[node.index] = 0;
        traces.put(id, trace);
        return node.post(News.data(id, "x".repeat(100), 0)).orElseThrow();
    }

    private Map<String, Object> row(String what) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("nodes", nodes.size());
        row.put("what", what);
        return row;
    }

    private Map<String, Object> spread(String what, int count, long everyMs) {
        traces.clear();
        controlBytes = 0;
        payloadBytes = 0;
        long from = time.nowMs();
        for (int i = 0; i < count; i++) {
            post();
            time.runUntil(from + (i + 1) * everyMs);
        }
        time.runUntil(time.nowMs() + REST_MS);
        int others = nodes.size() - 1;
        double pushed = traces.values().stream().mapToInt(t -> t.reached - t.asked).sum();
        double copies = traces.values().stream().mapToInt(t -> t.copies).sum();
        int[] hops = traces.values().stream().mapToInt(t -> t.lastHop).sorted().toArray();
        long[] took = traces.values().stream().mapToLong(t -> t.lastMs - t.postedMs).sorted()
                .toArray();
        Map<String, Object> row = row(what);
        row.put("delivered", pushed / count / others);
        row.put("rmr", copies / count / others - 1);
        row.put("last hop median", hops[count / 2]);
        row.put("last hop max", hops[count - 1]);
        row.put("ms median", took[count / 2]);
        row.put("ms max", took[count - 1]);
        row.put("payload bytes", (double) payloadBytes / nodes.size() / count);
        row.put("control bytes", (double) controlBytes / nodes.size() / count);
        row.put("control bytes/s", 1e3 * controlBytes / nodes.size() / (time.nowMs() - from));
        double depth = 2 * Math.log(nodes.size()) / Math.log(8);
        bound(pushed == (double) count * others, what + ": not all came without repair");
        bound(copies / count / others - 1 <= MAX_RMR, what + ": redundancy");
        bound(hops[count / 2] <= depth + 3, what + ": median of hops");
        bound(hops[count - 1] <= depth + 4, what + ": maximum of hops");
        return row;
    }

    private Map<String, Object> vanish(double share) {
        for (int i = 0; i < IN_FLIGHT; i++) {
            post();
            time.runUntil(time.nowMs() + STREAM_EVERY_MS);
        }
        List<SimNode> alive = new ArrayList<>(nodes);
        List<SimNode> victims = new ArrayList<>();
        while (victims.size() < (int) (nodes.size() * share)) {
            victims.add(alive.remove(time.random.nextInt(alive.size())));
        }
        victims.forEach(SimNode::vanish);
        Set<Data> due = new HashSet<>();
        alive.forEach(node -> due.addAll(node.list()));
        long from = time.nowMs();
        for (int i = 0; i < AFTER; i++) {
            due.add(post());
            time.runUntil(time.nowMs() + STREAM_EVERY_MS);
        }
        long wholeMs = -1;
        while (time.nowMs() < from + HEAL_MS) {
            time.runUntil(time.nowMs() + 1_000);
            if (wholeMs < 0 && alive.stream().allMatch(node -> holdsAll(node, due))) {
                wholeMs = time.nowMs() - from;
            }
        }
        long complete = alive.stream().filter(node -> holdsAll(node, due)).count();
        String what = Math.round(100 * share) + " % vanish";
        Map<String, Object> row = row(what);
        row.put("survivors", alive.size());
        row.put("complete", complete);
        row.put("ms to complete", wholeMs);
        row.put("components", SimNetwork.components(alive));
        bound(complete == alive.size(), what + ": records are missing");
        bound(SimNetwork.components(alive) == 1, what + ": the overlay fell apart");
        victims.forEach(SimNode::start);
        time.runUntil(time.nowMs() + SETTLE_MS / 2);
        return row;
    }

    private static boolean holdsAll(SimNode node, Set<Data> due) {
        return node.size() >= due.size() && new HashSet<>(node.list()).containsAll(due);
    }

    private static long heapBytes() {
        Runtime runtime = Runtime.getRuntime();
        runtime.gc();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private Map<String, Object> overlay(String what) {
        int[] links = nodes.stream().mapToInt(SimNode::peers).sorted().toArray();
        Map<String, Object> row = row(what);
        row.put("links min", links[0]);
        row.put("links median", links[links.length / 2]);
        row.put("links max", links[links.length - 1]);
        row.put("components", SimNetwork.components(nodes));
        row.put("KiB a node", (heapBytes() - heapBefore) / 1_024 / nodes.size());
        bound(SimNetwork.components(nodes) == 1, "the overlay is not whole");
        return row;
    }

    private void bound(boolean kept, String otherwise) {
        if (!kept) {
            broken.add(nodes.size() + " nodes: " + otherwise);
        }
    }

    private void run(Report report) {
        time.runUntil(JOIN_MS + SETTLE_MS / 2);
        // An empty store asks for everything, and would have it from a round.
        post();
        time.runUntil(JOIN_MS + SETTLE_MS);
        report.add(overlay("settled overlay"));
        report.add(spread("one at a time", SINGLE, SINGLE_EVERY_MS));
        report.add(spread("100 a second", STREAM, STREAM_EVERY_MS));
        for (double share : VANISHING) {
            report.add(vanish(share));
        }
        traces.clear();
        report.add(overlay("overlay in the end"));
    }

    public static void main(String[] args) {
        Report report = new Report("scale");
        List<String> broken = new ArrayList<>();
        for (String count : args) {
            Scale scale = new Scale(Integer.parseInt(count), 1);
            scale.run(report);
            broken.addAll(scale.broken);
        }
        broken.forEach(each -> System.out.println("NOT KEPT: " + each));
        report.write();
        System.exit(broken.isEmpty() ? 0 : 1);
    }
}
