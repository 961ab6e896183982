package bcast.bench;

import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import bcast.testing.RawHttp;
import bcast.testing.Report;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
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
 * Floods a node of 128 MiB of heap, each kind for a while, from one address and from many. All the
 * while it has to answer {@code /healthz} within a second to another address, on new connections
 * and on one that is kept as long as the node lets it, and afterwards its threads, descriptors and
 * memory have to be as before.
 */
public final class Floods {

    static final int THREADS = 64;

    private static final int HEALTHZ_MS = 1_000;
    private static final int SMALL_RECORDS = 100_000;
    private static final int LARGE_RECORDS = 8;
    private static final int MORE = 8;
    private static final long MORE_HEAP_BYTES = 16 * 1024 * 1024;
    private static final double BACK_SECONDS = 60;
    private static final Pattern GAUGE = Pattern.compile(
            "(?m)^(bcast_heap_used_bytes|bcast_records_bytes|bcast_records) (\\S+)$");

    private final int seconds;
    private final long seed;
    private final String only;
    private final Report report = new Report("floods");
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private volatile boolean over;
    private boolean failed;

    private Floods(int seconds, long seed, String only) {
        this.seconds = seconds;
        this.seed = seed;
        this.only = only;
    }

    public static void main(String[] args) throws Exception {
        long seed = args.length > 1 && !args[1].isEmpty() ? Long.parseLong(args[1])
                : System.currentTimeMillis();
        Floods floods = new Floods(Integer.parseInt(args[0]), seed,
                args.length > 2 ? args[2] : "");
        System.out.println("seed " + seed + ", " + floods.seconds + " s each");
        floods.both("posts of 1 MiB", HttpFloods::post);
        floods.both("connections", HttpFloods::connect);
        floods.both("headers", HttpFloods::headers);
        floods.both("bodies", HttpFloods::bodies);
        floods.both("gzip", HttpFloods::gzip);
        floods.both("event readers", HttpFloods::events);
        floods.both("lists", HttpFloods::lists);
        floods.both("lists of large records", HttpFloods::lists);
        floods.both("large records", HttpFloods::records);
        floods.both("pages", HttpFloods::pages);
        floods.both("metrics", HttpFloods::metrics);
        floods.both("peers", new PeerFlood(seed));
        floods.report.write();
        System.exit(floods.failed ? 1 : 0);
    }

    /** What one of many threads does, again and again. */
    interface Flood {
        void run(Attacker attacker) throws Exception;
    }

    /** One of many threads, with an address of its own or of all. */
    final class Attacker {
        private final NodeProcess node;
        private final String address;
        private final Random random;

        private Attacker(NodeProcess node, String address, Random random) {
            this.node = node;
            this.address = address;
            this.random = random;
        }

        Random random() {
            return random;
        }

        boolean over() {
            return over;
        }

        int httpPort() {
            return node.httpPort();
        }

        int clusterPort() throws Exception {
            return node.clusterPort();
        }

        Socket open(int port) throws IOException {
            Socket socket = new Socket();
            socket.bind(new InetSocketAddress(address, 0));
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            socket.setSoTimeout(30_000);
            // Else its ports stay taken for a minute, and to find a free one takes this machine's
            // processors from the node.
            socket.setSoLinger(true, 0);
            return socket;
        }

        private void again(Flood flood) {
            while (!over) {
                try {
                    flood.run(this);
                    done.incrementAndGet();
                } catch (Exception e) {
                    // Refused or cut, as it may be: what counts is how the node is.
                    refused.incrementAndGet();
                }
            }
        }
    }

