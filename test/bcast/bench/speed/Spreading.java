package bcast.bench.speed;

import bcast.bench.speed.Figure.Target;
import bcast.testing.Await;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Five nodes on loopback, all on the same two cores: how long news is on its way to the last of
 * them, and how much of it they bear.
 */
final class Spreading implements Part {

    /** About what a record takes on a link. */
    static final int ECHO_BYTES = 220;

    private static final int NODES = 5;
    private static final int WARM_UPS = 8;
    private static final int CONNECTIONS = 10;
    private static final int POSTS_A_SECOND = 1_000;
    private static final double SECONDS = 5;
    /** One post of so many is followed; all are counted in the end. */
    private static final int FOLLOWED = 20;
    private static final double ECHO_SECONDS = 2;
    private static final int RATE_SECONDS = 4;
    private static final int BATCH = 10_000;
    private static final double IN_TIME_S = 1;
    /** Promised whatever was posted: later than this is a fault of the nodes, and no figure. */
    private static final double CONVERGED_S = 20;
    private static final int[] CLIENTS = {32, 16, 8, 6, 4, 3, 2, 1};
    private static final double SLOWER = 0.85;
    private static final int RATES = 3;

    @Override
    public void check() throws IOException {
        Wrk.check();
    }

    @Override
    public String warmUp() {
        return (int) (WARM_UPS * SECONDS) + " s of posts and " + (int) ECHO_SECONDS
                + " s of echoes; one search for each rate";
    }

    @Override
    public void run(Jdk jdk, Figures figures) throws Exception {
        List<Node> nodes = new ArrayList<>();
        try {
            start(jdk, nodes);
            Posted posted = new Posted();
            delays(jdk, nodes, figures, posted);
            rates(nodes, figures, posted);
            nodes.get(0).mustHold(posted.atLeast, posted.atMost);
            mustBeEqual(nodes);
        } finally {
            nodes.forEach(Node::close);
        }
    }

    private static void start(Jdk jdk, List<Node> nodes) throws Exception {
        nodes.add(Node.start(jdk.node()));
        while (nodes.size() < NODES) {
            nodes.add(Node.start(jdk.node("-peers=127.0.0.1:" + nodes.get(0).clusterPort())));
        }
        for (Node node : nodes) {
            Await.until("all are linked", 30, () -> node.metric("peers") == NODES - 1);
        }
    }

    /** What all nodes must hold in the end: what was on its way at the end may be stored. */
    private static final class Posted {
        private long atLeast;
        private long atMost;

        void add(long answered, long onTheirWay) {
            atLeast += answered;
            atMost += answered + onTheirWay;
        }
    }

    // ---- delays

    /** Asks one node for a record again and again, from when the post of it was answered. */
    private static final class Prober extends Thread {
        private final Node node;
        private final BlockingQueue<Sample> asked = new LinkedBlockingQueue<>();

        Prober(Node node) {
            super("asks " + node.port());
            this.node = node;
            setDaemon(true);
        }

        @Override
        public void run() {
            try (Http http = node.connect()) {
                while (true) {
                    Sample sample = asked.take();
                    while (!http.found("/data?id=" + sample.id())) {
                        Thread.onSpinWait();
                    }
                    sample.there(System.nanoTime());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException end) {
                interrupt();
            }
        }
    }

    /**
     * A post that is followed. What it takes to ask counts as delay.
     *
     * @param answeredNs when the post was answered
     * @param lastNs when the last node so far was found to have it
     * @param missing how many nodes have not been found to have it
     */
    private record Sample(String id, long answeredNs, AtomicLong lastNs, AtomicInteger missing) {
        void there(long ns) {
            lastNs.accumulateAndGet(ns, Math::max);
            missing.decrementAndGet();
        }
    }

    private static void delays(Jdk jdk, List<Node> nodes, Figures figures, Posted posted)
            throws Exception {
        List<Prober> probers = nodes.stream().map(Prober::new).toList();
        probers.forEach(Thread::start);
        Queue<Sample> samples = new ConcurrentLinkedQueue<>();
        AtomicInteger posts = new AtomicInteger();
        OpenLoop.Answered follow = (id, ns) -> {
            if (posts.incrementAndGet() % FOLLOWED == 0) {
                Sample sample = new Sample(id, ns, new AtomicLong(), new AtomicInteger(NODES));
                samples.add(sample);
                probers.forEach(prober -> prober.asked.add(sample));
            }
        };
        try (Node echo = Node.floor(jdk.floor("bcast.bench.speed.Echo"));
                OpenLoop loop = new OpenLoop(follow, CONNECTIONS,
                        nodes.stream().mapToInt(Node::port).toArray())) {
            for (int i = 0; i < WARM_UPS; i++) {
                measure(loop, samples);
            }
            echo(echo.port());
            posted.add((long) ((WARM_UPS + Pairs.COUNT) * POSTS_A_SECOND * SECONDS), 0);
            double[][] ours = new double[2][Pairs.COUNT];
            double[][] floor = new double[2][Pairs.COUNT];
            for (int i = 0; i < Pairs.COUNT; i++) {
                long[] delays = measure(loop, samples);
                long[] echoes = echo(echo.port());
                ours[0][i] = OpenLoop.ms(delays, 50);
                ours[1][i] = OpenLoop.ms(delays, 99);
                floor[0][i] = OpenLoop.ms(echoes, 50);
                floor[1][i] = OpenLoop.ms(echoes, 99);
            }
            figures.ratio("delay to the last node, median", "ms", ours[0], floor[0], Target.NONE);
            figures.value("delay to the last node, median", "ms", Target.atMost(2), ours[0]);
            figures.ratio("delay to the last node, p99", "ms", ours[1], floor[1], Target.NONE);
            figures.value("delay to the last node, p99", "ms", Target.atMost(15), ours[1]);
        } finally {
            probers.forEach(Thread::interrupt);
        }
    }

