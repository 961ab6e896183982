package bcast.sim;

import bcast.base.Metric;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.repair.RepairCounts;
import bcast.cluster.gossip.spread.SpreadCounts;
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
import java.util.function.Supplier;

/**
 * One seed: some nodes, some clients, some faults; then the faults end and the promises are
 * checked; then all is quiet, and it must be quiet on the wire as well. Everything follows from the
 * seed.
 */
final class Scenario {

    private static final long FAULTS_FROM_MS = 4_000;
    private static final long FAULTS_TO_MS = 60_000;
    /** Many sketches, of 24 KiB each, fit; a node with no room for one would never look full. */
    private static final long BYTES_OF_A_FULL_NODE = 600_000;
    private static final long DAY_MS = 24 * 3_600_000L;
    private static final int MESH = 25;

    /** Some large clusters are cut in two, neither a mesh, until no part knows of the other. */
    private static final int SELDOM = 8;
    private static final int MORE_NODES = 30;
    private static final long PARTED_UNTIL_MS = 150_000;

    /** So long that no interval ends: links and events alone must bring everything. */
    private static final long NO_INTERVAL_MS = 3_600_000;
    /** So short that records expire meanwhile; all clocks are right then. */
    private static final long SHORT_RETENTION_MS = 45_000;

    /** Neighbours of a node in a large cluster that is left alone, after some time. */
    private static final int SETTLED_NEIGHBOURS = 10;
    private static final long SHED_MS = 150_000;

