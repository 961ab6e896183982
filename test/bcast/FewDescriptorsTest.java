package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import bcast.testing.RawHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Real nodes that may open few files. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the limit is read from /proc")
final class FewDescriptorsTest {

    private static List<String> limited(int files) {
        return List.of("sh", "-c", "ulimit -n " + files + "; exec \"$@\"", "sh");
    }

    /** Waits until a node computes nearly nothing, which it never does if a selector spins. */
    private static void awaitIdle(NodeProcess node) throws Exception {
        ProcessHandle process = ProcessHandle.of(node.pid()).orElseThrow();
        Await.until("the node is idle", 10, () -> {
            Duration before = process.info().totalCpuDuration().orElseThrow();
            Await.always("the node lives", 1, node::alive);
            return process.info().totalCpuDuration().orElseThrow().minus(before).toMillis() < 200;
        });
    }

    @Test
    void moreConnectionsThanFilesCostNothingAndTheJournalGoesOn(@TempDir Path dir)
            throws Exception {
        try (NodeProcess node = NodeProcess.launch(limited(256), List.of("-bind=127.0.0.1",
                "-httpport=0", "-group=off", "-datadir=" + dir, "-fsync=always"))) {
            assertEquals(1, node.log().stream().filter(line -> line.contains(
                    "only 256 open files are allowed, enough for 144 connections of clients and "
                    + "48 links; raise the limit, by ulimit -n 2795 or by LimitNOFILE=2795 in a "
                    + "systemd unit")).count(), node.log()::toString);
            List<RawHttp> connections = new ArrayList<>();
            try {
                connections.add(new RawHttp(node.httpPort()));
                assertPosts(connections.get(0), "before");
                for (int i = 0; i < 400; i++) {
                    connections.add(new RawHttp(node.httpPort()));
                }
                awaitIdle(node);
                assertPosts(connections.get(0), "meanwhile");
            } finally {
                for (RawHttp each : connections) {
                    each.close();
                }
            }
            Await.until("new connections are taken again", 10, () -> node.client().ready());
            node.client().mustPost("later", "raw");
        }
    }

    private static void assertPosts(RawHttp http, String id) throws IOException {
        assertEquals("{\"result\":true,\"msg\":\"ok\"}", http.post(
                News.json(id, "raw").getBytes(StandardCharsets.UTF_8)).body());
    }

    @Test
    void tooFewFilesForANodeAreOneLineAndCode1() throws Exception {
        List<String> command = new ArrayList<>(limited(127));
        command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar", "build/bcast.jar", "-bind=127.0.0.1", "-httpport=0", "-group=off"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        assertEquals("bcast: only 127 open files are allowed, and a node needs 128 at least; raise "
                + "the limit, by ulimit -n 2795 or by LimitNOFILE=2795 in a systemd unit\n",
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(1, process.waitFor());
        command.set(2, limited(128).get(2));
        try (NodeProcess node = NodeProcess.command(command)) {
            node.client().mustPost("id", "raw");
        }
    }

    private static int lowestFree(long pid) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            Set<String> taken = files.map(file -> file.getFileName().toString())
                    .collect(Collectors.toSet());
            int free = 0;
            while (taken.contains("" + free)) {
                free++;
            }
            return free;
        }
    }

    private static boolean limit(NodeProcess node, long files) throws Exception {
        return new ProcessBuilder("prlimit", "--pid", "" + node.pid(), "--nofile=" + files + ":")
                .inheritIO().start().waitFor() == 0;
    }

    @Test
    void linksAreTakenAgainOnceThereAreFiles() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/prlimit")), "skipped: no prlimit");
        try (NodeProcess node = NodeProcess.start("few", "-group=off")) {
            node.ready();
            Await.until("nothing more is opened or closed", 5, () -> {
                int free = lowestFree(node.pid());
                assertTrue(limit(node, free));
                return lowestFree(node.pid()) == free;
            });
            try (NodeProcess peer = NodeProcess.start("few", "-group=off",
                    "-peers=127.0.0.1:" + node.clusterPort())) {
                Await.until("the node reports that it cannot", 10, () -> node.log()
                        .stream().anyMatch(line ->
                                line.contains("cannot accept links: Too many open files")));
                awaitIdle(node);
                assertTrue(limit(node, 1_024));
                Await.until("the nodes are linked", 15, () -> peer.client().send("GET",
                        "/members", null).body().contains("\"neighbour\""));
                assertEquals(1, node.log().stream().filter(line ->
                        line.contains("cannot accept links")).count(), "logged once");
                assertTrue(node.log().stream().anyMatch(line ->
                        line.contains("links are accepted again")), node.log()::toString);
            }
        }
    }
}