    /** Delays of some seconds' posts, in order. */
    private static long[] measure(OpenLoop loop, Queue<Sample> samples) throws Exception {
        samples.clear();
        Posts posts = new Posts();
        loop.run(POSTS_A_SECOND, SECONDS, () -> {
            String id = posts.id();
            return new OpenLoop.Request(id, Posts.request("/postNewData", id));
        });
        Await.until("all nodes have all", 10, () -> samples.stream()
                .allMatch(sample -> sample.missing().get() == 0));
        return samples.stream().mapToLong(sample -> sample.lastNs().get() - sample.answeredNs())
                .sorted().toArray();
    }

    /** There and back over a pair of sockets, as often as news is posted. */
    private static long[] echo(int port) throws IOException {
        int count = (int) (POSTS_A_SECOND * ECHO_SECONDS);
        long[] tookNs = new long[count];
        byte[] record = new byte[ECHO_BYTES];
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setTcpNoDelay(true);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            long beganNs = System.nanoTime();
            for (int i = 0; i < count; i++) {
                long dueNs = beganNs + 1_000_000_000L * i / POSTS_A_SECOND;
                while (System.nanoTime() < dueNs) {
                    LockSupport.parkNanos(dueNs - System.nanoTime());
                }
                long sentNs = System.nanoTime();
                socket.getOutputStream().write(record);
                in.readFully(record);
                tookNs[i] = System.nanoTime() - sentNs;
            }
        }
        java.util.Arrays.sort(tookNs);
        return tookNs;
    }

    // ---- rates

    /** Posts to the first node for some seconds. Returns the rate. */
    private interface Load {
        double post(int slowness) throws Exception;
    }

    private static void rates(List<Node> nodes, Figures figures, Posted posted)
            throws Exception {
        int port = nodes.get(0).port();
        Load singles = slowness -> {
            Wrk wrk = new Wrk(CLIENTS[slowness]);
            double rate = wrk.post(port, "/postNewData", RATE_SECONDS);
            posted.add(wrk.requests(), CLIENTS[slowness]);
            return rate;
        };
        highest(nodes, singles);
        figures.value("posts held by all within 1 s", "1/s", Target.atLeast(20_000),
                several(nodes, singles));
        Load batches = slowness -> batches(port, Math.pow(SLOWER, slowness), posted);
        highest(nodes, batches);
        figures.value("records in batches held by all within 1 s", "1/s",
                Target.atLeast(100_000), several(nodes, batches));
    }

    private static double[] several(List<Node> nodes, Load load) throws Exception {
        double[] rates = new double[RATES];
        for (int i = 0; i < rates.length; i++) {
            rates[i] = highest(nodes, load);
        }
        return rates;
    }

    /** The highest rate at which all nodes hold all within a second of its end. */
    private static double highest(List<Node> nodes, Load load) throws Exception {
        for (int slowness = 0; slowness < CLIENTS.length; slowness++) {
            double rate = load.post(slowness);
            long endNs = System.nanoTime();
            awaitSame(nodes);
            double late = (System.nanoTime() - endNs) / 1e9;
            if (late <= IN_TIME_S) {
                return rate;
            }
            System.out.printf("  %.0f/s: the last has all after %.1f s%n", rate, late);
        }
        return 0;
    }

    private static void awaitSame(List<Node> nodes) throws Exception {
        Await.until("all nodes hold as many", CONVERGED_S, () -> {
            long first = nodes.get(0).records();
            for (Node node : nodes) {
                if (node.records() != first) {
                    return false;
                }
            }
            return true;
        });
    }

    /** Batches one after another, at a part of the rate at which they could be posted. */
    private static double batches(int port, double part, Posted posted) throws Exception {
        Posts posts = new Posts();
        List<byte[]> requests = new ArrayList<>();
        for (int i = 0; i < RATE_SECONDS * 30; i++) {
            requests.add(posts.batch("/postNewData?answer=errors", BATCH));
        }
        long records = 0;
        long beganNs = System.nanoTime();
        try (Http http = new Http(port)) {
            for (byte[] request : requests) {
                long startNs = System.nanoTime();
                if (startNs - beganNs > RATE_SECONDS * 1e9) {
                    break;
                }
                http.send(request, Http.Body.IGNORED);
                records += BATCH;
                long tookNs = System.nanoTime() - startNs;
                LockSupport.parkNanos((long) (tookNs / part) - tookNs);
            }
        }
        double rate = records / ((System.nanoTime() - beganNs) / 1e9);
        posted.add(records, 0);
        return rate;
    }

    /** Equal lists have equal tags. */
    private static void mustBeEqual(List<Node> nodes) throws Exception {
        String first = nodes.get(0).tag();
        for (Node node : nodes) {
            if (!node.tag().equals(first)) {
                throw new AssertionError("nodes list different records");
            }
        }
    }
}
