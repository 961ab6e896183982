package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bcast.base.FileFault;
import bcast.base.StartException;
import bcast.testing.Await;
import bcast.testing.Kills;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import bcast.testing.SmallDisk;
import bcast.testing.TestClock;
import java.net.http.HttpResponse;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that keep news on disk. */
final class JournalNodeTest {

    private static final int KILLS = 4;

    @TempDir
    Path dir;

    @ParameterizedTest
    @ValueSource(strings = {"always", "interval", "never"})
    @EnabledOnOs(value = {OS.LINUX, OS.MAC}, disabledReason = "uses signals")
    void aNodeThatIsKilledHoldsWhatItAcknowledged(String fsync) throws Exception {
        assertTrue(Kills.run(KILLS, System.nanoTime(), dir, fsync) > 0);
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "uses strace")
    void aFileSystemWithoutSyncOfDirectoriesIsUsed() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "skipped: no strace");
        Path data = dir.resolve("data");
        List<String> faulty = List.of("strace", "-D", "-f", "-qq", "-o",
                "" + dir.resolve("trace"), "-P", "" + data, "-e", "trace=fsync",
                "-e", "inject=fsync:error=EINVAL");
        try (NodeProcess node = NodeProcess.launch(faulty, List.of("-bind=127.0.0.1",
                "-httpport=0", "-group=off", "-fsync=always", "-datadir=" + data))) {
            node.client().mustPost("id", "raw");
            assertEquals(1, node.log().stream().filter(line ->
                    line.contains("cannot sync the directory")
                    && line.contains("Invalid argument")).count(), node.log()::toString);
        }
        Await.until("the fault was injected", 5, () ->
                Files.readString(dir.resolve("trace")).contains("(INJECTED)"));
    }

    @Test
    void aStartWithAClockFarBehindTheJournalIsReadyAndSaysSo() throws Exception {
        String data = "-datadir=" + dir;
        try (TestNode node = TestNode.alone(data)) {
            node.client.mustPost("id", "raw");
        }
        try (TestNode node = new TestNode(TestClock.running(-3_600_000), data, "-group=off")) {
            Await.until("the node is ready", 10, node.client::ready);
            String ready = node.client.send("GET", "/readyz", null).body();
            assertTrue(ready.contains("\"notes\":[\"this node's clock is 3")
                    && ready.contains(" s behind the newest record in "), ready);
            node.client.mustPost("later", "raw");
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "uses /proc")
    void aDirectoryThatCannotBeUsedSaysWhy() throws Exception {
        String lock = "/proc/" + ProcessHandle.current().pid() + "/lock";
        assertEquals("cannot keep records in /proc/self: " + lock
                + ": no such file or directory; see -datadir",
                assertThrows(StartException.class, () ->
                TestNode.alone("-datadir=/proc/self")).getMessage());
        Path file = Files.createFile(dir.resolve("file"));
        assertEquals("cannot keep records in " + file + ": " + file + ": a file of this "
                + "name exists; "
                + "see -datadir", assertThrows(StartException.class, () ->
                TestNode.alone("-datadir=" + file)).getMessage());
        assertEquals("/dir/lock: permission denied",
                FileFault.why(new AccessDeniedException("/dir/lock")));
        assertEquals("/dir: Read-only file system",
                FileFault.why(new FileSystemException("/dir", null, "Read-only file system")));
    }

    private List<NodeProcess> cluster(String name) throws Exception {
        List<NodeProcess> nodes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            nodes.add(NodeProcess.start(name, "-group=off", "-datadir=" + dir.resolve("n" + i),
                    i == 0 ? "-peers=" : "-peers=127.0.0.1:" + nodes.get(0).clusterPort()));
        }
        for (NodeProcess node : nodes) {
            node.ready();
        }
        return nodes;
    }

    @Test
    @EnabledOnOs(value = {OS.LINUX, OS.MAC}, disabledReason = "uses signals")
    void aClusterThatStoppedHoldsAllWhenItStartsAgain() throws Exception {
        List<NodeProcess> nodes = cluster("stopped");
        String list;
        try {
            for (int i = 0; i < 300; i++) {
                nodes.get(i % 3).client().mustPost("id" + i, "raw");
            }
            Await.until("all hold all", 10, () -> nodes.get(2).client().count() == 300);
            list = nodes.get(2).client().list();
            nodes.get(0).signal("KILL");
            nodes.get(1).signal("TERM");
            nodes.get(2).signal("TERM");
            assertEquals(0, nodes.get(1).exit(5));
        } finally {
            nodes.forEach(NodeProcess::close);
        }
        List<NodeProcess> again = cluster("stopped");
        try {
            for (NodeProcess node : again) {
                Await.until("all hold all", 10, () -> node.client().list().equals(list));
            }
        } finally {
            again.forEach(NodeProcess::close);
        }
    }

    @Test
    void aNodeWhoseDiskIsFullRefusesAndRecovers() throws Exception {
        try (SmallDisk disk = new SmallDisk(dir, "2m")) {
            disk.fill(1 << 20);
            int accepted;
            try (NodeProcess node = NodeProcess.start("full", "-group=off", "-datadir=" + dir)) {
                node.ready();
                accepted = untilRefused(node);
                HttpResponse<String> refused = post(node, "refused");
                assertEquals(503, refused.statusCode());
                assertTrue(refused.body().contains("cannot write to " + dir), refused.body());
                assertTrue(refused.headers().firstValue("Retry-After").isPresent());
                assertTrue(node.client().list().contains("\"id0\""), "it still serves");
                assertEquals(200, node.client().send("GET", "/healthz", null).statusCode());
                disk.fill(0);
                Await.until("it takes news again", 10,
                        () -> post(node, "again").statusCode() == 200);
                node.signal("KILL");
            }
            try (NodeProcess node = NodeProcess.start("full", "-group=off", "-datadir=" + dir)) {
                String list = node.ready().client().list();
                for (int i = 0; i < accepted; i++) {
                    assertTrue(list.contains("\"id" + i + "\""), "id" + i + " is gone");
                }
                assertTrue(list.contains("\"again\""));
            }
        }
    }

    private static int untilRefused(NodeProcess node) throws Exception {
        int accepted = 0;
        while (post(node, "id" + accepted).statusCode() == 200) {
            accepted++;
            assertTrue(accepted < 10_000);
        }
        return accepted;
    }

    private static HttpResponse<String> post(NodeProcess node, String id) throws Exception {
        return node.client().send("POST", "/postNewData", News.json(id, "x".repeat(10_000)));
    }

    @Test
    void aDirectoryThatCannotBeUsedIsOneLine() throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "no directory");
        try (NodeProcess first = NodeProcess.start("one", "-group=off", "-datadir=" + dir)) {
            first.ready();
            AssertionError second = assertThrows(
                    AssertionError.class, () -> NodeProcess.start("two", "-datadir=" + dir));
            assertTrue(second.getMessage().contains("cannot keep records in " + dir
                    + ": another node uses it; see -datadir"), second.getMessage());
        }
        AssertionError third = assertThrows(
                AssertionError.class, () -> NodeProcess.start("three", "-datadir=" + file));
        assertTrue(third.getMessage().contains("cannot keep records in " + file + ": "),
                third.getMessage());
    }

    @Test
    void whatAnotherValidatorTookIsLeftOut() throws Exception {
        try (TestNode node = TestNode.alone("-datadir=" + dir)) {
            node.client.mustPost("id", "raw");
        }
        try (TestNode node = TestNode.alone("-datadir=" + dir, "-validator=sha256")) {
            assertEquals(0, node.client.count());
            assertTrue(node.log.stream().anyMatch(line -> line.contains("1 records are left out")));
        }
        try (TestNode node = TestNode.alone("-datadir=" + dir)) {
            assertEquals(1, node.client.count(), "they stay on disk");
        }
    }

    @Test
    void aNodeOfTheSameProcessThatIsRefusedLeavesTheDirectoryLocked() throws Exception {
        Path link = Files.createSymbolicLink(dir.resolve("link"), Files.createDirectory(
                dir.resolve("real")));
        try (TestNode node = TestNode.alone("-datadir=" + link.toRealPath())) {
            assertThrows(StartException.class, () -> TestNode.alone("-datadir=" + link).close());
            AssertionError other = assertThrows(AssertionError.class,
                    () -> NodeProcess.start("other", "-group=off", "-datadir=" + link).close());
            assertTrue(other.getMessage().contains("another node uses it"), other.getMessage());
            node.client.mustPost("id", "raw");
        }
        TestNode.alone("-datadir=" + link).close();
    }
}
