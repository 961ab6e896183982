package bcast.fuzz;

import bcast.testing.News;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Genuine requests to all that a node serves, as bytes. */
final class Requests {

    /** What is worth inserting in the middle of a request. */
    static final String[] WORDS = {"\r\n", "\r\n\r\n", "\n", "\r", ":", " ", "\u0000", "%00",
        "%", "%ff", "%zz", "&", "=", "?", "#", "//", "/../", "*", "\"", "{", "}", "[", "]",
        "\\", "\\u0000", "\\ud800", "\ud83d", "\u00ff\u00fe", "\u00ed\u00a0\u0080", "-1", "1e999",
        "9223372036854775808", "99999999999999999999", "0x10", "Transfer-Encoding: chunked\r\n",
        "Content-Length: 0\r\n", "Content-Length: -1\r\n", "Content-Length: 9999999999\r\n",
        "Content-Length: 5\r\n", "Expect: 100-continue\r\n", "Connection: close\r\n",
        "Connection: upgrade\r\nUpgrade: websocket\r\n", "Host: a:b:c\r\n", "Origin: null\r\n",
        "Origin: http://[::1\r\n", "Content-Type: application/x-ndjson\r\n",
        "Accept-Encoding: gzip\r\n", "Last-Event-ID: 1\r\n", "HTTP/1.0", "HTTP/9.9", "0\r\n\r\n",
        "ffffffff\r\n", "7fffffffffffffff\r\n", "-1\r\n", "after=", "limit=", "since="};

    private static final int FEW_IDS = 50;

    private final Random random;
    private final List<Request> all = new ArrayList<>();

    private record Request(String method, String target, String headers, Optional<byte[]> body,
            boolean chunked) {

        byte[] bytes() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            write(bytes, method + " " + target + " HTTP/1.1\r\n" + headers);
            if (body.isEmpty()) {
                write(bytes, "\r\n");
            } else if (chunked) {
                int half = body.get().length / 2;
                write(bytes, "Transfer-Encoding: chunked\r\n\r\n");
                chunk(bytes, 0, half);
                chunk(bytes, half, body.get().length);
                write(bytes, "0\r\n\r\n");
            } else {
                write(bytes, "Content-Length: " + body.get().length + "\r\n\r\n");
                bytes.writeBytes(body.get());
            }
            return bytes.toByteArray();
        }

        private void chunk(ByteArrayOutputStream bytes, int from, int to) {
            if (to > from) {
                write(bytes, Integer.toHexString(to - from) + "\r\n");
                bytes.write(body.orElseThrow(), from, to - from);
                write(bytes, "\r\n");
            }
        }

