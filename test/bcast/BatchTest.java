package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.ChunkedBody;
import bcast.testing.News;
import bcast.testing.RawHttp;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many records in one post. */
final class BatchTest {

    private static final String NDJSON = "application/x-ndjson";
    private static final int MAX_HELD_BYTES = 4 * 1024 * 1024;

    private TestNode node;

    @BeforeEach
    void start() throws Exception {
        node = TestNode.alone("-maxraw=100");
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private String post(String query, String body) throws Exception {
        HttpResponse<String> answer = node.client.send("POST", "/postNewData" + query, body,
                "Content-Type", NDJSON);
        assertEquals(200, answer.statusCode());
        assertEquals(NDJSON, answer.headers().firstValue("Content-Type").orElse(""));
        return answer.body();
    }

    private static String answer(String id, boolean result, String msg, String code) {
        return "{\"id\":" + (id == null ? null : "\"" + id + "\"") + ",\"result\":" + result
                + ",\"msg\":\"" + msg + "\",\"code\":\"" + code + "\"}\n";
    }

    private static String failed(int line, String id, String msg, String code) {
        return "{\"line\":" + line + ",\"id\":" + (id == null ? null : "\"" + id + "\"")
                + ",\"msg\":\"" + msg + "\",\"code\":\"" + code + "\"}\n";
    }

    @Test
    void eachLineHasItsAnswerInOrder() throws Exception {
        String body = News.json("a", "1") + "\r\n" + "\n  \n" + News.json("a", "1") + "\n"
                + News.json("a", "2") + "\n{\"id\":\"b\"\n"
                + "{\"id\":\"c\",\"raw\":\"x\",\"signature\":\"0\"}\n"
                + News.json("d", "x".repeat(101)) + "\n[]\n"
                + "x".repeat(200_000) + "\n" + News.json("last", "no new line");
        String malformed = "Malformed JSON: expected an object at byte 0";
        String expected = answer("a", true, "ok", "ok")
                + answer("a", false, "Data exists", "exists")
                + answer("a", false, "Different raw data with same id", "conflict")
                + answer("b", false, "Malformed JSON: expected ',' but the body ends at byte 9",
                        "malformed")
                + answer("c", false, "Invalid data: signature is not the md5 of raw",
                        "invalid")
                + answer("d", false, "raw is longer than 100 bytes", "too_large")
                + answer(null, false, malformed, "malformed")
                + answer(null, false, "The line is longer than 65636 bytes", "too_large")
                + answer("last", true, "ok", "ok");
        assertEquals(expected, post("", body));
        assertEquals(2, node.client.count());
    }

    @Test
    void onlyErrorsAndASummary() throws Exception {
        String body = News.json("a", "1") + "\n\n" + News.json("a", "1") + "\nnull\n"
                + News.json("a", "2") + "\n" + News.json("b", "2") + "\n";
        assertEquals(failed(4, null, "Malformed JSON: expected an object at byte 0", "malformed")
                + failed(5, "a", "Different raw data with same id", "conflict")
                + "{\"lines\":5,\"accepted\":2,\"exists\":1,\"failed\":2}\n",
                post("?answer=errors", body));
        assertEquals("{\"lines\":0,\"accepted\":0,\"exists\":0,\"failed\":0}\n",
                post("?answer=errors", ""));
        assertEquals("", post("?answer=all", "\n"));
        assertEquals(400, node.client.send("POST", "/postNewData?answer=some", "",
                "Content-Type", NDJSON).statusCode());
    }

    @Test
    void aLongAnswerIsStreamedWhileTheRestIsRead() throws Exception {
        int count = 100_000;
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < count; i++) {
            body.append(News.json(String.format("%036d", i), "raw")).append('\n');
        }
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        try (Socket socket = new Socket("127.0.0.1", node.port())) {
            socket.setSoTimeout(20_000);
            Thread sender = new Thread(() -> {
                try {
                    socket.getOutputStream().write(("POST /postNewData HTTP/1.1\r\nHost: x\r\n"
                            + "Content-Type: " + NDJSON + "; charset=utf-8\r\nContent-Length: "
                            + bytes.length + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
                    socket.getOutputStream().write(bytes);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            sender.start();
            InputStream in = new BufferedInputStream(socket.getInputStream());
            String head = "";
            while (!head.endsWith("\r\n\r\n")) {
                head += (char) in.read();
            }
            assertTrue(head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked"), head);
            String[] answers = new String(new ChunkedBody(in).readAllBytes(),
                    StandardCharsets.UTF_8).split("\n");
            assertEquals(count, answers.length);
            for (int i = 0; i < count; i += 999) {
                assertEquals(answer(String.format("%036d", i), true, "ok", "ok"),
                        answers[i] + "\n");
            }
            sender.join();
        }
        assertEquals(count, node.node.storage().size());
    }

    @Test
    void anAnswerIsHeldUpToItsLimitAndStreamedBeyond() throws Exception {
        String pad = answer("", false, "raw is longer than 100 bytes", "too_large");
        String line = answer(null, false, "Malformed JSON: expected an object at byte 0",
                "malformed");
        int lines = (MAX_HELD_BYTES - pad.length()) / line.length();
        int rest = MAX_HELD_BYTES - pad.length() - lines * line.length();
        for (int more = 0; more <= 1; more++) {
            String body = "[]\n".repeat(lines) + News.json("x".repeat(rest + more),
                    "x".repeat(101));
            HttpResponse<String> answer = node.client.send("POST", "/postNewData", body,
                    "Content-Type", NDJSON);
            assertEquals(MAX_HELD_BYTES + more, answer.body().length());
            assertEquals(more == 0, answer.headers().firstValue("Content-Length").isPresent());
        }
    }

    @Test
    void aBodyThatBreaksOffLeavesWhatWasAccepted() throws Exception {
        try (RawHttp http = new RawHttp(node.port())) {
            http.send("POST /postNewData HTTP/1.1\r\nHost: x\r\nContent-Type: " + NDJSON
                    + "\r\nContent-Length: 100000\r\n\r\n" + News.json("a", "1") + "\n"
                    + News.json("half", "1").substring(0, 20));
        }
        Await.until("the whole line is accepted", 5, () -> node.client.count() == 1);
        assertTrue(node.client.list().contains("\"a\""));
    }

    /** Each of some ids twice, with an answer to each line. */
    private void postTwice(int ids, String between, String answerBetween) throws Exception {
        StringBuilder body = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < ids; i++) {
                String id = ids + "-" + i;
                body.append(News.json(id, "raw")).append('\n');
                expected.append(round == 0 ? answer(id, true, "ok", "ok")
                        : answer(id, false, "Data exists", "exists"));
            }
            if (round == 0) {
                body.append(between);
                expected.append(answerBetween);
            }
        }
        assertEquals(expected.toString(), post("", body.toString()));
    }

    @Test
    void blocksOfLinesAreStoredAndAnsweredInOrder() throws Exception {
        int held = 0;
        for (int ids : new int[] {63, 64, 255, 256, 257, 511, 512, 513, 1_500}) {
            postTwice(ids, "", "");
            held += ids;
            assertEquals(held, node.node.storage().size());
        }
    }

    @Test
    void aLargeLineIsStoredInItsPlace() throws Exception {
        String pad = ",\"pad\":\"" + "x".repeat(65_500) + "\"}\n";
        String first = News.json("700-699", "raw");
        String fresh = News.json("large", "raw");
        String other = News.json("700-699", "other");
        postTwice(700, first.substring(0, first.length() - 1) + pad
                + fresh.substring(0, fresh.length() - 1) + pad + fresh + "\n"
                + other.substring(0, other.length() - 1) + pad,
                answer("700-699", false, "Data exists", "exists")
                + answer("large", true, "ok", "ok")
                + answer("large", false, "Data exists", "exists")
                + answer("700-699", false, "Different raw data with same id", "conflict"));
    }

    @Test
    void theLastLineIsAnsweredHoweverLargeItIs() throws Exception {
        int lines = 600;
        String pad = ",\"pad\":\"" + "x".repeat(65_500) + "\"}";
        String[] ends = {"", "\n"};
        for (int i = 0; i < ends.length; i++) {
            StringBuilder body = new StringBuilder();
            for (int line = 0; line < lines; line++) {
                body.append(News.json(i + "-" + line, "raw")).append('\n');
            }
            String large = News.json("large" + i, "raw");
            large = large.substring(0, large.length() - 1) + pad + ends[i];
            assertEquals("{\"lines\":601,\"accepted\":601,\"exists\":0,\"failed\":0}\n",
                    post("?answer=errors", body + large));
            String again = post("", body + large);
            assertTrue(again.endsWith(answer("large" + i, false, "Data exists", "exists")));
            String tooLong = "x".repeat(200_000) + ends[i];
            assertTrue(post("", body + tooLong).endsWith(answer(null, false,
                    "The line is longer than 65636 bytes", "too_large")));
            assertEquals(failed(601, null, "The line is longer than 65636 bytes", "too_large")
                    + "{\"lines\":601,\"accepted\":0,\"exists\":600,\"failed\":1}\n",
                    post("?answer=errors", body + tooLong));
        }
    }

    @Test
    void whatHasComeIsStoredWhileTheRestIsWaitedFor() throws Exception {
        // 8 KiB is what the JDK's server reads at once: then nothing tells that no more has come.
        int line = 128;
        for (int bytes : new int[] {line, 8 * 1024, 700 * line, 64 * 1024}) {
            int held = node.client.count();
            StringBuilder body = new StringBuilder();
            for (int i = 0; i < bytes / line; i++) {
                String json = News.json(bytes + "-" + i, "raw");
                body.append(json).append(" ".repeat(line - 1 - json.length())).append('\n');
            }
            String last = News.json("last" + bytes, "1");
            try (RawHttp http = new RawHttp(node.port())) {
                http.send("POST /postNewData HTTP/1.1\r\nHost: x\r\nContent-Type: " + NDJSON
                        + "\r\nContent-Length: " + (body.length() + last.length())
                        + "\r\n\r\n");
                Await.until("the request is under way", 5, () -> node.client.send("GET",
                        "/metrics", null).body().contains("http_requests_in_progress 2"));
                http.send(body.toString());
                Await.until("all " + bytes + " bytes are stored", 5, () ->
                        node.client.count() == held + bytes / line);
                http.send(last);
                Await.until("all is stored", 5, () ->
                        node.client.count() == held + bytes / line + 1);
            }
        }
    }
}
