package bcast.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.cluster.Cluster;
import bcast.cluster.Members;
import bcast.core.Core;
import bcast.core.Outcome;
import bcast.data.Data;
import bcast.eventbus.EventBus;
import bcast.eventbus.QueueEventBus;
import bcast.eventbus.Source;
import bcast.storage.Durability;
import bcast.storage.Storage;
import bcast.testing.Await;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.Stores;
import bcast.validator.DigestValidator;
import bcast.validator.Validator;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What every {@link Cluster} promises, shown by two and three nodes in one process. Each node has
 * the default event bus, store and core. The tests run side by side, since most of their time is
 * waiting.
 */
@Execution(ExecutionMode.CONCURRENT)
public abstract class ClusterContract {

    private static final long RETENTION_MS = 3_600_000;
    private static final long SKEW_MS = 60_000;
    private static final long INTERVAL_MS = 5_000;
    private static final double SOON_S = 30;
    private static final int MANY = 2_000;
    private static final InetSocketAddress CLIENTS = new InetSocketAddress("127.0.0.1", 7);

    private final List<String> faults = new CopyOnWriteArrayList<>();
    private final List<Node> nodes = new ArrayList<>();

    /**
     * What a cluster is constructed with.
     *
     * @param earlier the clusters of nodes that are running, of which this one must find one
     * @param maxSkewMs how far clocks may be apart
     * @param validator name of the node's validator
     */
    protected record Given(List<Cluster> earlier, long maxSkewMs, String validator,
            Storage storage, EventBus bus, Context context) {}

    /** A cluster that is not started, on loopback only. */
    protected abstract Cluster newCluster(Given given) throws Exception;

    /** Whether it answers {@link bcast.eventbus.Event.Confirm}. */
    protected abstract boolean confirms();

    private final class Node {
        final Context context = Contexts.errors(Clock.system(), faults::add);
        final EventBus bus = new QueueEventBus(context);
        final Storage storage = Stores.map(RETENTION_MS, SKEW_MS, 64 << 20, context);
        final Core core;
        final Cluster cluster;
        boolean running;

        Node(Validator validator, boolean confirmed) throws Exception {
            core = new Core(validator, storage, Durability.NONE, confirmed, bus,
                    new Core.Timing(SKEW_MS, INTERVAL_MS), context);
            cluster = newCluster(new Given(nodes.stream().filter(node -> node.running)
                    .map(node -> node.cluster).toList(), SKEW_MS, validator.name(),
                    storage, bus, context));
        }

        Node start() {
            core.start();
            cluster.start(CLIENTS);
            running = true;
            nodes.add(this);
            return this;
        }

        Outcome post(String id, String raw) {
            return core.deliver(Data.of(id, raw, News.md5(raw), 0), Source.CLIENT);
        }

        Members members() {
            return cluster.members().orElseThrow();
        }

        /** Closes the cluster and then the core, as a node does. */
        void stop() {
            running = false;
            long began = System.nanoTime();
            cluster.close();
            long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            if (ms > Cluster.CLOSE_MS) {
                faults.add("close took " + ms + " ms");
            }
            core.close();
        }
    }

    /** Accepts all, under the name of the others' validator. */
    private static final class Credulous implements Validator {
        @Override
        public String name() {
            return DigestValidator.md5().name();
        }

        @Override
        public Verdict check(Data data) {
            return new Verdict.Valid(data);
        }
    }

    private Node node() throws Exception {
        return new Node(DigestValidator.md5(), false);
    }

