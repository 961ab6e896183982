package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.Client;
import bcast.testing.RawHttp;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A real node whose log goes to a pipe that nobody reads. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no SIGTERM")
final class StalledLogTest {

    private static final String JAVA = System.getProperty("java.home") + File.separator + "bin"
            + File.separator + "java";
    /** Lines of a node that starts. */
    private static final int FIRST = 5;
    /** Far more lines than a pipe and the queue hold. */
    private static final int REQUESTS = 15_000;

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return free.getLocalPort();
        }
    }

    private static void requests(int port, int count) throws IOException {
        String all = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
        try (RawHttp http = new RawHttp(port)) {
            for (int i = 0; i < count; i++) {
                http.send(all);
                assertEquals(200, http.answer().status());
            }
        }
    }

    private int port;
    private Process process;

    @BeforeEach
    void logMoreThanThePipeAndTheQueueHold() throws Exception {
        port = freePort();
        process = new ProcessBuilder(JAVA, "-Xmx256m", "-XX:+UseSerialGC", "-jar",
                "build/bcast.jar", "-bind=127.0.0.1", "-group=off", "-accesslog",
                "-httpport=" + port).start();
        Await.until("the node is ready", 20, () -> client().ready());
        requests(port, REQUESTS);
    }

    @AfterEach
    void end() throws Exception {
        process.destroyForcibly().waitFor();
    }

    private Client client() {
        return new Client("http://127.0.0.1:" + port);
    }

    /** Ends it, while its pipes stay open. */
    private void terminate() throws Exception {
        process.toHandle().destroy();
        assertTrue(process.waitFor(4, TimeUnit.SECONDS), "SIGTERM has no effect");
        assertEquals(0, process.exitValue());
    }

    @Test
    void everythingGoesOnAndSigtermEndsIt() throws Exception {
        client().mustPost("id", "raw");
        assertTrue(client().send("GET", "/metrics", null).body().lines().anyMatch(line ->
                line.matches("bcast_log_lines_dropped_total [1-9].*")), "none was dropped");
        terminate();
    }

    @Test
    void theLogSaysHowManyLinesWereDroppedOnceItIsRead() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        Thread reader = new Thread(() -> {
            try (BufferedReader log = process.errorReader(StandardCharsets.UTF_8)) {
                log.lines().forEach(lines::add);
            } catch (IOException | UncheckedIOException e) {
                lines.add("(log ended: " + e + ")");
            }
        });
        reader.start();
        Await.until("all that waited is read", 10, () -> lines.stream().anyMatch(line ->
                line.matches(".* WARN  \\d+ log lines were dropped.*")));
        client().mustPost("id", "raw");
        terminate();
        reader.join(5_000);
        assertTrue(lines.stream().limit(FIRST).anyMatch(line -> line.contains("clients at http")),
                lines.subList(0, FIRST)::toString);
        assertTrue(lines.get(lines.size() - 1).endsWith("stopped"), lines.get(lines.size() - 1));
    }
}
