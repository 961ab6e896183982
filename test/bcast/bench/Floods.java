package bcast.bench;

import bcast.base.Clock;
import bcast.cluster.gossip.Address;
import bcast.cluster.gossip.Message;
import bcast.cluster.gossip.NodeId;
import bcast.cluster.net.SimWire;
import bcast.data.Data;
import bcast.storage.Position;
import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import bcast.testing.RawHttp;
import bcast.testing.Report;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Floods a node of 128 MiB of heap, each kind for a while: large posts, connections, peers and
 * lists. All the while it has to answer {@code /healthz} within a second, on a connection that is
 * open already, and afterwards it has to be as it was.
 */
public final class Floods {

    private static final int HEALTHZ_MS = 1_000;
    private static final int THREADS = 64;
    private static final int CONNECTIONS = 4_000;
    private static final int PEERS = 200;
    private static final int SMALL_RECORDS = 100_000;
    private static final int ADDRESSES = 1_000_000;
    private static final long DAY_MS = 24 * 3_600_000L;
    private static final Pattern GAUGE =
            Pattern.compile("(?m)^(bcast_heap_used_bytes|bcast_records) (\\S+)$");

    /** All of it but the id, made once so that the flood costs little to make. */
    private static final byte[] LARGE_POST = News.json("", "y".repeat(Data.MAX_RAW_BYTES))
            .replace("{\"id\":\"\",", "").getBytes(StandardCharsets.US_ASCII);

    private final int seconds;
    private final long seed;
    private final Report report = new Report("floods");
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private volatile boolean over;
    private final List<byte[]> hostile;
    private final byte[] large;
    private boolean failed;

    private Floods(int seconds, long seed) {
        this.seconds = seconds;
        this.seed = seed;
        this.hostile = hostileMessages(new Random(seed));
        this.large = SimWire.bytes(new Message.Push(News.data("large",
                "\u0001".repeat(Data.MAX_RAW_BYTES), Clock.system().wallMs()), 0, false));
    }

    public static void main(String[] args) throws Exception {
        long seed = args.length > 1 ? Long.parseLong(args[1]) : System.currentTimeMillis();
        Floods floods = new Floods(Integer.parseInt(args[0]), seed);
        System.out.println("seed " + seed + ", " + floods.seconds + " s each");
        floods.flood("posts of 1 MiB", floods::post);
        floods.flood("connections", floods::connect);
        floods.flood("peers", floods::link);
        floods.flood("lists", floods::list);
        floods.report.write();
        System.exit(floods.failed ? 1 : 0);
    }

    /** What one of many threads does, again and again. */
    private interface Flood {
        void run(NodeProcess node, int thread, Random random) throws Exception;
    }