    /** Starts nodes one after the other, and waits until all are ready and see all others. */
    private List<Node> linked(int count) throws Exception {
        List<Node> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(node().start());
        }
        awaitLinks(all);
        return all;
    }

    private static void awaitLinks(List<Node> all) throws Exception {
        for (Node node : all) {
            Await.until(() -> "a node is linked and ready: " + node.cluster.peers() + " peers, "
                    + node.core.problems(), SOON_S, () -> node.cluster.peers() >= 1
                    && node.core.problems().isEmpty());
        }
    }

    private static void awaitSame(List<Node> all, int size) throws Exception {
        Await.until(() -> "all hold the same " + size + ": " + all.stream()
                .map(node -> node.storage.size()).toList(), SOON_S, () -> all.stream()
                .allMatch(node -> node.storage.size() == size
                        && node.storage.list().equals(all.get(0).storage.list())));
    }

    @AfterEach
    final void stopAll() throws Exception {
        List<Thread> stops = nodes.stream().filter(node -> node.running)
                .map(node -> new Thread(node::stop)).toList();
        stops.forEach(Thread::start);
        for (Thread each : stops) {
            each.join();
        }
        assertEquals(List.of(), faults);
    }

    @Test
    void aRecordAcceptedByOneReachesAll() throws Exception {
        List<Node> all = linked(3);
        for (int i = 0; i < all.size(); i++) {
            assertTrue(all.get(i).post("id" + i, "raw " + i).held().isPresent());
        }
        awaitSame(all, 3);
    }

    @Test
    void manyRecordsOfAllReachAll() throws Exception {
        List<Node> all = linked(3);
        for (int i = 0; i < MANY; i++) {
            all.get(i % 3).post("id" + i, "raw");
        }
        awaitSame(all, MANY);
    }

    @Test
    void theLargestRecordTravelsAsItIs() throws Exception {
        List<Node> all = linked(2);
        all.get(0).post("\u0000\"\ud83d\ude00".repeat(42),
                "\u0001\\\u00e4\n".repeat(Data.MAX_RAW_BYTES / 5));
        all.get(1).post("s", "small");
        awaitSame(all, 2);
    }

    @Test
    void aLateJoinerHasAllRecordsOnceItIsReady() throws Exception {
        List<Node> all = linked(2);
        for (int i = 0; i < MANY; i++) {
            all.get(i % 2).post("id" + i, "raw");
        }
        awaitSame(all, MANY);
        Node late = node();
        late.core.judgeWaiting();
        assertFalse(late.core.problems().isEmpty(), "ready although it has nothing");
        late.start();
        Await.until("it is ready", SOON_S, () -> late.core.problems().isEmpty());
        assertEquals(all.get(0).storage.list(), late.storage.list());
        late.post("late", "raw");
        all.add(late);
        awaitSame(all, MANY + 1);
    }

    @Test
    void aNodeWithoutPeersBecomesReady() throws Exception {
        Node alone = node().start();
        Await.until("it is ready", SOON_S, () -> alone.core.problems().isEmpty());
        assertEquals(0, alone.cluster.peers());
        assertEquals(List.of(), alone.members().members());
    }

    @Test
    void losersOfTheMergeRuleConverge() throws Exception {
        long nowMs = Clock.system().wallMs();
        List<Node> all = new ArrayList<>(List.of(node().start()));
        Node other = node();
        for (int i = 0; i < 3; i++) {
            all.get(0).storage.merge(News.data("id" + i, "one", nowMs - 10));
            other.storage.merge(News.data("id" + i, "other", nowMs - (i == 1 ? 20 : 0)));
        }
        all.add(other.start());
        awaitSame(all, 3);
        List<String> raws = Stream.of("id0", "id1", "id2")
                .map(id -> all.get(0).storage.get(id).orElseThrow().raw()).toList();
        assertEquals(List.of("one", "other", "one"), raws);
    }

    @Test
    void theEndOfAnIntervalBringsWhatNoEventDid() throws Exception {
        List<Node> all = linked(2);
        long nowMs = Clock.system().wallMs();
        all.get(0).storage.merge(News.data("a", "raw", nowMs));
        all.get(1).storage.merge(News.data("b", "raw", nowMs));
        all.forEach(node -> node.core.broadcast());
        awaitSame(all, 2);
    }

    @Test
    void aNodeThatLeavesHandsOverWhatOnlyItHolds() throws Exception {
        List<Node> all = linked(2);
        for (int i = 0; i < MANY; i++) {
            all.get(1).post("id" + i, "raw");
        }
        all.get(1).stop();
        Await.until("the other has all", SOON_S, () -> all.get(0).storage.size() == MANY);
        Await.until("it has no peer", SOON_S, () -> all.get(0).cluster.peers() == 0);
    }

    @Test
    void aNodeThatComesBackGetsAndGivesWhatWasMissed() throws Exception {
        List<Node> all = linked(3);
        all.get(2).post("before", "raw");
        awaitSame(all, 1);
        Node left = all.remove(2);
        left.stop();
        all.get(0).post("meanwhile", "raw");
        Node back = node();
        left.storage.list().forEach(back.storage::restore);
        back.storage.restore(News.data("its own", "raw", Clock.system().wallMs()));
        all.add(back.start());
        awaitSame(all, 3);
        all.get(1).post("after", "raw");
        awaitSame(all, 4);
    }

    @Test
    void nothingInvalidIsPassedOn() throws Exception {
        Node forger = new Node(new Credulous(), false).start();
        Node honest = node().start();
        awaitLinks(List.of(forger, honest));
        forger.core.deliver(Data.of("forged", "raw", "none", 0), Source.CLIENT);
        forger.post("genuine", "raw");
        Await.until("what is genuine comes", SOON_S, () -> honest.storage.size() >= 1);
        forger.stop();
        Node credulous = new Node(new Credulous(), false).start();
        Await.until("it gets what is genuine", SOON_S, () -> credulous.storage.size() >= 1);
        honest.post("last", "raw");
        Await.until("and what comes", SOON_S, () -> credulous.storage.get("last").isPresent());
        assertEquals(Optional.empty(), honest.storage.get("forged"));
        assertEquals(Optional.empty(), credulous.storage.get("forged"));
    }

    @Test
    void nodesOfAnotherValidatorAreRefused() throws Exception {
        Node one = node().start();
        Node other = new Node(DigestValidator.sha256(), false).start();
        one.post("id", "raw");
        Await.until("it is ready without the other", SOON_S,
                () -> other.core.problems().isEmpty());
        Await.always("no link", 0.5, () -> one.cluster.peers() + other.cluster.peers() == 0);
        assertEquals(0, other.storage.size());
    }

    @Test
    void membersListsEachOtherNodeOnce() throws Exception {
        Node idle = node();
        assertEquals("", idle.cluster.incarnation());
        long began = System.nanoTime();
        idle.cluster.members();
        assertTrue(System.nanoTime() - began < 2e6 * Cluster.MEMBERS_MS);
        idle.stop();
        List<Node> all = linked(3);
        for (Node node : all) {
            Await.until("all are listed", SOON_S, () -> node.members().members().size() == 2);
        }
        TreeSet<String> ids = all.stream().map(node -> node.members().node())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(3, ids.size());
        for (Node node : all) {
            assertEquals("", node.cluster.incarnation());
            assertEquals(ids, Stream.concat(Stream.of(node.members().node()),
                    node.members().members().stream().map(Members.Member::node))
                    .collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    @Test
    void aPeerConfirmsWhatItHolds() throws Exception {
        Assumptions.assumeTrue(confirms(), "this cluster does not take Confirm");
        Node one = new Node(DigestValidator.md5(), true).start();
        Node other = node().start();
        awaitLinks(List.of(one, other));
        assertEquals(Optional.empty(),
                one.core.settle(one.post("id", "raw").held().stream().toList()));
        assertEquals(1, other.storage.size());
        assertEquals(Optional.empty(),
                one.core.settle(one.post("id", "raw").held().stream().toList()));
    }
}
