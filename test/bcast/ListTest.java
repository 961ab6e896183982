package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.cluster.net.secret.Secret;
import bcast.data.Data;
import bcast.eventbus.Source;
import bcast.testing.Await;
import bcast.testing.Json;
import bcast.testing.Measured;
import bcast.testing.News;
import bcast.testing.RawHttp;
import bcast.testing.TestClock;
import bcast.testing.ZeroSum;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists in parts, in other forms, and only if they changed. */
final class ListTest {

    private static final String PATH = "/listAllRecentData";
    private static final String NDJSON = "application/x-ndjson";
    private static final Source PEER = new Source("peer", 1);

    private TestNode node;

    @BeforeEach
    void start() throws Exception {
        node = TestNode.alone();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private HttpResponse<String> get(String query, String... headers) throws Exception {
        return node.client.send("GET", PATH + query, null, headers);
    }

    private void fromPeer(String id, long agoMs) {
        node.node.core().deliver(News.data(id, "raw", Clock.system().wallMs() - agoMs), PEER);
    }

    private static List<String> ids(Object list) {
        List<String> ids = new ArrayList<>();
        for (Object record : (List<?>) list) {
            ids.add((String) ((Map<?, ?>) record).get("id"));
        }
        return ids;
    }

    private static Map<?, ?> parsed(HttpResponse<String> answer) {
        assertEquals(200, answer.statusCode(), answer.body());
        return (Map<?, ?>) Json.parse(answer.body());
    }

    @Test
    void aLineARecord() throws Exception {
        fromPeer("b", 10);
        fromPeer("a", 20);
        HttpResponse<String> lines = get("", "Accept", NDJSON);
        assertEquals(NDJSON, lines.headers().firstValue("Content-Type").orElse(""));
        StringBuilder expected = new StringBuilder();
        for (Data data : node.node.core().listAllRecentData()) {
            expected.append(new String(data.json(), StandardCharsets.UTF_8)).append('\n');
        }
        assertEquals(expected.toString(), lines.body());
        assertEquals(lines.body(), node.client.send("POST", PATH, "{}", "Accept",
                "application/json;q=0.5, " + NDJSON).body());
        assertTrue(get("", "Accept", "*/*").body().startsWith("{\"data_list\":["));
        assertTrue(get("", "Accept", NDJSON + ";q=0").body().startsWith("{\"data_list\":["));
    }

    @Test
    void sinceLeavesOutWhatIsOlder() throws Exception {
        fromPeer("old", 60_000);
        fromPeer("new", 1_000);
        long since = Clock.system().wallMs() - 30_000;
        assertEquals(List.of("new"), ids(parsed(get("?since=" + since)).get("data_list")));
        assertEquals(List.of("new"), ids(parsed(get("?limit=9&since=" + since))
                .get("data_list")));
        assertEquals(2, ids(parsed(get("?since=0")).get("data_list")).size());
        for (String bad : List.of("since=x", "since=-1", "since=100000000000000", "limit=0",
                "limit=100001", "after=x", "after=a-9999999999999999999")) {
            assertEquals(400, get("?" + bad).statusCode(), bad);
        }
        assertEquals(200, get("?limit=100000").statusCode());
    }

    @Test
    void pagesFollowTheOrderOfAcceptanceAndMissNothing() throws Exception {
        for (int i = 0; i < 25; i++) {
            fromPeer("id" + i, i * 1_000);
        }
        Set<String> seen = new HashSet<>();
        String query = "?limit=10";
        int more = 0;
        while (true) {
            HttpResponse<String> answer = get(query);
            Map<?, ?> page = parsed(answer);
            List<String> ids = ids(page.get("data_list"));
            for (String id : ids) {
                assertTrue(seen.add(id), id + " twice");
            }
            assertEquals(ids.size() < 10 ? Optional.empty() : Optional.of("<" + PATH + "?after="
                    + page.get("next") + "&limit=10>; rel=\"next\""),
                    answer.headers().firstValue("Link"));
            query = "?limit=10&after=" + page.get("next");
            if (more < 7) {
                // Older than all that were read.
                fromPeer("late" + more++, 3_600_000);
            } else if (ids.isEmpty()) {
                break;
            }
        }
        assertEquals(32, seen.size());
    }

    @Test
    void aCursorOfAnotherStartIsGone() throws Exception {
        HttpResponse<String> answer = get("?after=0123456789ab-3");
        assertEquals(410, answer.statusCode());
        assertTrue(answer.body().contains("\"code\":\"gone\""));
    }

    @Test
    void aCursorBeyondTheLastRecordIsGone() throws Exception {
        fromPeer("a", 5);
        String next = (String) parsed(get("?limit=1")).get("next");
        assertTrue(next.endsWith("-1"), next);
        assertEquals(200, get("?after=" + next).statusCode());
        assertEquals(410, get("?after=" + next.replaceAll("1$", "2")).statusCode());
    }

    @Test
    void anEqualListIsNotSentAgain() throws Exception {
        fromPeer("a", 5);
        String tag = get("").headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> same = get("", "If-None-Match", "\"x\", W/" + tag);
        assertEquals(304, same.statusCode());
        assertEquals("", same.body());
        assertEquals(tag, same.headers().firstValue("ETag").orElse(""));
        assertEquals(200, node.client.send("POST", PATH, "{}", "If-None-Match", tag)
                .statusCode());
        String lines = get("", "Accept", NDJSON).headers().firstValue("ETag").orElseThrow();
        assertNotEquals(tag, lines);
        assertEquals(200, get("", "If-None-Match", lines).statusCode());
        fromPeer("b", 5);
        assertEquals(200, get("", "If-None-Match", tag).statusCode());
        assertTrue(get("").headers().allValues("Vary").contains("Accept, Accept-Encoding"));
    }

    @Test
    void recordsWhoseHashesCancelOutChangeTheTag() throws Exception {
        long start = 1_700_000_000_000L;
        TestClock clock = TestClock.standing(start);
        try (TestNode open = new TestNode(clock, "-group=off", "-retention=1h")) {
            Set<String> tags = new HashSet<>();
            // Before there is anything, with a set that has the sum of nothing, and with another
            // that has as many records, once the first has expired.
            tags.add(tag(open));
            postZeroSum(open, "first", start);
            tags.add(tag(open));
            advance(clock, open, 1_800_000);
            postZeroSum(open, "second", start + 1_800_000);
            tags.add(tag(open));
            advance(clock, open, 1_800_000);
            assertEquals(ZeroSum.RECORDS, open.client.count());
            tags.add(tag(open));
            assertEquals(4, tags.size(), tags.toString());
        }
    }

    /** Lets time pass while no request is in progress: its connection would time out. */
    private static void advance(TestClock clock, TestNode node, long ms) throws Exception {
        Await.until("no request is in progress", 10, () ->
                Measured.of(node.counters(), "bcast_http_requests_in_progress") == 0);
        clock.advance(ms);
    }

    private static void postZeroSum(TestNode node, String name, long now) throws Exception {
        String lines = ZeroSum.records(Secret.openHashKey("bcast"), name, now).stream()
                .map(data -> News.json(data.id(), data.raw())).collect(Collectors.joining("\n"));
        node.client.send("POST", "/postNewData", lines, "Content-Type", NDJSON);
        assertTrue(node.client.list().contains("\"timestamp\":" + now));
    }

    private static String tag(TestNode node) throws Exception {
        return node.client.send("GET", PATH, null).headers().firstValue("ETag").orElseThrow();
    }

    @Test
    void nodesThatHoldTheSameTagItTheSame() throws Exception {
        Data data = News.data("a", "raw", Clock.system().wallMs());
        try (TestNode other = TestNode.alone()) {
            node.node.core().deliver(data, PEER);
            other.node.core().deliver(data, PEER);
            assertEquals(get("").headers().firstValue("ETag"), other.client.send("GET", PATH,
                    null).headers().firstValue("ETag"));
        }
    }

    @Test
    void gzipOnlyForWhoAcceptsIt() throws Exception {
        for (int i = 0; i < 5_000; i++) {
            fromPeer("id" + i, 5);
        }
        HttpResponse<byte[]> answer = HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(URI.create(node.url() + PATH))
                        .header("Accept-Encoding", "br, gzip;q=0.8").build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertEquals("gzip", answer.headers().firstValue("Content-Encoding").orElse(""));
        String plain = get("", "Accept-Encoding", "gzip;q=0").body();
        assertEquals(plain, new String(new GZIPInputStream(
                new ByteArrayInputStream(answer.body())).readAllBytes(), StandardCharsets.UTF_8));
        assertTrue(answer.body().length < plain.length() / 2);
        assertNotEquals(get("").headers().firstValue("ETag"), answer.headers().firstValue("ETag"));
        assertFalse(get("").headers().firstValue("Content-Encoding").isPresent());
    }

    @Test
    void headersMayBeSentInSeveralLines() throws Exception {
        node.client.mustPost("a", "raw");
        String tag = get("").headers().firstValue("ETag").orElseThrow();
        try (RawHttp http = new RawHttp(node.port())) {
            String request = "GET " + PATH + " HTTP/1.1\r\nHost: x\r\n";
            assertEquals(NDJSON, http.send(request + "Accept: text/html\r\nAccept: " + NDJSON
                    + "\r\n\r\n").answer().header("Content-Type"));
            assertEquals("application/json", http.send(request + "Accept: " + NDJSON
                    + ";q=0.1\r\nAccept: */*\r\n\r\n").answer().header("Content-Type"));
            assertEquals(304, http.send(request + "If-None-Match: \"x\"\r\nIf-None-Match: " + tag
                    + "\r\n\r\n").answer().status());
        }
    }
}