    static void closeAll(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void both(String kind, Flood flood) throws Exception {
        if (kind.contains(only)) {
            flood(kind, "one", flood);
            flood(kind, "many", flood);
        }
    }

    private void flood(String kind, String addresses, Flood flood) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java", "-Xmx128m",
                "-XX:+ExitOnOutOfMemoryError", "-jar", "build/bcast.jar", "-bind=127.0.0.1",
                "-httpport=0", "-group=off", "-cluster=floods"));
        over = false;
        done.set(0);
        refused.set(0);
        try (NodeProcess node = NodeProcess.command(command).ready();
                Health health = new Health(node.httpPort())) {
            fill(kind, node);
            int threads = count(node, "task");
            int descriptors = count(node, "fd");
            long heap = heapBesideRecords(node);
            List<Thread> attackers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                String address = addresses.equals("one") ? "127.2.0.1" : "127.2." + (i + 1) + ".1";
                Attacker attacker = new Attacker(node, address, new Random(seed + i));
                Thread thread = new Thread(() -> attacker.again(flood));
                thread.start();
                attackers.add(thread);
            }
            LockSupport.parkNanos(seconds * 1_000_000_000L);
            over = true;
            for (Thread thread : attackers) {
                thread.join();
            }
            Await.until(() -> "its threads and descriptors are as before: " + node.log(),
                    BACK_SECONDS, () -> count(node, "task") <= threads + MORE
                    && count(node, "fd") <= descriptors + MORE);
            health.stop();
            long more = heapBesideRecords(node) - heap;
            report(kind + ", " + addresses, node, health, more);
        }
    }

    private void report(String kind, NodeProcess node, Health health, long moreHeap)
            throws Exception {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("flood", kind);
        row.put("done", done.get());
        row.put("refused or cut", refused.get());
        row.put("healthz answers", health.answers.get());
        row.put("kept connections closed", health.closed.get());
        row.put("healthz max ms", health.maxMs.get());
        String answer = node.client().send("POST", "/postNewData",
                News.json("after", "x")).body();
        row.put("a post afterwards", answer.replace('"', '\''));
        row.put("records", gauges(node).get("bcast_records"));
        row.put("more heap KiB", moreHeap / 1024);
        List<String> faults = node.log().stream().filter(line -> line.contains("OutOfMemory")
                || line.contains("ERROR") || line.contains("fault in")).toList();
        row.put("faults", faults.size());
        report.add(row);
        faults.stream().limit(5).forEach(System.out::println);
        boolean well = health.fault == null && health.maxMs.get() <= HEALTHZ_MS
                && faults.isEmpty() && health.answers.get() > 0 && moreHeap < MORE_HEAP_BYTES;
        if (!well) {
            System.out.println("NOT AS IT SHOULD BE: " + kind + ", " + health.fault);
            failed = true;
        }
    }

    /** Heap in use after a collection, less what the records take. */
    private static long heapBesideRecords(NodeProcess node) throws Exception {
        Process jcmd = new ProcessBuilder(System.getProperty("java.home") + "/bin/jcmd",
                "" + node.pid(), "GC.run").redirectErrorStream(true).start();
        jcmd.getInputStream().readAllBytes();
        jcmd.waitFor();
        Map<String, Long> now = gauges(node);
        return now.get("bcast_heap_used_bytes") - now.get("bcast_records_bytes");
    }

    private static Map<String, Long> gauges(NodeProcess node) throws Exception {
        Map<String, Long> all = new LinkedHashMap<>();
        Matcher found = GAUGE.matcher(node.client().send("GET", "/metrics", null).body());
        while (found.find()) {
            all.put(found.group(1), (long) Double.parseDouble(found.group(2)));
        }
        return all;
    }

    /** How many threads or descriptors the node has. */
    private static int count(NodeProcess node, String what) throws IOException {
        if (!node.alive()) {
            throw new AssertionError("the node ended: " + node.log());
        }
        try (var all = Files.list(Path.of("/proc", "" + node.pid(), what))) {
            return (int) all.count();
        }
    }

    private static void fill(String kind, NodeProcess node) throws Exception {
        if (kind.contains("large") || kind.contains("event")) {
            for (int i = 0; i < LARGE_RECORDS; i++) {
                node.client().mustPost("large" + i, "x".repeat(1 << 20));
            }
        } else if (kind.contains("lists") || kind.contains("pages")) {
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < SMALL_RECORDS; i++) {
                lines.append(News.json("small" + i, "x".repeat(100))).append('\n');
            }
            node.client().send("POST", "/postNewData?answer=errors", lines.toString(),
                    "Content-Type", "application/x-ndjson");
        }
    }

    /**
     * Asks for {@code /healthz} ten times a second, on a new and on a kept connection. Where the
     * node closed the kept one after an answer, it opens another, as each client does.
     */
    private static final class Health implements AutoCloseable {
        private final AtomicInteger answers = new AtomicInteger();
        private final AtomicInteger closed = new AtomicInteger();
        private final AtomicLong maxMs = new AtomicLong();
        private final int port;
        private RawHttp kept;
        private final Thread thread;
        private volatile boolean stop;
        private volatile Exception fault;

        Health(int port) throws IOException {
            this.port = port;
            kept = new RawHttp(port);
            thread = new Thread(() -> ask());
            thread.setPriority(Thread.MAX_PRIORITY);
            thread.start();
        }

        private void ask() {
            try {
                while (!stop) {
                    long began = System.nanoTime();
                    try (RawHttp fresh = new RawHttp(port)) {
                        ask(fresh, "a new", began);
                    }
                    began = System.nanoTime();
                    if (kept.closedAlready()) {
                        closed.incrementAndGet();
                        kept.close();
                        kept = new RawHttp(port);
                    }
                    ask(kept, "the kept", began);
                    LockSupport.parkNanos(100_000_000);
                }
            } catch (Exception e) {
                fault = e;
            }
        }

        private void ask(RawHttp http, String which, long began) throws IOException {
            try {
                http.send("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
                RawHttp.Answer answer = http.answer();
                if (answer.status() != 200) {
                    throw new IOException("answered " + answer);
                }
            } catch (IOException e) {
                throw new IOException(which + " connection: " + e.getMessage(), e);
            }
            maxMs.accumulateAndGet((System.nanoTime() - began) / 1_000_000, Math::max);
            answers.incrementAndGet();
        }

        void stop() throws InterruptedException {
            stop = true;
            thread.join();
        }

        @Override
        public void close() throws IOException {
            stop = true;
            kept.close();
        }
    }
}
