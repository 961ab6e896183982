package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Data;
import bcast.http.server.RequestServer;
import bcast.testing.Measured;
import bcast.testing.News;
import bcast.testing.RawHttp;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every row of the HTTP table, against a whole node. */
final class HttpTest {

    private TestNode node;

    @BeforeEach
    void start() throws Exception {
        node = TestNode.alone("-host=News.example");
    }

    @AfterEach
    void stop() {
        assertEquals(0, node.counters().get(RequestServer.FAULTS));
        node.close();
    }

    private HttpResponse<String> post(String body, String... headers) throws Exception {
        return node.client.send("POST", "/postNewData", body, headers);
    }

    private static void assertAnswer(int status, String body, HttpResponse<String> answer) {
        assertEquals(body, answer.body());
        assertEquals(status, answer.statusCode());
        assertEquals("application/json", answer.headers().firstValue("Content-Type").orElse(""));
    }

    private static String error(String msg, String code) {
        return "{\"result\":false,\"msg\":\"" + msg + "\",\"code\":\"" + code + "\"}";
    }

    @Test
    void newDataIsOkWhateverItsContentType() throws Exception {
        String ok = "{\"result\":true,\"msg\":\"ok\"}";
        assertAnswer(200, ok, post(News.json("1", "a"), "Content-Type", "application/json;"));
        assertAnswer(200, ok, post(News.json("2", "a"), "Content-Type", "text/plain"));
        assertAnswer(200, ok, post(News.json("3", "a"), "Content-Type",
                "application/x-www-form-urlencoded"));
        assertAnswer(200, ok, post(News.json("4", "a")));
    }

    @Test
    void theSameAgainExistsAndOtherRawConflicts() throws Exception {
        post(News.json("id", "a"));
        assertAnswer(200, error("Data exists", "exists"), post(News.json("id", "a")));
        assertAnswer(409, error("Different raw data with same id", "conflict"),
                post(News.json("id", "b")));
    }

    @Test
    void invalidDataSaysWhy() throws Exception {
        String md5 = News.md5("r");
        String[][] cases = {
            {"signature is not the md5 of raw", "{\"id\":\"i\",\"raw\":\"r\",\"signature\":\"x\"}"},
            {"id is missing", "{\"raw\":\"r\",\"signature\":\"" + md5 + "\"}"},
            {"raw is missing", "{\"id\":\"i\",\"signature\":\"" + md5 + "\"}"},
            {"signature is missing", "{\"id\":\"i\",\"raw\":\"r\"}"},
            {"id is empty", "{\"id\":\"\",\"raw\":\"r\",\"signature\":\"" + md5 + "\"}"},
            {"raw is empty", "{\"id\":\"i\",\"raw\":\"\",\"signature\":\"" + md5 + "\"}"},
            {"signature is empty", "{\"id\":\"i\",\"raw\":\"r\",\"signature\":\"\"}"},
            {"id has 257 bytes, the limit is 256", "{\"id\":\"" + "i".repeat(257)
                    + "\",\"raw\":\"r\",\"signature\":\"" + md5 + "\"}"},
            {"signature has 1025 bytes, the limit is 1024", "{\"id\":\"i\",\"raw\":\"r\","
                    + "\"signature\":\"" + "s".repeat(1_025) + "\"}"}};
        for (String[] each : cases) {
            assertAnswer(422, error("Invalid data: " + each[0], "invalid"), post(each[1]));
        }
        assertEquals("{\"data_list\":[]}", node.client.list());
    }

    @Test
    void unknownFieldsAreIgnoredAndTheClientSetsNoTimestamp() throws Exception {
        long before = System.currentTimeMillis();
        post("{\"timestamp\":5,\"more\":[{}],\"id\":\"i\",\"raw\":\"r\",\"signature\":\""
                + News.md5("r") + "\"}");
        long timestamp = node.node.storage().get("i").orElseThrow().timestamp();
        assertTrue(timestamp >= before && timestamp <= System.currentTimeMillis());
    }

    @Test
    void upperCaseSignaturesAreListedInLowerCase() throws Exception {
        post("{\"id\":\"i\",\"raw\":\"r\",\"signature\":\""
                + News.md5("r").toUpperCase(java.util.Locale.ROOT) + "\"}");
        assertTrue(node.client.list().contains(News.md5("r")));
    }

