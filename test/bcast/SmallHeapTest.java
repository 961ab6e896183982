package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import bcast.testing.RawHttp;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Nodes of little memory, whose clients want much of it. */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
final class SmallHeapTest {

    private static final Pattern HEAP = Pattern.compile("(?m)^bcast_heap_used_bytes (\\S+)");
    private static final Pattern LIMIT = Pattern.compile("This node has (\\d+) event streams");
    private static final int RAW_BYTES = 1 << 20;
    private static final int LARGE = 3;

    private static NodeProcess node(int mib, String... flags) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java", "-ea", "-Xmx" + mib + "m",
                "-XX:+UseSerialGC", "-jar", "build/bcast.jar", "-bind=127.0.0.1", "-httpport=0",
                "-group=off"));
        command.addAll(List.of(flags));
        return NodeProcess.command(command).ready();
    }

    private static Socket ask(NodeProcess node, String from, String path) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(8_192);
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress("127.0.0.1", node.httpPort()));
        socket.setSoTimeout(30_000);
        socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n"
                + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String firstLine(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        InputStream in = socket.getInputStream();
        for (int b = in.read(); b >= 0 && b != '\r'; b = in.read()) {
            line.append((char) b);
        }
        return line.toString();
    }

    private static void closeAll(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private static void noThreadDied(NodeProcess node) {
        assertTrue(node.alive(), node.log().toString());
        assertTrue(node.log().stream().noneMatch(line -> line.contains("OutOfMemory")
                || line.contains("fault in")), node.log().toString());
    }

    @Test
    void slowReadersOfListsLeaveMemoryToOthers() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try (NodeProcess node = node(48)) {
            for (int i = 0; i < LARGE; i++) {
                node.client().mustPost("large" + i, "x".repeat(RAW_BYTES));
            }
            String whole = node.client().list();
            for (int i = 0; i < 32; i++) {
                slow.add(ask(node, "127.0.0.2", "/listAllRecentData"));
            }
            List<String> answers = new ArrayList<>();
            for (Socket socket : slow) {
                answers.add(firstLine(socket));
            }
            assertTrue(answers.contains("HTTP/1.1 200 OK"), answers.toString());
            HttpResponse<String> list = node.client().send("GET", "/listAllRecentData", null);
            assertEquals(200, list.statusCode(), list.body());
            assertEquals(whole, list.body());
            assertEquals(RAW_BYTES, News.data("a", node.client().send("GET", "/data?id=large1",
                    null).body().replaceAll("[^x]", ""), 0).rawBytes().length);
            assertTrue(node.client().send("GET", "/listAllRecentData?limit=2", null).body()
                    .length() > 2 * RAW_BYTES);
            for (int i = 0; i < slow.size(); i++) {
                String rest = new String(slow.get(i).getInputStream().readAllBytes(),
                        StandardCharsets.UTF_8);
                assertEquals(answers.get(i).contains("200"), rest.endsWith(whole),
                        "an answer that begins is whole: " + answers.get(i));
            }
            noThreadDied(node);
        } finally {
            closeAll(slow);
        }
    }

    @Test
    void aPageIsNeverTooLongForTheHeap() throws Exception {
        int records = 60_000;
        try (NodeProcess node = node(40, "-maxbytes=28MiB")) {
            for (int from = 0; from < records; from += 10_000) {
                String batch = IntStream.range(from, from + 10_000)
                        .mapToObj(i -> News.json("id" + i, "raw")).collect(
                        Collectors.joining("\n"));
                node.client().send("POST", "/postNewData?answer=errors", batch, "Content-Type",
                        "application/x-ndjson");
            }
            HttpResponse<String> page = node.client().send("GET",
                    "/listAllRecentData?limit=100000", null);
            assertEquals(200, page.statusCode(), page.body());
            assertEquals(records, page.body().split("\\{\"id\"").length - 1);
            String first = node.client().send("GET", "/listAllRecentData?limit=1", null).body();
            String next = first.replaceAll("(?s).*\"next\":\"([^\"]*)\".*", "$1");
            HttpResponse<String> rest = node.client().send("GET",
                    "/listAllRecentData?after=" + next, null);
            assertEquals(200, rest.statusCode(), rest.body());
            assertEquals(records - 1, rest.body().split("\\{\"id\"").length - 1);
            noThreadDied(node);
        }
    }

    private static long heapAfterCollection(NodeProcess node) throws Exception {
        Process jcmd = new ProcessBuilder(System.getProperty("java.home") + "/bin/jcmd",
                "" + node.pid(), "GC.run").redirectErrorStream(true).start();
        jcmd.getInputStream().readAllBytes();
        assertEquals(0, jcmd.waitFor());
        Matcher used = HEAP.matcher(node.client().send("GET", "/metrics", null).body());
        assertTrue(used.find());
        return (long) Double.parseDouble(used.group(1));
    }

    @Test
    void readersOfEventsHaveALimitThatTheHeapBears() throws Exception {
        List<Socket> readers = new ArrayList<>();
        try (NodeProcess node = node(48)) {
            readers.add(ask(node, "127.0.0.2", "/events"));
            assertEquals("HTTP/1.1 200 OK", firstLine(readers.get(0)));
            long before = heapAfterCollection(node);
            String refused = "";
            while (refused.isEmpty()) {
                // One address may have half of all requests, readers three of four.
                Socket reader = ask(node, "127.0.0." + (2 + readers.size() % 2), "/events");
                if (!firstLine(reader).equals("HTTP/1.1 200 OK")) {
                    refused = new String(reader.getInputStream().readAllBytes(),
                            StandardCharsets.UTF_8);
                    reader.close();
                } else {
                    readers.add(reader);
                }
            }
            Matcher limit = LIMIT.matcher(refused);
            assertTrue(limit.find(), refused);
            assertTrue(refused.contains("Retry-after: ") || refused.contains("Retry-After: "),
                    refused);
            assertEquals(readers.size(), Integer.parseInt(limit.group(1)));
            long each = (heapAfterCollection(node) - before) / (readers.size() - 1);
            System.out.printf("%d quiet readers of events: %d bytes of heap each%n",
                    readers.size(), each);
            assertTrue(each < 48 * 1024, each + " bytes of heap each");
            // They all get a large record, one slice at a time.
            node.client().mustPost("large", "x".repeat(RAW_BYTES));
            try (RawHttp probe = new RawHttp(node.httpPort())) {
                assertEquals(200, probe.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").answer()
                        .status());
            }
            closeAll(readers);
            Await.until("there is room for others", 20, () -> {
                node.client().post("small" + System.nanoTime(), "raw");
                try (Socket reader = ask(node, "127.0.0.3", "/events")) {
                    return firstLine(reader).equals("HTTP/1.1 200 OK");
                }
            });
            noThreadDied(node);
        } finally {
            closeAll(readers);
        }
    }

    /** A record that is being written must not stay in memory when it expires. */
    @Test
    void slowReadersOfEventsAndPagesKeepNoExpiredRecordsInMemory() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try (NodeProcess node = node(128, "-retention=4s")) {
            long before = heapAfterCollection(node);
            slow.add(ask(node, "127.0.0.2", "/events?since=0"));
            assertEquals("HTTP/1.1 200 OK", firstLine(slow.get(0)));
            for (int i = 0; i < 20; i++) {
                node.client().mustPost("large" + i, "x".repeat(RAW_BYTES));
            }
            slow.add(ask(node, "127.0.0.2", "/listAllRecentData?limit=20"));
            assertEquals("HTTP/1.1 200 OK", firstLine(slow.get(1)));
            Await.until("all records have expired", 20, () -> node.client().send("GET",
                    "/metrics", null).body().contains("bcast_records_bytes 0\n"));
            long held = heapAfterCollection(node) - before;
            String metrics = node.client().send("GET", "/metrics", null).body();
            assertTrue(metrics.contains("bcast_event_readers 1\n"), metrics);
            assertTrue(metrics.contains("bcast_http_requests_in_progress 3\n"), metrics);
            assertTrue(held < 10 * RAW_BYTES, held + " bytes of heap for two slow readers");
            noThreadDied(node);
        } finally {
            closeAll(slow);
        }
    }
}
