package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.Measured;
import bcast.testing.News;
import bcast.testing.Nginx;
import bcast.testing.RawHttp;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients behind a real nginx that tells the node who they are, and the limit by address. */
@Timeout(90)
final class ReverseProxyTest {

    /** Half of all connections. */
    private static final int MOST_BY_ADDRESS = 1_024;

    /** What clients call themselves in headers that only a proxy may be believed. */
    private static final String FORGED = "X-Forwarded-For: 203.0.113.9\r\n"
            + "Forwarded: for=203.0.113.9\r\n";

    private static final int READERS = 500;
    private static final int SLOW_POSTS = 600;
    private static final String SLOW_POST =
            "POST /postNewData HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{";

    /** {@code Host} is rewritten, as nginx does by default. */
    private static Nginx nginx(TestNode node) throws Exception {
        return Nginx.start(port -> "server { listen 127.0.0.1:" + port + "; location / {\n"
                + "proxy_pass http://127.0.0.1:" + node.port() + "; proxy_http_version 1.1;\n"
                + "proxy_request_buffering off;\n"
                + "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; } }\n");
    }

    private static RawHttp.Answer send(int port, String from, String request) throws Exception {
        try (RawHttp http = new RawHttp(port, from)) {
            return http.send(request).answer();
        }
    }

