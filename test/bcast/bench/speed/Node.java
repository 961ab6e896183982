package bcast.bench.speed;

import bcast.testing.Await;
import bcast.testing.NodeProcess;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server that is measured, in a process of its own, and what it says of itself. */
final class Node implements Closeable {

    private final NodeProcess process;

    private Node(List<String> command, boolean ready) throws Exception {
        process = NodeProcess.command(command);
        if (ready) {
            process.ready();
        }
    }

    /** Starts a node and waits until it is ready. */
    static Node start(List<String> command) throws Exception {
        return new Node(command, true);
    }

    /** Starts a program that only answers. */
    static Node floor(List<String> command) throws Exception {
        return new Node(command, false);
    }

    int port() {
        return process.httpPort();
    }

    int clusterPort() throws Exception {
        return process.clusterPort();
    }

    long pid() {
        return process.pid();
    }

    /** A new connection; the JDK's server closes one that is idle for 30 s. */
    Http connect() throws IOException {
        return new Http(port());
    }

    /** One metric. */
    double metric(String name) throws IOException {
        try (Http http = connect()) {
            Matcher line = Pattern.compile("(?m)^" + Pattern.quote("bcast_" + name) + " (\\S+)$")
                    .matcher(http.text("/metrics"));
            if (!line.find()) {
                throw new IOException("no metric " + name);
            }
            return Double.parseDouble(line.group(1));
        }
    }

    long records() throws IOException {
        return (long) metric("records");
    }

    /** The tag of what the node lists. */
    String tag() throws Exception {
        return process.client().send("HEAD", "/listAllRecentData", null).headers()
                .firstValue("ETag").orElseThrow();
    }

    /** Fails unless the node lists so many records. */
    void mustHold(long atLeast, long atMost) throws IOException {
        long[] ids = new long[1];
        byte[] mark = Http.ascii("{\"id\":");
        int[] matched = new int[1];
        try (Http http = connect()) {
            http.get("/listAllRecentData", (bytes, from, length) -> {
                for (int i = from; i < from + length; i++) {
                    matched[0] = bytes[i] == mark[matched[0]] ? matched[0] + 1
                            : bytes[i] == mark[0] ? 1 : 0;
                    if (matched[0] == mark.length) {
                        ids[0]++;
                        matched[0] = 0;
                    }
                }
            });
        }
        if (ids[0] < atLeast || ids[0] > atMost || ids[0] != records()) {
            throw new AssertionError("lists " + ids[0] + " records and counts " + records()
                    + " where there should be " + atLeast + ".." + atMost);
        }
    }

    /** Waits until the node holds so many records. */
    void awaitRecords(long count, double seconds) throws Exception {
        Await.until("a node holds " + count + " records", seconds, () -> records() >= count);
    }

    /** Collects garbage. Returns what is in use then, in bytes. */
    long liveBytes(Jdk jdk) throws Exception {
        long live = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            Process gc = new ProcessBuilder(jdk.tool("jcmd"), "" + pid(), "GC.run")
                    .redirectErrorStream(true).start();
            gc.getInputStream().readAllBytes();
            if (gc.waitFor() != 0) {
                throw new IOException("no garbage collection");
            }
            live = Math.min(live, (long) metric("heap_used_bytes"));
        }
        return live;
    }

    @Override
    public void close() {
        process.close();
    }
}
