package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bcast.base.Clock;
import bcast.base.LineWriter;
import bcast.testing.Await;
import bcast.testing.Json;
import bcast.testing.News;
import java.io.File;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node tells of itself: members, metrics, requests. */
final class ObserveTest {

    private static Map<?, ?> members(TestNode node) throws Exception {
        HttpResponse<String> answer = node.client.send("GET", "/members", null);
        assertEquals(200, answer.statusCode());
        return (Map<?, ?>) Json.parse(answer.body());
    }

    private static Map<?, ?> member(TestNode node, int i) throws Exception {
        return (Map<?, ?>) ((List<?>) members(node).get("members")).get(i);
    }

    private static String group() throws Exception {
        try (java.net.DatagramSocket free = new java.net.DatagramSocket()) {
            return "-group=239.255.77.78:" + free.getLocalPort();
        }
    }

    @Test
    void twoMembersSeeEachOther() throws Exception {
        String group = group();
        try (TestNode a = new TestNode(Clock.system(), group);
                TestNode b = new TestNode(Clock.system(), group)) {
            Await.until("both are linked and timed", 10, () ->
                    ((List<?>) members(a).get("members")).size() == 1
                    && member(a, 0).get("round_trip_ms") != null
                    && member(b, 0).get("clock_offset_ms") != null);
            Map<?, ?> self = members(b);
            Map<?, ?> seen = member(a, 0);
            assertEquals(self.get("node"), seen.get("node"));
            assertEquals("neighbour", seen.get("state"));
            assertEquals("127.0.0.1:" + b.port(), seen.get("http"));
            assertEquals("127.0.0.1:" + b.node.peers().port(), seen.get("address"));
            assertEquals("md5", self.get("validator"));
            assertEquals("bcast", self.get("cluster"));
            assertTrue(Math.abs((double) seen.get("clock_offset_ms")) < 1_000);
            assertTrue((double) seen.get("since") <= Clock.system().wallMs());
            a.client.mustPost("id", "raw");
            Await.until("each tells how much it holds", 10, () ->
                    member(a, 0).get("records").equals(1.0)
                    && members(b).get("records").equals(1.0));
            Await.until("one is the root and the other's parent", 15, () ->
                    members(a).get("root") != null
                    && members(a).get("root").equals(members(b).get("root"))
                    && (members(a).get("parent") == null) != (members(b).get("parent") == null));
            Map<?, ?> child = members(a).get("parent") == null ? member(b, 0) : member(a, 0);
            assertEquals(true, child.get("parent"));
            b.node.close();
            Await.until("who left is gone", 10, () ->
                    ((List<?>) members(a).get("members")).isEmpty());
        }
    }

    /** Samples by name and labels; checks the format's rules on the way. */
    private static Map<String, Double> metrics(TestNode node) throws Exception {
        HttpResponse<String> answer = node.client.send("GET", "/metrics", null);
        assertEquals("text/plain; version=0.0.4; charset=utf-8",
                answer.headers().firstValue("Content-Type").orElse(""));
        Map<String, Double> samples = new HashMap<>();
        Set<String> families = new HashSet<>();
        String family = "";
        for (String line : answer.body().split("\n")) {
            if (line.startsWith("# HELP ")) {
                family = line.split(" ")[2];
                assertTrue(families.add(family), family + " twice");
            } else if (!line.startsWith("#")) {
                int space = line.lastIndexOf(' ');
                assertTrue(line.startsWith(family), line + " in " + family);
                samples.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            }
        }
        return samples;
    }

