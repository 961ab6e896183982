package bcast.sim;

import bcast.cluster.gossip.Address;
import bcast.cluster.net.SimWire;
import bcast.data.Data;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One seed: some nodes, some clients, some faults; then the faults end and the promises are
 * checked. Everything follows from the seed.
 */
final class Scenario {

    private static final long FAULTS_FROM_MS = 4_000;
    private static final long FAULTS_TO_MS = 60_000;
    private static final long BYTES_OF_A_FULL_NODE = 20_000;
    private static final long DAY_MS = 24 * 3_600_000L;

    /** A promise that was broken. */
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1;

        Broken(String what) {
            super(what);
        }
    }

    private final long seed;
    private final Timeline time;
    private final SimNetwork network;
    private final List<SimNode> nodes = new ArrayList<>();
    private final Set<Data> acknowledged = new HashSet<>();
    private final Set<SimNode> jumped = new HashSet<>();
    private Optional<SimNode> full = Optional.empty();
    private boolean severe;
    private boolean healed;
    private int posts;

    Scenario(long seed, boolean verbose) {
        this.seed = seed;
        this.time = new Timeline(seed, verbose);
        this.network = new SimNetwork(time);
    }

    List<String> lines() {
        return time.lines();
    }

    /** Runs the seed. Returns a line about it; throws if a promise is broken. */
    String run() {
        shape();
        int count = nodes.size();
        clients();
        int faults = (int) time.between(0, 12);
        for (int i = 0; i < faults; i++) {
            time.after(time.between(FAULTS_FROM_MS, FAULTS_TO_MS - 1), this::fault);
        }
        time.runUntil(FAULTS_TO_MS);
        endFaults();
        List<Data> held = union(List.of());
        time.note("faults end; " + held.size() + " records must reach all");
        time.runUntil(FAULTS_TO_MS + SimNode.INTERVAL_MS * (severe ? 2 : 1));
        // A record may also have been on its way when the faults ended.
        List<Data> expected = union(held);
        check(expected);
        return "seed " + seed + ": " + count + " nodes, " + faults + " faults, " + posts
                + " posts, " + expected.size() + " records";
    }

    // ---- the world

    private void shape() {
        long[][] latencies = {{1, 2}, {1, 20}, {1, 100}, {50, 150}};
        long[] latency = latencies[time.random.nextInt(latencies.length)];
        network.minLatencyMs = latency[0];
        network.maxLatencyMs = latency[1];
        network.announcementLoss = time.chance(0.5) ? 0.05 : 0.5;
        network.multicast = time.chance(0.5);
        int count = (int) time.between(2, 10);
        List<Address> contact = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SimNode node = new SimNode(i, network,
                    network.multicast && time.chance(0.5) ? List.of() : List.copyOf(contact));
            nodes.add(node);
            if (contact.isEmpty()) {
                contact.add(node.address);
            }
            if (time.chance(0.5)) {
                node.skew(time.between(-120_000, 120_000));
            }
        }
        if (count > 2 && time.chance(0.1)) {
            full = Optional.of(nodes.get(count - 1));
            full.get().maxBytes = BYTES_OF_A_FULL_NODE;
        }
        boolean atOnce = time.chance(0.3);
        for (SimNode node : nodes) {
            time.after(atOnce ? 0 : time.between(0, 3_000), node::start);
        }
    }

    private void clients() {
        long everyMs = new long[] {20, 100, 1_000}[time.random.nextInt(3)];
        boolean conflicts = time.chance(0.5);
        time.after(3_100, () -> post(everyMs, conflicts));
    }

    private void post(long everyMs, boolean conflicts) {
        if (healed) {
            return;
        }
        SimNode node = nodes.get(time.random.nextInt(nodes.size()));
        boolean well = node.running() && !node.isPaused() && !jumped.contains(node);
        if (well) {
            String id = conflicts && time.chance(0.3) ? "shared" + time.random.nextInt(20)
                    : "id" + posts;
            String raw = "raw" + posts + "x".repeat(time.chance(0.02) ? 70_000 : 20);
            posts++;
            node.post(News.data(id, raw, 0)).ifPresent(acknowledged::add);
        }
        time.after(time.between(1, 2 * everyMs), () -> post(everyMs, conflicts));
    }

    // ---- faults

    private SimNode anyNode() {
        return nodes.get(time.random.nextInt(nodes.size()));
    }

    private void fault() {
        SimNode node = anyNode();
        int kind = time.random.nextInt(12);
        if (!node.running() && kind < 9) {
            return;
        }
        switch (kind) {
            case 0, 1 -> node.breakLink();
            case 2 -> restart(node, node::kill);
            case 3 -> restart(node, node::vanish);
            case 4 -> restart(node, node::leave);
            case 5 -> {
                node.pause(true);
                time.after(time.between(200, 20_000), () -> unpause(node));
            }
            case 6 -> {
                network.slow(node, true);
                time.note("n" + node.index + " is slow");
                time.after(time.between(1_000, 20_000), () -> network.slow(node, false));
            }
            case 7 -> jump(node);
            case 8 -> flap(node, (int) time.between(3, 20));
            case 9 -> massCrash();
            case 10 -> partition(false);
            default -> partition(true);
        }
    }

    private void restart(SimNode node, Runnable end) {
        end.run();
        time.after(time.between(1_500, 20_000), () -> {
            if (!node.running()) {
                node.start();
            }
        });
    }

    private static void unpause(SimNode node) {
        if (node.isPaused()) {
            node.pause(false);
        }
    }

    /** The wall clock is off by up to two days for a while; nobody posts there meanwhile. */
    private void jump(SimNode node) {
        if (jumped.add(node)) {
            node.skew(time.chance(0.5) ? time.between(-2 * DAY_MS, 2 * DAY_MS)
                    : time.between(-600_000, 600_000));
            time.after(time.between(1_000, 20_000), () -> unjump(node));
        }
    }

    private void unjump(SimNode node) {
        if (jumped.contains(node)) {
            node.skew(time.between(-120_000, 120_000));
            jumped.remove(node);
        }
    }

    private void flap(SimNode node, int times) {
        if (times > 0 && node.running() && !healed) {
            node.breakLink();
            time.after(time.between(50, 2_000), () -> flap(node, times - 1));
        }
    }

    private void massCrash() {
        severe = true;
        List<SimNode> victims = new ArrayList<>(nodes);
        victims.remove(time.random.nextInt(victims.size()));
        victims.removeIf(node -> !node.running() || time.chance(0.3));
        victims.forEach(node -> restart(node, node::vanish));
    }

    /** Splits the nodes in two; one way only, or both. */
    private void partition(boolean oneWay) {
        severe = true;
        Set<SimNode> left = new HashSet<>();
        nodes.forEach(node -> {
            if (time.chance(0.5)) {
                left.add(node);
            }
        });
        time.note((oneWay ? "one-way " : "") + "partition of " + left.size() + " nodes");
        long lasts = time.between(500, 30_000);
        for (SimNode from : nodes) {
            for (SimNode to : nodes) {
                boolean across = left.contains(from) != left.contains(to);
                if (across && !(oneWay && left.contains(from))) {
                    network.cut(from, to);
                    time.after(lasts, () -> network.heal(from, to));
                }
            }
        }
    }

    private void endFaults() {
        healed = true;
        network.healAll();
        for (SimNode node : nodes) {
            unpause(node);
            unjump(node);
            if (!node.running()) {
                node.start();
            }
        }
    }

    // ---- the promises

    /** What all live nodes together hold, and some more, merged. */
    private List<Data> union(List<Data> more) {
        Map<String, Data> merged = new TreeMap<>();
        more.forEach(data -> merged.put(data.id(), data));
        for (SimNode node : nodes) {
            for (Data data : node.list()) {
                merged.merge(data.id(), data, (a, b) -> Data.MERGE.compare(a, b) <= 0 ? a : b);
            }
        }
        List<Data> list = new ArrayList<>(merged.values());
        list.sort(Data.BY_TIME);
        return list;
    }

    private void check(List<Data> expected) {
        Map<String, Data> winners = new HashMap<>();
        expected.forEach(data -> winners.put(data.id(), data));
        for (SimNode node : nodes) {
            String name = "n" + node.index;
            List<Data> list = node.list();
            for (Data data : list) {
                promise(acknowledged.contains(data), name + " lists " + data.id()
                        + " which nobody posted");
            }
            promise(node.queuedBytes() <= SimWire.MAX_DATA_BYTES, name + " queues too much");
            if (full.isPresent() && full.get() == node) {
                continue;
            }
            promise(node.peers() == nodes.size() - 1, name + " is linked to " + node.peers()
                    + " of " + (nodes.size() - 1));
            if (!list.equals(expected)) {
                promise(false, name + " differs: " + difference(list, expected));
            }
            promise(node.problems().isEmpty(), name + " is not ready: " + node.problems());
        }
    }

    private static String difference(List<Data> list, List<Data> expected) {
        Set<Data> extra = new HashSet<>(list);
        expected.forEach(extra::remove);
        Set<Data> missing = new HashSet<>(expected);
        list.forEach(missing::remove);
        return missing.size() + " missing" + first(missing) + ", " + extra.size() + " extra"
                + first(extra);
    }

    private static String first(Set<Data> some) {
        return some.isEmpty() ? "" : " such as " + some.stream().map(Data::id).sorted()
                .findFirst().orElseThrow();
    }

    private static void promise(boolean kept, String otherwise) {
        if (!kept) {
            throw new Broken(otherwise);
        }
    }
}
