package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.NodeProcess;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** SIGHUP at real nodes. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no SIGHUP")
final class HangupTest {

    @TempDir
    Path dir;

    private static void awaitLine(NodeProcess node, String text, long count) throws Exception {
        Await.until(() -> text + " in " + node.log(), 10, () ->
                node.log().stream().filter(line -> line.contains(text)).count() == count);
    }

    @Test
    void filesAreReadAgainAndTheNodeLives() throws Exception {
        Path tokens = Files.writeString(dir.resolve("tokens"), "0123456789abcdef\n");
        Path secret = Files.writeString(dir.resolve("secret"), "ab".repeat(32) + "\n");
        try (NodeProcess node = NodeProcess.start("hangup", "-group=off", "-tokenfile=" + tokens,
                "-secretfile=" + secret)) {
            node.ready();
            node.signal("HUP");
            awaitLine(node, "SIGHUP: read 2 files again, none has changed", 1);
            // Read before the thread that looks each second sees it, or not: it is used then.
            Files.writeString(tokens, "fedcba9876543210\n");
            node.signal("HUP");
            awaitLine(node, "SIGHUP: read 2 files again, ", 2);
            awaitLine(node, tokens + " was read again", 1);
            assertEquals(200, node.client().send("GET", "/healthz", null).statusCode());
            node.signal("TERM");
            assertEquals(0, node.exit(4));
        }
    }

    /** The start waits for a pipe of tokens, which the test keeps open until the signal is sent. */
    @Test
    void aSignalDuringTheStartIsHandledAfterIt() throws Exception {
        Path tokens = dir.resolve("tokens");
        assertEquals(0, new ProcessBuilder("mkfifo", "" + tokens).start().waitFor());
        Path next = Files.writeString(dir.resolve("next"), "fedcba9876543210\n");
        try (NodeProcess node = NodeProcess.begin(List.of(
                System.getProperty("java.home") + "/bin/java", "-Xmx64m", "-XX:+UseSerialGC",
                "-jar", "build/bcast.jar", "-bind=127.0.0.1", "-httpport=0", "-group=off",
                "-tokenfile=" + tokens))) {
            // Opens once the node has opened it as well.
            try (OutputStream pipe = Files.newOutputStream(tokens, StandardOpenOption.WRITE)) {
                node.signal("HUP");
                Files.move(next, tokens, StandardCopyOption.ATOMIC_MOVE);
                pipe.write("0123456789abcdef\n".getBytes(StandardCharsets.UTF_8));
            }
            node.started().ready();
            awaitLine(node, "SIGHUP: read 1 files again, ", 1);
            awaitLine(node, tokens + " was read again", 1);
        }
    }

    @Test
    void aNodeWithoutFilesSaysSo() throws Exception {
        try (NodeProcess node = NodeProcess.start("hangup", "-group=off")) {
            node.ready();
            int before = node.log().size();
            node.signal("HUP");
            awaitLine(node, "SIGHUP: this node has no files of secrets, tokens, keys or "
                    + "certificates to read again", 1);
            assertEquals(before + 1, node.log().size(), node.log()::toString);
            assertTrue(node.client().ready());
        }
    }

    @Test
    void nohupStillProtects() throws Exception {
        List<String> prefix = new ArrayList<>(List.of("sh", "-c", "trap '' HUP; exec \"$@\"",
                "sh"));
        try (NodeProcess node = NodeProcess.launch(prefix, List.of("-bind=127.0.0.1",
                "-httpport=0", "-group=off"))) {
            node.ready();
            node.signal("HUP");
            Await.always("the node lives", 0.5, node::alive);
            assertTrue(node.client().ready());
        }
    }
}