    @Test
    void whatHappensIsCounted() throws Exception {
        try (TestNode node = TestNode.alone()) {
            node.client.mustPost("a", "raw");
            node.client.post("a", "raw");
            node.client.post("a", "other");
            node.client.send("POST", "/postNewData", "{");
            node.client.send("POST", "/postNewData", News.json("b", "raw") + "\n",
                    "Content-Type", "application/x-ndjson");
            // A request is counted once it is answered, which the client may see first.
            Await.until("all are counted", 5, () ->
                    metrics(node).get("bcast_http_answers_total{code=\"4xx\"}") == 2
                    && metrics(node).get("bcast_post_seconds_count") == 4);
            Map<String, Double> now = metrics(node);
            assertEquals(2, now.get("bcast_records_accepted_total{from=\"client\"}"));
            assertEquals(1, now.get(
                    "bcast_records_refused_total{from=\"client\",reason=\"exists\"}"));
            assertEquals(1, now.get(
                    "bcast_records_refused_total{from=\"client\",reason=\"conflict\"}"));
            assertEquals(2, now.get("bcast_records"));
            assertTrue(now.get("bcast_http_answers_total{code=\"2xx\"}") >= 3);
            assertEquals(1, now.get("bcast_batch_lines_total"));
            assertEquals(4, now.get("bcast_post_seconds_bucket{le=\"+Inf\"}"));
            assertTrue(now.get("bcast_http_requests_in_progress") >= 1);
            assertTrue(now.get("bcast_heap_used_bytes") > 0);
            assertTrue(now.get("bcast_records_bytes") > 0);
            assertEquals(Clock.system().wallMs() / 1e3, now.get("process_start_time_seconds"), 60);
        }
    }