        private static void write(ByteArrayOutputStream bytes, String text) {
            bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Requests by chance. */
    Requests(Random random) {
        this.random = random;
        String json = "Content-Type: application/json\r\n";
        String lines = "Content-Type: application/x-ndjson\r\n";
        post("/postNewData", json, record());
        post("/postNewData", "", "{\"id\":\"\\u00e9\\ud83d\\ude00\",\"raw\":\"\u00e9\\n\\\"\","
                + "\"signature\":\"00\",\"more\":[1,-2.5e3,true,null,{\"a\":[[]]}]}");
        post("/postNewData", "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n",
                record());
        post("/postNewData", lines, record() + "\n\n" + record() + "\r\n" + record());
        post("/postNewData?answer=errors", lines, record() + "\n{\"id\":\"b\"}\n" + record());
        chunked("/postNewData", json, record());
        chunked("/postNewData", lines, record() + "\n" + record() + "\n");
        post("/listAllRecentData", "", "");
        get("GET", "/listAllRecentData?limit=3");
        get("GET", "/listAllRecentData?since=1700000000000");
        get("GET", "/listAllRecentData?limit=2&after=0-0", "Accept: application/x-ndjson");
        get("GET", "/listAllRecentData?limit=5", "Accept-Encoding: gzip, deflate;q=0.5");
        get("HEAD", "/listAllRecentData", "If-None-Match: \"a\", W/\"b\", *");
        get("GET", "/data?id=id1");
        get("GET", "/data?id=id2", "X-Forwarded-For: 192.0.2.1, 127.0.0.1, [2001:db8::1]:4711");
        get("GET", "/data?id=id3", "Forwarded: for=\"[2001:db8::1]:_x\";by=_y, for=127.0.0.1");
        get("GET", "/data?id=%C3%A9%F0%9F%98%80+%20");
        get("GET", "/events", "Accept: text/event-stream");
        get("GET", "/events?since=1700000000000", "Last-Event-ID: 0-0");
        get("HEAD", "/events?after=1-1");
        get("GET", "/members");
        get("GET", "/metrics", "Accept: text/plain");
        get("GET", "/openapi.json", "Accept-Encoding: gzip");
        get("GET", "/", "Accept-Encoding: gzip", "If-None-Match: \"x\"");
        get("HEAD", "/");
        get("GET", "/healthz");
        get("GET", "/readyz");
        get("OPTIONS", "/postNewData", "Origin: http://a.example",
                "Access-Control-Request-Method: POST");
        get("DELETE", "/data?id=id1");
        get("GET", "/nothing");
    }

    private String record() {
        String raw = "raw " + random.nextInt(4);
        return News.json("id" + random.nextInt(FEW_IDS), raw);
    }

    private void get(String method, String target, String... headers) {
        StringBuilder lines = new StringBuilder("Host: localhost\r\n");
        for (String header : headers) {
            lines.append(header).append("\r\n");
        }
        all.add(new Request(method, target, lines.toString(), Optional.empty(), false));
    }

    private void post(String target, String headers, String body) {
        all.add(new Request("POST", target, "Host: localhost\r\n" + headers,
                Optional.of(body.getBytes(StandardCharsets.UTF_8)), false));
    }

    private void chunked(String target, String headers, String body) {
        all.add(new Request("POST", target, "Host: localhost\r\n" + headers,
                Optional.of(body.getBytes(StandardCharsets.UTF_8)), true));
    }

    private Request any() {
        return all.get(random.nextInt(all.size()));
    }

    /** One of them. */
    byte[] next() {
        return any().bytes();
    }

    /** Spoils one: its bytes as they come; or its query or its body alone, the rest as it was. */
    byte[] spoiled(Mutator mutator) {
        Request request = any();
        int query = request.target.indexOf('=');
        if (request.body.isPresent() && random.nextBoolean()) {
            byte[] other = record().getBytes(StandardCharsets.UTF_8);
            return new Request(request.method, request.target, request.headers,
                    Optional.of(mutator.mutate(request.body.get(), other)), request.chunked)
                    .bytes();
        }
        if (query > 0 && random.nextBoolean()) {
            byte[] value = request.target.substring(query + 1).getBytes(StandardCharsets.UTF_8);
            return new Request(request.method, request.target.substring(0, query + 1)
                    + encoded(mutator.mutate(value, value)), request.headers, request.body,
                    request.chunked).bytes();
        }
        return mutator.mutate(request.bytes(), next());
    }

    /** Bytes as they may stand in a query; a percent sign may begin something broken. */
    private static String encoded(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte each : bytes) {
            boolean plain = each >= '0' && each <= '9' || each >= 'a' && each <= 'z'
                    || "ABCDEF+-.&=".indexOf(each) >= 0;
            text.append(plain ? "" + (char) each : String.format(Locale.ROOT, "%%%02x", each));
        }
        return text.toString();
    }

    /** Several behind each other. */
    byte[] several() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 2 + random.nextInt(2); i > 0; i--) {
            bytes.writeBytes(next());
        }
        return bytes.toByteArray();
    }

    /** The paths that they ask for. */
    Set<String> paths() {
        Set<String> paths = new TreeSet<>();
        all.forEach(each -> paths.add(each.target.replaceAll("\\?.*", "")));
        return paths;
    }
}