    @Test
    void bodiesOverTheLimitGet413WithoutBeingRead() throws Exception {
        String raw = "x".repeat(Data.MAX_RAW_BYTES);
        assertEquals(200, post(News.json("at", raw)).statusCode());
        HttpResponse<String> past = post(News.json("past", raw + "x"));
        assertAnswer(413, error("raw is longer than 1048576 bytes", "too_large"), past);
        int limit = Data.MAX_RAW_BYTES + 64 * 1024;
        byte[] twoMiB = new byte[2 << 20];
        try (RawHttp http = new RawHttp(node.port())) {
            RawHttp.Answer answer = http.post(twoMiB);
            assertEquals(413, answer.status());
            assertEquals(error("The body is longer than " + limit + " bytes", "too_large"),
                    answer.body());
            assertEquals("close", answer.header("Connection"));
            assertTrue(http.closed());
        }
        try (RawHttp http = new RawHttp(node.port())) {
            http.send("POST /postNewData HTTP/1.1\r\nHost: x\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 17; i++) {
                http.send("10000\r\n" + "x".repeat(65_536) + "\r\n");
            }
            http.send("1\r\nx\r\n");
            assertEquals(413, http.answer().status());
        }
    }

    @Test
    void aSmallerMaxrawBindsClients() throws Exception {
        try (TestNode small = TestNode.alone("-maxraw=10")) {
            assertEquals(200, small.client.send("POST", "/postNewData",
                    News.json("i", "0123456789")).statusCode());
            assertEquals(413, small.client.send("POST", "/postNewData",
                    News.json("j", "0123456789a")).statusCode());
        }
    }

    @Test
    void aFullStoreIsBusyAndNotReady() throws Exception {
        try (TestNode small = TestNode.alone("-maxbytes=16MiB")) {
            String raw = "x".repeat(1 << 17);
            HttpResponse<String> answer = null;
            for (int i = 0; i < 120; i++) {
                answer = small.client.send("POST", "/postNewData", News.json("i" + i, raw));
            }
            assertAnswer(503, error("The store is full", "busy"), answer);
            assertEquals("2", answer.headers().firstValue("Retry-After").orElse(""));
            // An idle connection of a refused client would take the place of another's.
            assertEquals("close", answer.headers().firstValue("Connection").orElse(""));
            assertEquals(503, small.client.send("GET", "/readyz", null).statusCode());
            assertTrue(small.client.send("GET", "/readyz", null).body()
                    .contains("the store is full"));
            assertEquals(200, small.client.send("GET", "/healthz", null).statusCode());
        }
    }

    private int origin(String host, String origin, String... more) throws Exception {
        try (RawHttp http = new RawHttp(node.port())) {
            StringBuilder head = new StringBuilder("POST /postNewData HTTP/1.1\r\nHost: " + host
                    + "\r\n");
            if (!origin.isEmpty()) {
                head.append("Origin: ").append(origin).append("\r\n");
            }
            for (String header : more) {
                head.append(header).append("\r\n");
            }
            http.send(head + "Content-Length: 2\r\n\r\n{}");
            RawHttp.Answer answer = http.answer();
            assertEquals(answer.status() == 403, answer.body().contains("\"code\":\"origin\""));
            return answer.status();
        }
    }

    @Test
    void pagesOfOtherOriginsCannotPost() throws Exception {
        int reached = 422;
        assertEquals(reached, origin("anything.example", ""), "curl sends no Origin");
        assertEquals(reached, origin("localhost:8080", "http://localhost:8080"));
        assertEquals(reached, origin("127.0.0.1:8080", "http://127.0.0.1:8080"));
        assertEquals(reached, origin("[::1]:8080", "http://[::1]:8080"));
        assertEquals(reached, origin("news.example", "https://NEWS.example"), "-host names it");
        assertEquals(403, origin("localhost:8080", "http://evil.example"));
        assertEquals(403, origin("localhost:8080", "http://localhost:9090"));
        assertEquals(403, origin("localhost:8080", "null"));
        assertEquals(403, origin("localhost:8080", ""
                , "Sec-Fetch-Site: cross-site"));
        assertEquals(reached, origin("localhost:8080", "", "Sec-Fetch-Site: same-origin"));
        // Rebinding: evil.example now resolves to 127.0.0.1, so both headers agree.
        assertEquals(403, origin("evil.example:8080", "http://evil.example:8080"));
        assertEquals(403, origin("1.2.3.4.evil.example", "http://1.2.3.4.evil.example"));
        assertEquals(403, origin("1.2.3.999", "http://1.2.3.999"));
        String self = java.net.InetAddress.getLocalHost().getHostName();
        assertEquals(reached, origin(self + ":8080", "http://" + self + ":8080"));
    }

