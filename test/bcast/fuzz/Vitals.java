package bcast.fuzz;

import bcast.testing.Await;
import bcast.testing.NodeProcess;
import bcast.testing.RawHttp;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A node under attack, and how it is: whether it answers, what it logs, what it holds. */
final class Vitals implements AutoCloseable {

    /** Longest time for an answer of {@code /healthz}. */
    static final long MAX_ANSWER_MS = 1_000;

    /** What the heap may grow by, garbage and records left out. */
    static final long MAX_GROWTH_BYTES = 8 << 20;

    /** Threads of the JDK that come and go, such as its compilers. */
    private static final int MAX_MORE_THREADS = 4;

    /** Sockets that take their time to close. */
    private static final int MAX_MORE_FILES = 8;

    /** Readers of events that are gone are noticed when they are written to for the second time. */
    private static final double CALM_S = 45;

    /** A look costs the machine half a second of work. */
    private static final long LOOK_AGAIN_NS = 1_000_000_000;

    private static final String HEALTHZ =
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    private static final int MOST_LINES = 20;
    private static final Path FOLDER = Path.of("build", "tmp", "fuzz");
    private static final Pattern FAULT = Pattern.compile(
            "failed: |fault in |Exception|Error\\b|^\\s+at |OutOfMemory");

    /** What a node holds. */
    record Held(long heapBytes, long recordBytes, int threads, int files) {}

    final NodeProcess node;
    private final Thread watcher = new Thread(this::watch, "watcher");
    private final Held before;
    private final long beganNs;
    private volatile boolean stopped;
    private volatile long slowestNs;
    private volatile String trouble = "";

    /** Starts a node. */
    Vitals(String cluster, String... flags) throws Exception {
        this.node = start(cluster, flags);
        try {
            // The first look makes the node load what the second one finds loaded.
            look();
            this.before = look();
        } catch (Throwable e) {
            node.close();
            throw e;
        }
        beganNs = System.nanoTime();
        watcher.start();
    }

    /** A node that asks no name server: what strangers name leads nowhere. */
    static NodeProcess start(String cluster, String... flags) throws Exception {
        Files.createDirectories(FOLDER);
        Path hosts = FOLDER.resolve("hosts");
        Files.writeString(hosts, "127.0.0.1 localhost\n");
        List<String> command = new ArrayList<>(List.of(java("java"), "-ea:bcast...", "-Xmx128m",
                "-XX:+UseSerialGC", "-Djdk.net.hosts.file=" + hosts.toAbsolutePath(), "-jar",
                "build/bcast.jar", "-bind=127.0.0.1", "-httpport=0", "-group=off",
                "-cluster=" + cluster));
        command.addAll(Arrays.asList(flags));
        return NodeProcess.command(command).ready();
    }

    private static String java(String program) {
        return System.getProperty("java.home") + File.separator + "bin" + File.separator + program;
    }

    // ---- whether it answers

    private void watch() {
        while (!stopped && trouble.isEmpty()) {
            long began = System.nanoTime();
            // Each time a new connection: one that is open may serve on when no other is taken.
            try (RawHttp client = new RawHttp(node.httpPort())) {
                int status = client.send(HEALTHZ).answer().status();
                if (status != 200) {
                    trouble = "/healthz answers " + status;
                }
            } catch (IOException e) {
                trouble = "/healthz: " + e;
            }
            slowestNs = Math.max(slowestNs, System.nanoTime() - began);
            if (slowestNs > TimeUnit.MILLISECONDS.toNanos(MAX_ANSWER_MS)) {
                trouble = "/healthz took " + slowestMs() + " ms";
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    long slowestMs() {
        return TimeUnit.NANOSECONDS.toMillis(slowestNs);
    }

    /** Fails if the node did anything that it should not. */
    void check() {
        if (!trouble.isEmpty()) {
            throw new AssertionError(trouble);
        }
        for (String line : node.log()) {
            if (FAULT.matcher(line).find() || line.contains(" ERROR ")) {
                throw new AssertionError("the node said: " + line);
            }
        }
    }

    // ---- what it holds

    private String jcmd(String command) throws Exception {
        Process process = new ProcessBuilder(java("jcmd"), "" + node.pid(), command)
                .redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError("jcmd: " + said);
        }
        return said;
    }

    private Held look() throws Exception {
        jcmd("GC.run");
        String metrics = metrics();
        return new Held(metric(metrics, "bcast_heap_used_bytes"),
                metric(metrics, "bcast_records_bytes"),
                threads(jcmd("Thread.print")), files());
    }

    /** Those that do something; the pool ends those that are idle by itself. */
    private static int threads(String dump) {
        return (int) (dump.lines().filter(line -> line.startsWith("\"")).count()
                - dump.lines().filter(line -> line.contains(".getTask(")).count());
    }

    /** Open files and sockets, where the system tells. */
    private int files() throws IOException {
        Path folder = Path.of("/proc", "" + node.pid(), "fd");
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return (int) files.count();
        }
    }

    String metrics() throws Exception {
        return node.client().send("GET", "/metrics", null).body();
    }

    static long metric(String metrics, String name) {
        Matcher found = Pattern.compile("(?m)^" + Pattern.quote(name) + " (\\d+)$")
                .matcher(metrics);
        if (!found.find()) {
            throw new AssertionError("no " + name + " in " + metrics);
        }
        return Long.parseLong(found.group(1));
    }

    /** What the heap is full of. */
    private String most() {
        try {
            return jcmd("GC.class_histogram").lines().limit(MOST_LINES)
                    .collect(Collectors.joining("\n"));
        } catch (Exception e) {
            return "nobody knows of what: " + e;
        }
    }

    /** Waits until the node holds no more than in the beginning. Fills in a row of the report. */
    void calm(Map<String, Object> row) throws Exception {
        stopped = true;
        watcher.join();
        check();
        row.put("seconds", Math.round((System.nanoTime() - beganNs) / 1e8) / 10.0);
        Held[] after = new Held[1];
        Await.until(() -> before + " in the beginning, " + after[0] + " in the end\n" + most(),
                CALM_S, () -> {
            if (after[0] != null) {
                LockSupport.parkNanos(LOOK_AGAIN_NS);
            }
            // A reader of events that is gone is noticed when it is written to.
            node.client().post("calm " + System.nanoTime(), "news");
            after[0] = look();
            return grown(after[0]) <= MAX_GROWTH_BYTES
                    && after[0].threads <= before.threads + MAX_MORE_THREADS
                    && after[0].files <= before.files + MAX_MORE_FILES;
        });
        check();
        row.put("slowest /healthz, ms", slowestMs());
        row.put("heap before, KiB", before.heapBytes >> 10);
        row.put("heap after, KiB", after[0].heapBytes >> 10);
        row.put("of it records, KiB", after[0].recordBytes >> 10);
        row.put("threads before", before.threads);
        row.put("threads after", after[0].threads);
        row.put("files before", before.files);
        row.put("files after", after[0].files);
    }

    private long grown(Held after) {
        return after.heapBytes - after.recordBytes - (before.heapBytes - before.recordBytes);
    }

    @Override
    public void close() {
        stopped = true;
        node.close();
    }
}