    private void flood(String kind, Flood flood) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java", "-Xmx128m",
                "-XX:+ExitOnOutOfMemoryError", "-jar", "build/bcast.jar", "-bind=127.0.0.1",
                "-httpport=0", "-group=off", "-cluster=floods"));
        over = false;
        done.set(0);
        refused.set(0);
        try (NodeProcess node = NodeProcess.command(command).ready();
                Health health = new Health(node.httpPort())) {
            if (kind.equals("lists")) {
                fill(node);
            }
            int before = threads(node);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int number = i;
                Thread thread = new Thread(() -> again(flood, node, number));
                thread.start();
                threads.add(thread);
            }
            LockSupport.parkNanos(seconds * 1_000_000_000L);
            over = true;
            for (Thread thread : threads) {
                thread.join();
            }
            Await.until(() -> "its threads are as before: " + node.log(), 60,
                    () -> threads(node) <= before + 8);
            health.stop();
            report(kind, node, health);
        }
    }

    private void again(Flood flood, NodeProcess node, int number) {
        Random random = new Random(seed + number);
        while (!over) {
            try {
                flood.run(node, number, random);
                done.incrementAndGet();
            } catch (Exception e) {
                // Refused or cut, as it may be: what counts is how the node is.
                refused.incrementAndGet();
            }
        }
    }

    private void report(String kind, NodeProcess node, Health health) throws Exception {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("flood", kind);
        row.put("done", done.get());
        row.put("refused or cut", refused.get());
        row.put("healthz answers", health.answers.get());
        row.put("healthz max ms", health.maxMs.get());
        String answer = node.client().send("POST", "/postNewData",
                News.json("after", "x")).body();
        row.put("a post afterwards", answer.replace('"', '\''));
        Matcher gauges = GAUGE.matcher(node.client().send("GET", "/metrics", null).body());
        while (gauges.find()) {
            row.put(gauges.group(1), (long) Double.parseDouble(gauges.group(2)));
        }
        List<String> faults = node.log().stream().filter(line -> line.contains("OutOfMemory")
                || line.contains("ERROR") || line.contains("fault in")).toList();
        row.put("faults", faults.size());
        report.add(row);
        faults.stream().limit(5).forEach(System.out::println);
        boolean well = health.fault == null && health.maxMs.get() <= HEALTHZ_MS
                && faults.isEmpty() && health.answers.get() > 0;
        if (!well) {
            System.out.println("NOT AS IT SHOULD BE: " + kind + ", " + health.fault);
            failed = true;
        }
    }

    private static int threads(NodeProcess node) throws IOException {
        if (!node.alive()) {
            throw new AssertionError("the node ended: " + node.log());
        }
        try (var tasks = Files.list(
                Path.of("/proc", "" + node.pid(), "task"))) {
            return (int) tasks.count();
        }
    }

    private static void fill(NodeProcess node) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < SMALL_RECORDS; i++) {
            lines.append(News.json("small" + i, "x".repeat(100))).append('\n');
        }
        node.client().send("POST", "/postNewData?answer=errors", lines.toString(),
                "Content-Type", "application/x-ndjson");
    }

    /** Asks for {@code /healthz} ten times a second, on one connection. */
    private static final class Health implements AutoCloseable {
        private final AtomicInteger answers = new AtomicInteger();
        private final AtomicLong maxMs = new AtomicLong();
        private final RawHttp http;
        private final Thread thread;
        private volatile boolean stop;
        private volatile Exception fault;

        Health(int port) throws IOException {
            http = new RawHttp(port);
            thread = new Thread(() -> ask());
            thread.setPriority(Thread.MAX_PRIORITY);
            thread.start();
        }

        private void ask() {
            try {
                while (!stop) {
                    long began = System.nanoTime();
                    http.send("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
                    RawHttp.Answer answer = http.answer();
                    if (answer.status() != 200) {
                        throw new IOException("answered " + answer);
                    }
                    maxMs.accumulateAndGet((System.nanoTime() - began) / 1_000_000, Math::max);
                    answers.incrementAndGet();
                    LockSupport.parkNanos(100_000_000);
                }
            } catch (Exception e) {
                fault = e;
            }
        }

        void stop() throws InterruptedException {
            stop = true;
            thread.join();
        }

        @Override
        public void close() throws IOException {
            stop = true;
            http.close();
        }
    }

    // ---- the floods

    private static Socket open(int port, int thread) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress("127.2." + thread + ".1", 0));
        socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
        socket.setSoTimeout(30_000);
        return socket;
    }

    private void post(NodeProcess node, int thread, Random random) throws Exception {
        try (Socket socket = open(node.httpPort(), thread)) {
            byte[] id = ("{\"id\":\"" + random.nextLong() + "\",")
                    .getBytes(StandardCharsets.US_ASCII);
            OutputStream out = socket.getOutputStream();
            out.write(("POST /postNewData HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + "Content-Length: " + (id.length + LARGE_POST.length) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(id);
            out.write(LARGE_POST);
            socket.getInputStream().readAllBytes();
        }
    }

    /** Some are silent, some begin a request. */
    private void connect(NodeProcess node, int thread, Random random) throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS / THREADS && !over; i++) {
                Socket socket = open(node.httpPort(), thread);
                sockets.add(socket);
                if (random.nextBoolean()) {
                    socket.getOutputStream().write("POST /postNewData HTTP/1.1\r\nHo"
                            .substring(0, random.nextInt(30)).getBytes(
                            StandardCharsets.US_ASCII));
                }
            }
            LockSupport.parkNanos(random.nextInt(2_000_000_000));
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** They greet, begin large records, announce nodes that are not, ask, and read nothing. */
    private void link(NodeProcess node, int thread, Random random) throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            int port = node.clusterPort();
            for (int i = 0; i < PEERS / THREADS + 1 && !over; i++) {
                Socket socket = open(port, thread);
                sockets.add(socket);
                socket.getOutputStream().write(SimWire.bytes(new Message.Hello(1, 1, "floods",
                        new NodeId(random.nextLong(), random.nextLong()),
                        new Address("127.0.0.1", 1 + random.nextInt(60_000)), 1,
                        new Address("127.0.0.1", port), Clock.system().wallMs(), DAY_MS, "md5",
                        Message.Bond.values()[random.nextInt(3)])));
            }
            long endMs = Clock.system().steadyMs() + 2_000;
            while (!over && Clock.system().steadyMs() < endMs) {
                for (Socket socket : sockets) {
                    hostile(socket.getOutputStream(), random);
                }
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Made beforehand, so that the flood costs little to make. */
    private static List<byte[]> hostileMessages(Random random) {
        List<byte[]> messages = new ArrayList<>(List.of(
                SimWire.bytes(new Message.AskAll(Position.START)),
                SimWire.bytes(new Message.AskKeys(Position.START, Long.MAX_VALUE)),
                SimWire.bytes(new Message.AskCells(65_536, 0, 2_500, 0, Long.MAX_VALUE))));
        for (int list = 0; list < ADDRESSES / Message.MAX_PEERS; list++) {
            List<Message.Peer> nobody = new ArrayList<>();
            for (int i = 0; i < Message.MAX_PEERS; i++) {
                nobody.add(new Message.Peer(new NodeId(random.nextLong(), random.nextLong()),
                        new Address("10.255." + random.nextInt(256) + "." + random.nextInt(256),
                        1 + random.nextInt(60_000)), random.nextInt(100)));
            }
            messages.add(SimWire.bytes(new Message.Peers(nobody)));
        }
        return messages;
    }

    private void hostile(OutputStream out, Random random) throws IOException {
        out.write(hostile.get(random.nextInt(3)));
        out.write(hostile.get(3 + random.nextInt(hostile.size() - 3)));
        if (random.nextInt(10) == 0) {
            out.write(large, 0, random.nextInt(large.length));
            // What follows is no frame, so that this link is at its end.
            out.write(large, 0, large.length / 2);
        }
    }

    /** Half of them compressed, most read slowly, and some not at all. */
    private void list(NodeProcess node, int thread, Random random) throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 8 && !over; i++) {
                Socket socket = open(node.httpPort(), thread);
                sockets.add(socket);
                socket.getOutputStream().write(("GET /listAllRecentData HTTP/1.1\r\nHost: x\r\n"
                        + (random.nextBoolean() ? "Accept-Encoding: gzip\r\n" : "") + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
            }
            byte[] some = new byte[64 * 1024];
            for (int i = 0; i < 100 && !over; i++) {
                Socket socket = sockets.get(random.nextInt(sockets.size()));
                if (socket.getInputStream().available() > 0) {
                    socket.getInputStream().read(some);
                }
                LockSupport.parkNanos(1_000_000L * random.nextInt(20));
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
