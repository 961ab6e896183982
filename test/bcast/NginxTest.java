package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.EventReader;
import bcast.testing.Json;
import bcast.testing.News;
import bcast.testing.Nginx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node behind a real nginx. */
@Timeout(60)
final class NginxTest {

    private TestNode node;

    @BeforeEach
    void start() throws Exception {
        node = TestNode.alone();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    /** The documented configuration, with these ports. */
    private String documented(int port) {
        try {
            List<String> page = Files.readAllLines(Path.of("src/bcast/help/proxy.md"));
            int from = page.indexOf("    upstream bcast {");
            String config = page.stream().skip(from).takeWhile(line -> line.startsWith("    "))
                    .collect(Collectors.joining("\n", "", "\n"));
            return config.replace("127.0.0.1:8080", "127.0.0.1:" + node.port())
                    .replace("listen 80;", "listen 127.0.0.1:" + port + ";");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What nginx does by default. */
    private String plain(int port) {
        return "server { listen 127.0.0.1:" + port + "; location / { proxy_pass http://127.0.0.1:"
                + node.port() + "; } }\n";
    }

    private void eventsPassAtOnce(Nginx nginx) throws Exception {
        try (EventReader reader = new EventReader(nginx.port(), "")) {
            reader.next();
            for (int i = 0; i < 3; i++) {
                nginx.client().mustPost("event" + i, "small");
                assertEquals("event" + i, reader.next().field("id"));
            }
        }
    }

    @Test
    void eventsPassAtOnceWithTheDefaultsOfNginx() throws Exception {
        try (Nginx nginx = Nginx.start(this::plain)) {
            eventsPassAtOnce(nginx);
        }
    }

    @Test
    void eventsPassAtOnceWithTheDocumentedConfiguration() throws Exception {
        try (Nginx nginx = Nginx.start(this::documented)) {
            eventsPassAtOnce(nginx);
        }
    }

    @Test
    void postsBatchesAndListsPassWithTheDocumentedConfiguration() throws Exception {
        try (Nginx nginx = Nginx.start(this::documented)) {
            String large = "x".repeat(1 << 20);
            nginx.client().mustPost("large", large);
            String page = "http://127.0.0.1:" + nginx.port();
            assertEquals(200, nginx.client().send("POST", "/postNewData",
                    News.json("from a page", "raw"), "Origin", page).statusCode());
            int lines = 20_000;
            String batch = IntStream.range(0, lines).mapToObj(i -> News.json("line" + i, "raw"))
                    .collect(Collectors.joining("\n"));
            String sum = nginx.client().send("POST", "/postNewData?answer=errors", batch,
                    "Content-Type", "application/x-ndjson").body();
            assertTrue(sum.contains("\"accepted\":" + lines), sum);
            HttpResponse<String> list = nginx.client().send("GET", "/listAllRecentData", null);
            Map<?, ?> all = (Map<?, ?>) Json.parse(list.body());
            assertEquals(lines + 2, ((List<?>) all.get("data_list")).size());
            assertEquals(node.client.list(), list.body());
            String tag = list.headers().firstValue("ETag").orElseThrow();
            assertEquals(304, nginx.client().send("GET", "/listAllRecentData", null,
                    "If-None-Match", tag).statusCode());
        }
    }

    @Test
    void aConnectionThatLoadBalancersKeepIsKeptLonger() {
        assertEquals("75", System.getProperty("sun.net.httpserver.idleInterval"));
    }
}