    @Test
    void listsByGetAndPost() throws Exception {
        assertAnswer(200, "{\"data_list\":[]}",
                node.client.send("GET", "/listAllRecentData", null));
        post(News.json("i", "hello"));
        long timestamp = node.node.storage().get("i").orElseThrow().timestamp();
        String list = "{\"data_list\":[{\"id\":\"i\",\"raw\":\"hello\",\"signature\":\""
                + News.md5("hello") + "\",\"timestamp\":" + timestamp + "}]}";
        assertAnswer(200, list, node.client.send("GET", "/listAllRecentData", null));
        assertAnswer(200, list, node.client.send("POST", "/listAllRecentData", "{}"));
        HttpResponse<String> head = node.client.send("HEAD", "/listAllRecentData", null);
        assertEquals(list.length(), head.headers().firstValueAsLong("Content-Length").orElse(-1));
        assertEquals("", head.body());
    }

    @Test
    void longListsAreWhole() throws Exception {
        String raw = "é\\\"".repeat(9_000);
        for (int i = 0; i < 100; i++) {
            node.node.core().deliver(News.data("i" + i, raw, 0), bcast.eventbus.Source.CLIENT);
        }
        String list = node.client.list();
        assertEquals(100, node.client.count());
        int length = 0;
        for (Data data : node.node.core().listAllRecentData()) {
            length += new String(data.json(), StandardCharsets.UTF_8).length();
        }
        assertEquals(length + 99 + "{\"data_list\":[]}".length(), list.length());
    }

    @Test
    void oneRecordById() throws Exception {
        node.node.core().deliver(News.data("a b/ü&c", "r", 0), bcast.eventbus.Source.CLIENT);
        String record = new String(node.node.storage().get("a b/ü&c").orElseThrow().json(),
                StandardCharsets.UTF_8);
        assertAnswer(200, record, node.client.send("GET", "/data?id=a%20b%2F%C3%BC%26c", null));
        assertAnswer(200, record, node.client.send("GET", "/data?x=1&id=a+b/%c3%bc%26c", null));
        assertAnswer(404, error("No record with this id", "not_found"),
                node.client.send("GET", "/data?id=other", null));
        assertAnswer(404, error("No record with this id", "not_found"),
                node.client.send("GET", "/data?id=", null));
        assertAnswer(400, error("The query has no id", "malformed"),
                node.client.send("GET", "/data", null));
        assertAnswer(400, error("The query parameter \\\"id\\\" is not UTF-8 at byte 0",
                "malformed"), node.client.send("GET", "/data?id=%ff", null));
        try (RawHttp http = new RawHttp(node.port())) {
            assertEquals(record, http.send("GET /data?id=a+b/ü%26c HTTP/1.1\r\nHost: x\r\n\r\n")
                    .answer().body(), "UTF-8 without escapes");
        }
        assertEquals("", node.client.send("HEAD", "/data?id=a+b/%c3%bc%26c", null).body());
    }

    @Test
    void wrongMethodsAndPaths() throws Exception {
        HttpResponse<String> answer = node.client.send("DELETE", "/postNewData", null);
        assertAnswer(405, error("Use POST", "method"), answer);
        assertEquals("POST", answer.headers().firstValue("Allow").orElse(""));
        assertEquals("GET, HEAD, POST", node.client.send("PUT", "/listAllRecentData", "x")
                .headers().firstValue("Allow").orElse(""));
        assertEquals(405, node.client.send("POST", "/data?id=x", "x").statusCode());
        assertAnswer(404, error("No such path: /nothing", "not_found"),
                node.client.send("GET", "/nothing", null));
        assertEquals(404, node.client.send("POST", "/postNewData/", "x").statusCode());
    }

    @Test
    void healthAndReadiness() throws Exception {
        assertAnswer(200, "{\"status\":\"ok\"}", node.client.send("GET", "/healthz", null));
        bcast.testing.Await.until("a node without peers is ready after 2 s", 5,
                node.client::ready);
        assertAnswer(200, "{\"ready\":true}", node.client.send("GET", "/readyz", null));
        assertFalse(node.log.isEmpty());
    }

    @Test
    void aChunkOfALengthThatCannotBeClosesTheConnection() throws Exception {
        for (String type : new String[] {"text/plain", "application/x-ndjson"}) {
            try (RawHttp http = new RawHttp(node.port())) {
                http.send("POST /postNewData HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type
                        + "\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n{}\r\n0\r\n\r\n");
                assertTrue(http.closed());
            }
        }
        assertEquals(0, Measured.of(node.counters(), "bcast_http_faults_total"));
    }
}