    @Test
    void prometheusOwnToolFindsNothingWrong() throws Exception {
        Path promtool = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "promtool")).filter(Files::isExecutable)
                .findFirst().orElse(null);
        assumeTrue(promtool != null, "no promtool found (Debian: apt-get install prometheus)");
        try (TestNode node = TestNode.alone()) {
            node.client.mustPost("a", "raw");
            Process check = new ProcessBuilder(promtool.toString(), "check", "metrics")
                    .redirectErrorStream(true).start();
            try (OutputStream out = check.getOutputStream()) {
                out.write(node.client.send("GET", "/metrics", null).body()
                        .getBytes(StandardCharsets.UTF_8));
            }
            assertEquals("", new String(check.getInputStream().readAllBytes(),
                    StandardCharsets.UTF_8));
            assertEquals(0, check.waitFor());
        }
    }

    /** Reads constants of the program, such as {@code Metric.counter("NAME", …)}. */
    private static final Pattern DECLARED =
            Pattern.compile("Metric\\.(counter|gauge|histogram)\\(\\s*\"(\\w+)\"");

    /** A counter that appeared only with its first event would hide that event from its rate. */
    @Test
    void everyMetricIsReportedFromTheStart(@TempDir Path dir) throws Exception {
        Set<String> declared = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                DECLARED.matcher(Files.readString(file)).results()
                        .forEach(each -> declared.add(each.group(2)));
            }
        }
        try (TestNode node = new TestNode(Clock.system(), group(), "-datadir=" + dir)) {
            Set<String> reported = new TreeSet<>();
            node.counters().metrics().forEach(each -> reported.add(each.name()));
            // A test's node has a log of its own.
            declared.remove(LineWriter.DROPPED.name());
            assertEquals(declared, reported);
            assertTrue(reported.size() > 40, "too few to be all: " + reported);
            assertEquals(0, metrics(node).get("bcast_records_refused_total"
                    + "{from=\"peer\",reason=\"untrusted\"}"));
        }
    }

    @Test
    void theTimeFromAnotherNodeIsMeasured() throws Exception {
        String group = group();
        try (TestNode a = new TestNode(Clock.system(), group);
                TestNode b = new TestNode(Clock.system(), group)) {
            Await.until("linked", 10, () ->
                    !((List<?>) members(a).get("members")).isEmpty());
            a.client.mustPost("id", "raw");
            Await.until("it is there", 10, () -> b.client.count() == 1);
            assertEquals(1, metrics(b).get("bcast_travel_seconds_count"));
        }
    }

    @Test
    void eachRequestIsLoggedIfAskedFor() throws Exception {
        try (TestNode node = TestNode.alone("-accesslog", "-loglevel=error")) {
            node.client.send("GET", "/data?id=a%0Ab", null);
            Await.until("it is logged", 5, () -> node.log.stream().anyMatch(line ->
                    line.matches(".* 127\\.0\\.0\\.1 \"GET /data\\?id=a%0Ab\" 404 \\d+ bytes "
                    + "\\d+\\.\\d{3} ms")));
        }
        try (TestNode node = TestNode.alone()) {
            node.client.send("GET", "/data?id=a", null);
            assertFalse(node.log.stream().anyMatch(line -> line.contains("GET")));
        }
    }

    @Test
    void oneOtherOriginMayReadAndPostIfTheUserSaysSo() throws Exception {
        String origin = "https://news.example:8443";
        try (TestNode node = TestNode.alone("-cors=" + origin)) {
            HttpResponse<String> preflight = node.client.send("OPTIONS", "/postNewData", null,
                    "Origin", origin, "Access-Control-Request-Method", "POST",
                    "Access-Control-Request-Headers", "content-type");
            assertEquals(204, preflight.statusCode());
            assertEquals(origin, preflight.headers()
                    .firstValue("Access-Control-Allow-Origin").orElse(""));
            assertEquals("POST", preflight.headers()
                    .firstValue("Access-Control-Allow-Methods").orElse(""));
            HttpResponse<String> post = node.client.send("POST", "/postNewData",
                    News.json("a", "raw"), "Origin", origin, "Sec-Fetch-Site", "cross-site");
            assertEquals(200, post.statusCode());
            assertEquals(origin, post.headers()
                    .firstValue("Access-Control-Allow-Origin").orElse(""));
            for (String other : List.of("https://evil.example", "http://news.example:8443",
                    "null")) {
                assertEquals(403, node.client.send("POST", "/postNewData", News.json("b", "raw"),
                        "Origin", other).statusCode(), other);
                HttpResponse<String> list = node.client.send("GET", "/listAllRecentData", null,
                        "Origin", other);
                assertFalse(list.headers().firstValue("Access-Control-Allow-Origin").isPresent());
                assertTrue(list.headers().allValues("Vary").contains("Origin"));
                assertEquals(405, node.client.send("OPTIONS", "/postNewData", null, "Origin",
                        other).statusCode());
            }
        }
        try (TestNode node = TestNode.alone("-cors=*")) {
            assertEquals(200, node.client.send("POST", "/postNewData", News.json("a", "raw"),
                    "Origin", "https://any.example").statusCode());
        }
    }

    @Test
    void aPageOfTheAllowedOriginReadsEveryError(@TempDir Path dir) throws Exception {
        String origin = "https://news.example";
        Path tokens = dir.resolve("tokens");
        Files.writeString(tokens, "0123456789abcdef\n");
        try (TestNode node = TestNode.alone("-cors=https://NEWS.example:443", "-maxraw=10",
                "-tokenfile=" + tokens)) {
            String[] token = {"Origin", origin, "Authorization", "Bearer 0123456789abcdef"};
            String[] none = {"Origin", origin};
            readable(400, node.client.send("POST", "/postNewData", "{", token));
            readable(401, node.client.send("POST", "/postNewData", "{}", none));
            readable(404, node.client.send("GET", "/nothing", null, none));
            readable(404, node.client.send("GET", "/data?id=x", null, none));
            readable(405, node.client.send("POST", "/members", "", none));
            readable(410, node.client.send("GET", "/listAllRecentData?after=0-0", null, none));
            readable(413, node.client.send("POST", "/postNewData",
                    News.json("a", "x".repeat(11)), token));
            readable(422, node.client.send("POST", "/postNewData", "{}", token));
            // A browser asks so before it sends the request that gets the error.
            readable(204, node.client.send("OPTIONS", "/nothing", null, none));
        }
    }

    private static void readable(int status, HttpResponse<String> answer) {
        assertEquals(status, answer.statusCode(), answer.body());
        assertEquals("https://news.example", answer.headers()
                .firstValue("Access-Control-Allow-Origin").orElse("none"));
    }
}