    private static String get(String path, String headers) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
    }

    private static void logged(TestNode node, String line) throws Exception {
        Await.until("the access log has " + line, 5, () ->
                node.log.stream().anyMatch(each -> each.contains(line)));
    }

    @Test
    void theClientBehindNginxIsKnownAndCannotInventItsAddress() throws Exception {
        try (TestNode node = TestNode.alone("-trustproxy=127.0.0.1", "-accesslog");
                Nginx nginx = nginx(node)) {
            send(nginx.port(), "127.0.0.2", get("/data?id=one", ""));
            logged(node, " 127.0.0.2 \"GET /data?id=one\" 404");
            send(nginx.port(), "127.0.0.2", get("/data?id=two", FORGED));
            logged(node, " 127.0.0.2 \"GET /data?id=two\" 404");
            send(node.port(), "127.0.0.3", get("/data?id=three", FORGED));
            logged(node, " 127.0.0.3 \"GET /data?id=three\" 404");
            send(node.port(), "127.0.0.1", get("/data?id=four",
                    "Forwarded: for=\"[2001:db8::1]:4711\"\r\n"));
            logged(node, " 2001:db8:0:0:0:0:0:1 \"GET /data?id=four\" 404");
            send(node.port(), "127.0.0.1", get("/data?id=five", "X-Forwarded-For: unknown\r\n"));
            logged(node, " 127.0.0.1 \"GET /data?id=five\" 404");
            assertTrue(node.client.send("GET", "/metrics", null).body()
                    .contains("bcast_http_forwarded_unusable_total 1\n"));
        }
        try (TestNode node = TestNode.alone("-accesslog"); Nginx nginx = nginx(node)) {
            send(nginx.port(), "127.0.0.2", get("/data?id=one", ""));
            logged(node, " 127.0.0.1 \"GET /data?id=one\" 404");
        }
    }

    private static String post(String id, String more) {
        String body = News.json(id, "raw");
        return "POST /postNewData HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length()
                + "\r\n" + more + "\r\n" + body;
    }

    @Test
    void pagesPostThroughNginxThatRewritesHost() throws Exception {
        try (TestNode node = TestNode.alone("-host=news.example"); Nginx nginx = nginx(node)) {
            assertEquals(200, send(nginx.port(), "127.0.0.1", post("a",
                    "Origin: https://news.example\r\nSec-Fetch-Site: same-origin\r\n")).status());
            for (String origin : new String[] {"https://evil.example", "null",
                "http://127.0.0.1:" + nginx.port()}) {
                RawHttp.Answer answer = send(nginx.port(), "127.0.0.1", post("b",
                        "Origin: " + origin + "\r\n"));
                assertEquals(403, answer.status(), origin);
                assertTrue(answer.body().contains("-host"), answer.body());
            }
            assertEquals(1, node.client.count());
        }
    }

    /** Sends a request of each of some clients, by turns from 16 addresses. */
    private static void send(List<RawHttp> clients, int port, int number, String request)
            throws Exception {
        for (int i = 0; i < number; i++) {
            clients.add(new RawHttp(port, "127.0.1." + (1 + i % 16)).send(request));
        }
    }

    private static void close(List<RawHttp> all) throws Exception {
        for (RawHttp each : all) {
            each.close();
        }
    }

    private static void requestsInProgress(TestNode node, int atLeast) throws Exception {
        Await.until(atLeast + " requests are in progress", 30, () ->
                Measured.of(node.counters(), "bcast_http_requests_in_progress") >= atLeast);
    }

    @Test
    void readersAndSlowPostsBehindNginxCloseNoDoor() throws Exception {
        try (TestNode node = TestNode.alone("-trustproxy=127.0.0.1"); Nginx nginx = nginx(node)) {
            List<RawHttp> clients = new ArrayList<>();
            try {
                send(clients, nginx.port(), READERS, get("/events", ""));
                send(clients, nginx.port(), SLOW_POSTS, SLOW_POST);
                requestsInProgress(node, MOST_BY_ADDRESS);
                assertEquals(200, send(nginx.port(), "127.0.0.1", post("a", "")).status());
                assertEquals(200, send(nginx.port(), "127.0.0.1", get("/data?id=a", "")).status());
                probes(nginx.port());
            } finally {
                close(clients);
            }
        }
    }

    private static void probes(int port) throws Exception {
        for (String path : List.of("/healthz", "/metrics")) {
            assertEquals(200, send(port, "127.0.0.1", get(path, "")).status(), path);
        }
        assertTrue(send(port, "127.0.0.1", get("/readyz", "")).status() != 429);
    }

    @Test
    void oneAddressHasALimitThatProbesAreFreeOf() throws Exception {
        String origin = "Origin: https://news.example\r\n";
        try (TestNode node = TestNode.alone("-cors=https://news.example")) {
            List<RawHttp> slow = new ArrayList<>();
            try {
                for (int i = 0; i < MOST_BY_ADDRESS; i++) {
                    slow.add(new RawHttp(node.port()).send(SLOW_POST));
                }
                requestsInProgress(node, MOST_BY_ADDRESS);
                RawHttp.Answer refused = send(node.port(), "127.0.0.1", post("a", origin));
                assertEquals(429, refused.status());
                assertEquals("2", refused.header("Retry-After"));
                assertEquals("https://news.example",
                        refused.header("Access-Control-Allow-Origin"));
                assertEquals(204, send(node.port(), "127.0.0.1",
                        "OPTIONS /postNewData HTTP/1.1\r\nHost: x\r\n" + origin
                        + "Access-Control-Request-Method: POST\r\n\r\n").status());
                probes(node.port());
                assertEquals(429, send(node.port(), "127.0.0.1", get("/healthz",
                        "Content-Length: 9\r\n") + "slow body").status(), "this is no probe");
                assertEquals(200, send(node.port(), "127.0.0.2", post("a", "")).status());
            } finally {
                close(slow);
            }
        }
    }

    private static String forwarded(String address) {
        return "X-Forwarded-For: " + address + "\r\n";
    }

    @Test
    void oneNetworkOfIpv6HasTheLimitOfOneAddress() throws Exception {
        try (TestNode node = TestNode.alone("-trustproxy=127.0.0.1", "-accesslog")) {
            List<RawHttp> slow = new ArrayList<>();
            try {
                for (int i = 0; i < MOST_BY_ADDRESS; i++) {
                    slow.add(new RawHttp(node.port()).send(SLOW_POST.replace("Host: x\r\n",
                            "Host: x\r\n" + forwarded(String.format("2001:db8:0:1::%x", i)))));
                }
                requestsInProgress(node, MOST_BY_ADDRESS);
                assertEquals(429, send(node.port(), "127.0.0.1",
                        post("a", forwarded("2001:db8:0:1:ffff:ffff:ffff:ffff"))).status());
                logged(node, " 2001:db8:0:1:ffff:ffff:ffff:ffff \"POST /postNewData\" 429");
                assertEquals(200, send(node.port(), "127.0.0.1",
                        post("a", forwarded("2001:db8:0:2::1"))).status());
            } finally {
                close(slow);
            }
        }
    }
}