    private static final int QUIET_POSTS = 50;
    private static final double MAX_COPIES = 1.2;
    /** Twice what a node takes pushes from the parent it had before, whom it then tells. */
    private static final long FORMER_PARENT_MS = 2_000;
    /** Times that the tree may change its shape while copies are counted. */
    private static final int MAX_QUIET_PHASES = 10;
    /** In a quiet cluster a record is everywhere after so long, without a round. */
    private static final long SPREAD_MS = 8_000;

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
    private Optional<SimNode> forger = Optional.empty();
    private boolean large;
    private boolean parted;
    private boolean expiring;
    private boolean withoutIntervals;
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
        clients();
        int faults = (int) time.between(0, 12);
        for (int i = 0; i < faults; i++) {
            time.after(time.between(FAULTS_FROM_MS, FAULTS_TO_MS - 1), this::fault);
        }
        long healedMs = parted ? PARTED_UNTIL_MS : FAULTS_TO_MS;
        time.runUntil(healedMs);
        endFaults();
        List<Data> held = union(List.of());
        time.note("faults end; " + held.size() + " records must reach all");
        time.runUntil(healedMs + SimNode.INTERVAL_MS * (severe ? 2 : 1));
        // A record may also have been on its way when the faults ended.
        List<Data> expected = union(held);
        check(expected);
        int losers = checkLosers(expected);
        if (forger.isEmpty()) {
            quiet();
        }
        if (large && withoutIntervals && forger.isEmpty()) {
            grafts();
        }
        return "seed " + seed + ": " + nodes.size() + " nodes" + (large ? " (large)" : "")
                + (parted ? " (parted)" : "")
                + (expiring ? " (expiring)" : "") + (withoutIntervals ? " (no intervals)" : "")
                + (forger.isPresent() ? " (forger)" : "") + ", " + faults + " faults, " + posts
                + " posts, " + losers + " losers, " + expected.size() + " records";
    }

    // ---- the world

    private void shape() {
        long[][] latencies = {{1, 2}, {1, 20}, {1, 100}, {50, 150}};
        long[] latency = latencies[time.random.nextInt(latencies.length)];
        network.minLatencyMs = latency[0];
        network.maxLatencyMs = latency[1];
        network.announcementLoss = time.chance(0.5) ? 0.05 : 0.5;
        network.multicast = time.chance(0.5);
        large = time.chance(0.07);
        parted = large && seed % SELDOM == SELDOM - 1;
        expiring = !large && time.chance(0.15);
        withoutIntervals = time.chance(0.25);
        int count = (int) (large ? time.between(MESH + 1, 45) + (parted ? MORE_NODES : 0)
                : time.between(2, 10));
        boolean skewed = !expiring && time.chance(0.7);
        List<Address> contact = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SimNode node = node(i, contact);
            nodes.add(node);
            if (contact.isEmpty()) {
                contact.add(node.address);
            }
            if (skewed && time.chance(0.7)) {
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
        if (parted) {
            severe = true;
            time.after(FAULTS_FROM_MS, this::part);
        }
        if (time.chance(0.1)) {
            forger = Optional.of(node(count, contact));
            time.after(time.between(0, 10_000), forger.get()::start);
            time.after(time.between(10_000, 20_000), this::forge);
        }
    }

    private SimNode node(int index, List<Address> contact) {
        SimNode node = new SimNode(index, network,
                network.multicast && time.chance(0.5) ? List.of() : List.copyOf(contact));
        node.retentionMs = expiring ? SHORT_RETENTION_MS : SimNode.RETENTION_MS;
        node.intervalMs = withoutIntervals ? NO_INTERVAL_MS : SimNode.INTERVAL_MS;
        node.remembering = true;
        return node;
    }

    private void forge() {
        forger.orElseThrow().forge((int) time.between(1, 30));
        time.after(time.between(1_000, 10_000), this::forge);
    }

    private void clients() {
        int often = time.random.nextInt(3);
        long everyMs = parted ? 1_000 : new long[] {20, 100, 1_000}[often];
        boolean conflicts = time.chance(0.5);
        time.after(3_100, () -> post(everyMs, conflicts));
    }

    private void post(long everyMs, boolean conflicts) {
        if (healed) {
            return;
        }
        SimNode node = anyNode();
        boolean well = node.running() && !node.isPaused() && !jumped.contains(node);
        if (well) {
            String id = conflicts && time.chance(0.3) ? "shared" + time.random.nextInt(60)
                    : "id" + posts;
            post(node, id, time.chance(0.02) ? 70_000 : 20);
        }
        time.after(time.between(1, 2 * everyMs), () -> post(everyMs, conflicts));
    }

    private void post(SimNode node, String id, int size) {
        node.post(News.data(id, "raw" + posts++ + "x".repeat(size), 0))
                .ifPresent(acknowledged::add);
    }

    // ---- faults

    private SimNode anyNode() {
        return nodes.get(time.random.nextInt(nodes.size()));
    }

    private void fault() {
        SimNode node = anyNode();
        int kind = time.random.nextInt(13);
        if (!node.running() && kind < 10) {
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
            case 7 -> {
                if (!expiring && !withoutIntervals) {
                    jump(node);
                }
            }
            case 8 -> flap(node, (int) time.between(3, 20));
            case 9 -> overflow(node);
            case 10 -> massCrash();
            case 11 -> partition(false);
            default -> partition(true);
        }
    }

    /** More is posted than the node's links carry. */
    private void overflow(SimNode node) {
        if (node.isPaused() || jumped.contains(node)) {
            return;
        }
        network.slow(node, true);
        for (int i = 0; i < 40; i++) {
            post(node, "burst" + posts, 2_000);
        }
        time.after(time.between(100, 3_000), () -> {
            node.overflow();
            network.slow(node, false);
        });
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

    /** Splits the nodes in two; one way only, or both; unless they are split already. */
    private void partition(boolean oneWay) {
        if (parted) {
            return;
        }
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

    /** Every other node is cut off from the rest until all faults end. */
    private void part() {
        time.note("all are parted");
        List<SimNode> all = new ArrayList<>(nodes);
        forger.ifPresent(all::add);
        for (SimNode from : all) {
            for (SimNode to : all) {
                if (from.index % 2 != to.index % 2) {
                    network.cut(from, to);
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

    /**
     * What all live nodes together hold, and some more, merged. Of the latter some may have lost
     * since, and even their winners may have expired.
     */
    private List<Data> union(List<Data> more) {
        Map<String, Data> winners = winners();
        Map<String, Data> merged = new TreeMap<>();
        more.stream().filter(this::alive).filter(data -> data.equals(winners.get(data.id())))
                .forEach(data -> merged.put(data.id(), data));
        for (SimNode node : nodes) {
            for (Data data : node.list()) {
                merged.merge(data.id(), data, (a, b) -> Data.MERGE.compare(a, b) <= 0 ? a : b);
            }
        }
        List<Data> list = new ArrayList<>(merged.values());
        list.sort(Data.BY_TIME);
        return list;
    }

    /** Of all records that any live node ever held, the winner of each id. */
    private Map<String, Data> winners() {
        Map<String, Data> winners = new HashMap<>();
        for (SimNode node : nodes) {
            node.everHeld().forEach(data -> winners.merge(data.id(), data,
                    (a, b) -> Data.MERGE.compare(a, b) <= 0 ? a : b));
        }
        return winners;
    }

    /** Not expired by a clock that is right. */
    private boolean alive(Data data) {
        long retention = nodes.get(0).retentionMs;
        return data.timestamp() + retention > Timeline.EPOCH_MS + time.nowMs();
    }

    private boolean isFull(SimNode node) {
        return full.isPresent() && full.get() == node;
    }

    private void check(List<Data> expected) {
        for (SimNode node : nodes) {
            String name = "n" + node.index;
            List<Data> list = node.list();
            for (Data data : list) {
                promise(acknowledged.contains(data), name + " lists " + data.id()
                        + " which nobody posted");
                promise(data.timestamp() + node.retentionMs > node.wallMs(),
                        name + " lists " + data.id() + " which is expired");
            }
            promise(node.queuedBytes() <= SimWire.MAX_DATA_BYTES, name + " queues too much");
            promise(node.peers() <= MESH, name + " has " + node.peers() + " neighbours");
            if (isFull(node)) {
                continue;
            }
            promise(large || node.peers() >= nodes.size() - 1, name + " is linked to "
                    + node.peers() + " of " + (nodes.size() - 1));
            promise(list.equals(expected), () -> name + " differs: "
                    + difference(list, expected));
            promise(node.problems().isEmpty(), name + " is not ready: " + node.problems());
        }
        promise(SimNetwork.components(nodes) == 1, "the overlay is in parts");
        promise(!parted || bridges() >= nodes.size() / 2, () -> "only " + bridges()
                + " links join the parts");
    }

    /** Links between nodes that had been parted. */
    private long bridges() {
        return nodes.stream().flatMap(node -> node.neighbours().stream()
                .filter(other -> node.index % 2 == 0 && other.index % 2 != 0)).count();
    }

    /** Whatever a live node ever held is everywhere, or has a winner that is or that expired. */
    private int checkLosers(List<Data> expected) {
        Map<String, Data> winners = winners();
        Set<Data> listed = new HashSet<>(expected);
        winners.values().forEach(winner -> promise(listed.contains(winner) || !alive(winner),
                winner.id() + " was held and is nowhere now"));
        Map<Data, Data> losers = new HashMap<>();
        for (SimNode node : nodes) {
            for (Data data : node.everHeld()) {
                Data winner = winners.get(data.id());
                if (!winner.equals(data)) {
                    losers.put(data, winner);
                }
            }
        }
        losers.forEach((loser, winner) -> time.note("loser " + loser.id() + " " + loser.raw()
                + " of " + loser.timestamp() + ", winner " + winner.raw() + " of "
                + winner.timestamp()));
        return losers.size();
    }

    /** Nothing fails any more: records come once, at once, and rounds find nothing. */
    private void quiet() {
        time.note("quiet");
        long until = time.nowMs() + SHED_MS;
        while (large && time.nowMs() < until && !nodes.stream()
                .allMatch(node -> node.peers() <= SETTLED_NEIGHBOURS)) {
            time.runUntil(time.nowMs() + SPREAD_MS);
        }
        promise(time.nowMs() < until, "some have too many neighbours for too long");
        time.runUntil(time.nowMs() + SPREAD_MS);
        int phases = 0;
        while (!undisturbed(phases++)) {
            promise(phases < MAX_QUIET_PHASES, "the tree does not come to rest");
        }
        if (full.isEmpty()) {
            silence();
        }
    }

    /**
     * Posts for some seconds and counts copies, which is fair only while no node changes its
     * parent, nor did so just before: the parent it had pushes for a moment too; returns whether
     * that was so.
     */
    private boolean undisturbed(int phase) {
        long changes = count(SpreadCounts.PARENT_CHANGES);
        time.runUntil(time.nowMs() + FORMER_PARENT_MS);
        Map<SimNode, Long> before = new HashMap<>();
        nodes.forEach(node -> before.put(node, node.counters().get(SpreadCounts.RECEIVED)));
        long byBucket = count(RepairCounts.BUCKETS);
        List<Data> due = new ArrayList<>();
        for (int i = 0; i < QUIET_POSTS; i++) {
            SimNode node = anyNode();
            while (isFull(node)) {
                node = anyNode();
            }
            node.post(News.data("quiet" + phase + "-" + i, "raw", 0)).ifPresent(due::add);
            time.runUntil(time.nowMs() + 50);
        }
        promise(due.size() == QUIET_POSTS, "a post was refused");
        time.runUntil(time.nowMs() + SPREAD_MS);
        boolean still = count(SpreadCounts.PARENT_CHANGES) == changes;
        promise(full.isPresent() || count(RepairCounts.BUCKETS) == byBucket,
                "a round went by bucket while all is quiet");
        for (SimNode node : nodes) {
            if (isFull(node)) {
                continue;
            }
            String name = "n" + node.index;
            promise(new HashSet<>(node.list()).containsAll(due), name + " lacks fresh news");
            long copies = node.counters().get(SpreadCounts.RECEIVED) - before.get(node);
            promise(!still || copies <= MAX_COPIES * QUIET_POSTS, name + " received " + copies
                    + " copies of " + QUIET_POSTS + " records");
        }
        return still;
    }

    /** Nothing is posted: all rounds must find the stores equal. */
    private void silence() {
        time.note("silence");
        long before = count(RepairCounts.ROUNDS_DIFFERENT);
        time.runUntil(time.nowMs() + SimNode.INTERVAL_MS);
        long different = count(RepairCounts.ROUNDS_DIFFERENT) - before;
        promise(different == 0, different + " rounds found a difference in silence");
    }

    private long count(Metric counter) {
        return nodes.stream().mapToLong(node -> node.counters().get(counter)).sum();
    }

    /** A node stands still, and nobody can dial: neighbours bring what the tree does not. */
    private void grafts() {
        time.note("grafts");
        network.firewall(true);
        SimNode still = anyNode();
        still.pause(true);
        List<Data> due = new ArrayList<>();
        for (int i = 0; i < QUIET_POSTS; i++) {
            SimNode node = anyNode();
            if (node != still && !isFull(node)) {
                node.post(News.data("graft" + i, "raw", 0)).ifPresent(due::add);
            }
            time.runUntil(time.nowMs() + 50);
        }
        time.runUntil(time.nowMs() + SPREAD_MS);
        for (SimNode node : nodes) {
            promise(node == still || isFull(node)
                    || new HashSet<>(node.list()).containsAll(due),
                    "n" + node.index + " lacks news while n" + still.index + " stands still");
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
        promise(kept, () -> otherwise);
    }

    private static void promise(boolean kept, Supplier<String> otherwise) {
        if (!kept) {
            throw new Broken(otherwise.get());
        }
    }
}
