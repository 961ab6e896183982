package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.RawHttp;
import bcast.testing.TestClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bodies as they come from real clients: compressed, with trailers, unread, and slow. */
final class RequestBodiesTest {

    private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";
    private static final String GZIP = "Content-Encoding: gzip\r\n";
    private static final String NDJSON = "Content-Type: application/x-ndjson\r\n";
    private static final int ENVELOPE_BYTES = 64 * 1024;
    private static final int MAX_RAW_BYTES = 1 << 20;
    private static final int MAX_RATIO = 100;

    private static TestNode node;

    @BeforeAll
    static void start() throws Exception {
        node = TestNode.alone();
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static RawHttp.Answer post(byte[] body, String headers) throws IOException {
        try (RawHttp http = new RawHttp(node.port())) {
            http.send("POST /postNewData" + HOST + headers + "Content-Length: " + body.length
                    + "\r\n\r\n");
            try {
                http.send(body);
            } catch (IOException closed) {
                // The answer came before all was sent.
                return http.answer();
            }
            return http.answer();
        }
    }

    private static void assertGzip(int status, String msg, byte[] body) throws IOException {
        RawHttp.Answer answer = post(body, GZIP);
        assertEquals(status, answer.status(), answer.body());
        assertTrue(answer.body().contains(msg), answer.body());
    }

    // ---- gzip

    @Test
    void gzipIsDecoded() throws Exception {
        assertGzip(200, "ok", gzip(utf8(News.json("gzip", "raw"))));
        byte[] plain = utf8(News.json("gzip members", "raw"));
        assertGzip(200, "ok", join(gzip(Arrays.copyOf(plain, 10)),
                gzip(Arrays.copyOfRange(plain, 10, plain.length))));
    }

    @Test
    void gzipThatArrivesByteByByteIsDecodedWhole() throws Exception {
        byte[] plain = utf8(News.json("gzip slow", "raw"));
        byte[] body = join(gzip(Arrays.copyOf(plain, 10)),
                gzip(Arrays.copyOfRange(plain, 10, plain.length)));
        try (RawHttp http = new RawHttp(node.port())) {
            http.send("POST /postNewData" + HOST + GZIP + CHUNKED + "\r\n");
            for (byte each : body) {
                http.send(join(utf8("1\r\n"), new byte[] {each}, utf8("\r\n")));
            }
            assertEquals(200, http.send("0\r\n\r\n").answer().status());
        }
    }

    @Test
    void gzipHeadersMayHoldMore() throws Exception {
        byte[] plain = gzip(utf8(News.json("gzip header", "raw")));
        byte[] all = {0x1f, (byte) 0x8b, 8, 2 + 4 + 8 + 16, 0, 0, 0, 0, 0, 0, 3, 0, 1, 2, 3,
            'n', 'a', 'm', 'e', 0, 'c', 0, 1, 2};
        assertGzip(200, "ok", join(all, Arrays.copyOfRange(plain, 10, plain.length)));
    }

    @Test
    void brokenGzipIsMalformedAndTheConnectionGoesOn() throws Exception {
        byte[] good = gzip(utf8(News.json("gzip broken", "raw")));
        byte[] checksum = good.clone();
        checksum[good.length - 8] ^= 1;
        assertGzip(400, "wrong checksum", checksum);
        byte[] length = good.clone();
        length[good.length - 1] ^= 1;
        assertGzip(400, "wrong length", length);
        byte[] data = good.clone();
        data[10] = (byte) 0xff;
        assertGzip(400, "Malformed gzip body", data);
        byte[] flags = good.clone();
        flags[3] = (byte) 0x80;
        assertGzip(400, "unknown flags", flags);
        for (int cut = 1; cut < good.length; cut++) {
            assertGzip(400, "it ends early", Arrays.copyOf(good, cut));
        }
        assertGzip(400, "no gzip header", join(good, utf8("more")));
        assertGzip(400, "no gzip header", utf8("{\"id\":\"plain\"}"));
        try (RawHttp http = new RawHttp(node.port())) {
            assertEquals(400, http.post(checksum, "Content-Encoding: gzip").status());
            assertEquals(200, http.post(good, "Content-Encoding: gzip").status());
        }
    }

    @Test
    void unknownEncodingsAre415() throws Exception {
        for (String encoding : new String[] {"br", "gzip, gzip", "deflate"}) {
            RawHttp.Answer answer = post(utf8("x"), "Content-Encoding: " + encoding + "\r\n");
            assertEquals(415, answer.status());
            assertEquals("gzip", answer.header("Accept-Encoding"));
            answer = post(utf8("x"), NDJSON + "Content-Encoding: " + encoding + "\r\n");
            assertEquals(415, answer.status());
        }
    }

    @Test
    void gzipOfALargestRecordIsTakenAndOneByteMoreIsNot() throws Exception {
        String json = News.json("gzip large", "x".repeat(MAX_RAW_BYTES));
        int limit = MAX_RAW_BYTES + ENVELOPE_BYTES;
        assertGzip(200, "ok", gzip(utf8(json + " ".repeat(limit - json.length()))));
        assertGzip(413, "longer than", gzip(utf8(json + " ".repeat(limit + 1 - json.length()))));
    }

    @Test
    void batchesInGzipAreDecoded() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            lines.append(News.json("gzip line " + i, "raw " + i)).append('\n');
        }
        RawHttp.Answer answer = post(gzip(utf8(lines.toString())), NDJSON + GZIP);
        assertEquals(200, answer.status());
        assertEquals(10_000, answer.body().split("\"code\":\"ok\"", -1).length - 1);
    }

    @Test
    void aBatchMayDecodeTo100TimesItsLengthAndNotMore() throws Exception {
        int limit = MAX_RAW_BYTES + ENVELOPE_BYTES;
        byte[] fill = new byte[4 * limit];
        Arrays.fill(fill, (byte) '\n');
        // Shrinks to a thousandth; what is stored as it is makes up for it.
        byte[] small = gzip(fill);
        assertTrue(fill.length > limit + MAX_RATIO * small.length);
        RawHttp.Answer answer = post(small, NDJSON + GZIP);
        assertEquals(413, answer.status());
        assertTrue(answer.body().contains("100 times"), answer.body());
        byte[] noise = new byte[fill.length / MAX_RATIO];
        new Random(1).nextBytes(noise);
        for (int i = 0; i < noise.length; i++) {
            noise[i] = noise[i] == '\n' ? (byte) 'x' : noise[i];
        }
        answer = post(join(gzip(join(noise, utf8("\n"))), small), NDJSON + GZIP);
        assertEquals(200, answer.status(), answer.body());
    }

    // ---- trailers

    @Test
    void bodiesWithTrailersAreAnsweredAndTheConnectionIsClosed() throws Exception {
        for (int i = 0; i < 200; i++) {
            String json = News.json("trailers " + i, "raw");
            try (RawHttp http = new RawHttp(node.port())) {
                RawHttp.Answer answer = http.send("POST /postNewData" + HOST + CHUNKED
                        + "Trailer: Digest\r\n\r\n" + Integer.toHexString(json.length())
                        + "\r\n" + json + "\r\n0\r\nDigest: 1\r\nMore: 2\r\n\r\n").answer();
                assertEquals(200, answer.status());
                assertEquals("close", answer.header("Connection"));
                assertTrue(http.closed());
            }
        }
    }

    @Test
    void batchesWithTrailersAreAnswered() throws Exception {
        String json = News.json("batch with trailers", "raw") + "\n";
        try (RawHttp http = new RawHttp(node.port())) {
            RawHttp.Answer answer = http.send("POST /postNewData" + HOST + NDJSON + CHUNKED
                    + "\r\n" + Integer.toHexString(json.length()) + "\r\n" + json
                    + "\r\n0\r\nX: 1\r\n\r\n").answer();
            assertEquals(200, answer.status());
            assertTrue(answer.body().contains("\"ok\""), answer.body());
        }
    }

    /** Answers without a body, and those that are chunked themselves, whole. */
    @Test
    void requestsWhoseBodyNobodyReadsAreAnsweredInSpiteOfTrailers() throws Exception {
        node.client.post("with trailers", "raw");
        String etag = node.client.send("GET", "/listAllRecentData", null).headers()
                .firstValue("ETag").orElseThrow();
        String gzip = "Accept-Encoding: gzip\r\n";
        String[][] cases = {{"HEAD /healthz", "", "200"}, {"HEAD /nothing", "", "404"},
            {"HEAD /listAllRecentData", "", "200"}, {"HEAD /data?id=with%20trailers", "", "200"},
            {"GET /healthz", "", "200"}, {"DELETE /data", "", "405"}, {"OPTIONS /data", "", "405"},
            {"GET /listAllRecentData", "", "200"}, {"GET /listAllRecentData", gzip, "200"},
            {"GET /listAllRecentData?limit=1", "", "200"},
            {"GET /listAllRecentData", "If-None-Match: " + etag + "\r\n", "304"},
            {"POST /listAllRecentData?limit=1", "", "200"}, {"POST /healthz", "", "405"},
            {"POST /postNewData", NDJSON, "200"}};
        for (String[] each : cases) {
            for (String body : new String[] {"", "2\r\n\n\n\r\n"}) {
                String all = answerToTrailers(node.port(), each[0], each[1], body);
                String shown = String.join(" ", each) + ": " + all;
                assertTrue(all.startsWith("HTTP/1.1 " + each[2]), shown);
                assertTrue(all.contains("Connection: close"), shown);
                assertTrue(!all.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")
                        || all.endsWith("\r\n0\r\n\r\n"), shown);
            }
        }
    }

    @Test
    void preflightsAreAnsweredInSpiteOfTrailers() throws Exception {
        try (TestNode cors = TestNode.alone("-cors=*")) {
            String answer = answerToTrailers(cors.port(), "OPTIONS /data",
                    "Origin: https://news.example\r\n", "");
            assertTrue(answer.startsWith("HTTP/1.1 204"), answer);
        }
    }

    private static String answerToTrailers(int port, String request, String headers, String body)
            throws IOException {
        try (RawHttp http = new RawHttp(port)) {
            return http.send(request + HOST + headers + CHUNKED + "\r\n" + body
                    + "0\r\nX: 1\r\nMore: 2\r\n\r\n").rest();
        }
    }

    @Test
    void whatFollowsABrokenChunkIsNoBody() throws Exception {
        String json = News.json("smuggled", "raw");
        for (String broken : new String[] {"X0\r\n\r\n", "0\r\n\r\n", "X", "\r\nzz\r\n0\r\n\r\n"}) {
            try (RawHttp http = new RawHttp(node.port())) {
                assertTrue(http.send("POST /postNewData" + HOST + CHUNKED + "\r\n"
                        + Integer.toHexString(json.length()) + "\r\n" + json + broken).closed());
            }
        }
        assertFalse(node.client.list().contains("smuggled"));
    }

    // ---- answered before they are read

    @Test
    void unreadBodiesOf2MBNeverCostTheAnswer() throws Exception {
        byte[] body = new byte[2_000_000];
        for (String path : new String[] {"/healthz", "/nothing", "/postNewData",
            "/listAllRecentData"}) {
            int status = switch (path) {
                case "/healthz" -> 405;
                case "/nothing" -> 404;
                case "/postNewData" -> 413;
                default -> 200;
            };
            for (int i = 0; i < 50; i++) {
                try (RawHttp http = new RawHttp(node.port())) {
                    http.send("POST " + path + HOST + "Content-Length: " + body.length
                            + "\r\n\r\n").send(body);
                    assertEquals(status, http.answer().status());
                    assertTrue(http.closed());
                }
            }
        }
    }

    @Test
    void unreadChunkedBodiesNeverCostTheAnswer() throws Exception {
        byte[] chunk = join(utf8("10000\r\n"), new byte[65_536], utf8("\r\n"));
        for (int i = 0; i < 50; i++) {
            try (RawHttp http = new RawHttp(node.port())) {
                http.send("POST /healthz" + HOST + CHUNKED + "\r\n");
                for (int j = 0; j < 30; j++) {
                    http.send(chunk);
                }
                http.send("0\r\n\r\n");
                assertEquals(405, http.answer().status());
            }
        }
    }

    @Test
    void anUnreadBodyOf64KiBLeavesTheConnectionAndOneByteMoreClosesIt() throws Exception {
        try (RawHttp http = new RawHttp(node.port())) {
            for (int more = 0; more < 2; more++) {
                int length = 64 * 1024 + more;
                RawHttp.Answer answer = http.send("POST /healthz" + HOST + "Content-Length: "
                        + length + "\r\n\r\n").send(new byte[length]).answer();
                assertEquals(405, answer.status());
                assertEquals(more == 0 ? "" : "close", answer.header("Connection"));
            }
            assertTrue(http.closed());
        }
    }

    // ---- slow

    /**
     * A clock that counts its readers: a body reads it for each new deadline, before it waits for
     * its first byte and after each 16 KiB, and the watchdog for each look at all deadlines.
     */
    private static final class ReadClock implements Clock {
        private final TestClock clock = TestClock.running(0);
        private final AtomicInteger deadlines = new AtomicInteger();
        private final AtomicInteger looks = new AtomicInteger();

        @Override
        public long wallMs() {
            return clock.wallMs();
        }

        @Override
        public long steadyNs() {
            long now = clock.steadyNs();
            if (Thread.currentThread().getName().equals("http-watchdog")) {
                looks.incrementAndGet();
            } else if (StackWalker.getInstance().walk(frames -> frames.anyMatch(
                    frame -> frame.getClassName().equals("bcast.http.server.ClientBody")))) {
                deadlines.incrementAndGet();
            }
            return now;
        }

        void advance(long ms) {
            clock.advance(ms);
        }

        void awaitDeadlines(int number) throws Exception {
            Await.until(() -> deadlines + " deadlines of " + number, 20,
                    () -> deadlines.get() >= number);
        }

        /** Waits until the watchdog has begun one look and ended it. */
        void awaitLook() throws Exception {
            int before = looks.get();
            Await.until("the watchdog looks", 20, () -> looks.get() >= before + 2);
        }
    }

    @Test
    void aBodyMayTakeAnyTimeIfItComesAt16KiBEvery20s() throws Exception {
        ReadClock clock = new ReadClock();
        try (TestNode slow = new TestNode(clock, "-group=off");
                RawHttp http = new RawHttp(slow.port())) {
            byte[] body = utf8(News.json("slow", "x".repeat(60_000)));
            http.send("POST /postNewData" + HOST + "Content-Length: " + body.length
                    + "\r\n\r\n");
            int piece = 16 * 1024;
            for (int at = 0; at < body.length; at += piece) {
                http.send(Arrays.copyOfRange(body, at, Math.min(at + piece, body.length)));
                if (at + piece < body.length) {
                    clock.awaitDeadlines(2 + at / piece);
                    clock.advance(15_000);
                    clock.awaitLook();
                }
            }
            assertEquals(200, http.answer().status());
        }
    }

    @Test
    void aSlowerBodyIsAnsweredWith408AndClosed() throws Exception {
        for (String type : new String[] {"", NDJSON}) {
            ReadClock clock = new ReadClock();
            try (TestNode slow = new TestNode(clock, "-group=off");
                    RawHttp http = new RawHttp(slow.port())) {
                http.send("POST /postNewData" + HOST + type
                        + "Content-Length: 100000\r\n\r\n").send(new byte[16 * 1024 - 1]);
                clock.awaitDeadlines(1);
                clock.advance(20_300);
                RawHttp.Answer answer = http.answer();
                assertEquals(408, answer.status());
                assertTrue(answer.body().contains("\"code\":\"timeout\""), answer.body());
                assertTrue(http.closed());
            }
        }
    }

    @Test
    void aBodyThatCameInTimeIsNotTooSlowWhileItsRecordIsConfirmed() throws Exception {
        ReadClock clock = new ReadClock();
        try (TestNode slow = new TestNode(clock, "-group=off", "-ack=peer");
                RawHttp http = new RawHttp(slow.port())) {
            byte[] body = utf8(News.json("in time", "raw"));
            http.send("POST /postNewData" + HOST + "Content-Length: " + body.length
                    + "\r\n\r\n").send(Arrays.copyOf(body, 10));
            clock.awaitDeadlines(1);
            clock.advance(17_000);
            http.send(Arrays.copyOfRange(body, 10, body.length));
            Await.until("it is stored", 5, () -> slow.client.count() == 1);
            clock.advance(4_000);
            clock.awaitLook();
            clock.advance(2_000);
            // No peer confirms it, for lack of one.
            assertEquals(503, http.answer().status());
        }
    }
}
