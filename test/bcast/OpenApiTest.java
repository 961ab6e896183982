package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.data.Data;
import bcast.eventbus.Source;
import bcast.http.HttpModule;
import bcast.testing.Await;
import bcast.testing.EventReader;
import bcast.testing.Json;
import bcast.testing.News;
import bcast.testing.Schema;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Walks the OpenAPI document against a running node: neither may know more than the other. */
final class OpenApiTest {

    /** Documented, but nothing that a test can cause at will. */
    private static final Set<String> NOT_WALKED = Set.of("get /members 503",
            "post /postNewData 401", "post /postNewData 408", "post /postNewData 429",
            "get /listAllRecentData 429",
            "post /listAllRecentData 429", "get /listAllRecentData 503",
            "post /listAllRecentData 503", "get /data 429", "get /events 429",
            "get / 503", "get /data 503", "get /events 503", "get /metrics 503",
            "get /openapi.json 503");

    private static final String GROUP = "-group=239.255.77.79:47779";

    private Map<?, ?> document;
    private TestNode node;
    private final Set<String> walked = new TreeSet<>();

    private static Object at(Object value, String... path) {
        Object found = value;
        for (String step : path) {
            found = ((Map<?, ?>) found).get(step);
        }
        return found;
    }

    /** Sends a request; its answer must be as the document says. */
    private HttpResponse<String> walk(int status, String method, String target, String body,
            String... headers) throws Exception {
        HttpResponse<String> answer = node.client.send(method, target, body, headers);
        String path = target.replaceAll("\\?.*", "");
        String name = method.toLowerCase(Locale.ROOT) + " " + path;
        assertEquals(status, answer.statusCode(), name + ": " + answer.body());
        check(name, path, method.toLowerCase(Locale.ROOT), status,
                answer.headers().firstValue("Content-Type").orElse(""), answer.body());
        return answer;
    }

    private void check(String name, String path, String method, int status, String type,
            String body) {
        Map<?, ?> responses = (Map<?, ?>) at(document, "paths", path, method, "responses");
        String key = responses.containsKey("" + status) ? "" + status : status / 100 + "XX";
        assertTrue(responses.containsKey(key), name + " may not answer " + status);
        walked.add(name + " " + key);
        Map<?, ?> content = (Map<?, ?>) at(responses, key, "content");
        if (content == null) {
            assertEquals("", body);
            return;
        }
        assertTrue(content.containsKey(type), name + " answers " + type);
        Object schema = at(content, type, "schema");
        Schema schemas = new Schema(document);
        if (type.equals("application/json")) {
            schemas.check(schema, Json.parse(body), name);
        } else if (type.equals("application/x-ndjson")) {
            body.lines().forEach(line -> schemas.check(schema, Json.parse(line), name));
        }
    }

    @Test
    void serverAndDocumentAgree() throws Exception {
        node = new TestNode(Clock.system(), "-maxbytes=16MiB", GROUP);
        try (TestNode started = node) {
            document = (Map<?, ?>) Json.parse(
                    started.client.send("GET", "/openapi.json", null).body());
            Await.until("ready", 5, started.client::ready);
            news();
            others();
            everyPathAndMethodIsDocumented();
            // Last, since it is full from then on.
            fill();
            walk(503, "POST", "/postNewData", News.json("more", "x".repeat(100_000)));
            walk(503, "GET", "/readyz", null);
        }
        Set<String> documented = new TreeSet<>();
        ((Map<?, ?>) document.get("paths")).forEach((path, methods) ->
                ((Map<?, ?>) methods).forEach((method, operation) ->
                        ((Map<?, ?>) at(operation, "responses")).keySet().forEach(status ->
                                documented.add(method + " " + path + " " + status))));
        documented.removeAll(walked);
        documented.removeAll(NOT_WALKED);
        documented.removeIf(each -> each.endsWith("4XX"));
        assertEquals(Set.of(), documented, "documented, but never seen");
    }

    private void news() throws Exception {
        String ndjson = "application/x-ndjson";
        walk(200, "POST", "/postNewData", News.json("a", "raw"));
        walk(200, "POST", "/postNewData", News.json("a", "raw"));
        walk(400, "POST", "/postNewData", "[]");
        walk(403, "POST", "/postNewData", "{}", "Origin", "http://evil.example");
        walk(409, "POST", "/postNewData", News.json("a", "other"));
        walk(413, "POST", "/postNewData", News.json("b", "x".repeat(Data.MAX_RAW_BYTES + 1)));
        walk(415, "POST", "/postNewData", "{}", "Content-Encoding", "br");
        walk(422, "POST", "/postNewData", "{\"id\":\"b\"}");
        String lines = News.json("b", "raw") + "\n" + News.json("a", "raw") + "\n[]\n";
        walk(200, "POST", "/postNewData", lines, "Content-Type", ndjson);
        walk(200, "POST", "/postNewData?answer=errors", lines, "Content-Type", ndjson);
        for (String method : List.of("GET", "POST")) {
            walk(200, method, "/listAllRecentData", null);
            walk(200, method, "/listAllRecentData", null, "Accept", ndjson);
            walk(200, method, "/listAllRecentData?since=1&limit=1", null);
            walk(400, method, "/listAllRecentData?limit=0", null);
            walk(410, method, "/listAllRecentData?after=other-1", null);
        }
        String tag = walk(200, "GET", "/listAllRecentData", null).headers()
                .firstValue("ETag").orElseThrow();
        walk(304, "GET", "/listAllRecentData", null, "If-None-Match", tag);
        walk(200, "GET", "/data?id=a", null);
        walk(400, "GET", "/data", null);
        walk(404, "GET", "/data?id=none", null);
    }

    private void others() throws Exception {
        walk(200, "GET", "/", null);
        walk(200, "GET", "/healthz", null);
        walk(200, "GET", "/readyz", null);
        walk(200, "GET", "/members", null);
        walk(200, "GET", "/metrics", null);
        walk(200, "GET", "/openapi.json", null);
        walk(400, "GET", "/events?since=x", null);
        try (EventReader reader = new EventReader(node.port(), "")) {
            check("get /events", "/events", "get", reader.status(),
                    reader.header("Content-Type"), reader.next().data());
        }
        try (TestNode other = new TestNode(Clock.system(), GROUP)) {
            Await.until("a member", 10, () ->
                    node.client.send("GET", "/members", null).body().contains("neighbour"));
            walk(200, "GET", "/members", null);
            other.client.send("GET", "/members", null);
        }
    }

    private void everyPathAndMethodIsDocumented() throws Exception {
        Map<?, ?> paths = (Map<?, ?>) document.get("paths");
        assertEquals(paths.keySet(), ((HttpModule) node.node.http()).paths());
        for (Object path : paths.keySet()) {
            Set<String> methods = new TreeSet<>();
            ((Map<?, ?>) paths.get(path)).keySet().forEach(method ->
                    methods.add(((String) method).toUpperCase(Locale.ROOT)));
            if (methods.contains("GET")) {
                methods.add("HEAD");
            }
            HttpResponse<String> refused = node.client.send("DELETE", (String) path, null);
            assertEquals(405, refused.statusCode());
            assertEquals(String.join(", ", methods),
                    refused.headers().firstValue("Allow").orElse(""));
        }
    }

    private void fill() {
        String raw = "x".repeat(100_000);
        for (int i = 0; node.node.core().problems().isEmpty(); i++) {
            node.node.core().deliver(News.data("fill" + i, raw, 0), Source.CLIENT);
        }
    }
}
