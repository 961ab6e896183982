package bcast.http.posting;

import bcast.data.Text;
import bcast.http.server.Call;
import bcast.http.server.HttpError;
import bcast.http.server.MemoryBudget;
import bcast.http.server.ServerParts;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.ExecutorService;

/**
 * The floors of {@code make bench}: the JDK's server with the same threads and properties as ours,
 * and nothing behind it. {@code /post} reads a body and answers as a node does; {@code /batch} also
 * parses the lines and digests each raw, and stores nothing; {@code /list} answers a {@code GET}
 * with what was posted to it last.
 */
final class BareServer {

    private static final byte[] OK =
            "{\"result\":true,\"msg\":\"ok\"}".getBytes(StandardCharsets.UTF_8);
    private static final int MAX_LINE_BYTES = 1 << 20;

    private volatile byte[] list = {};

    private BareServer() {}

    public static void main(String[] args) throws Exception {
        ExecutorService threads = ServerParts.threads();
        HttpServer server = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_024);
        BareServer floor = new BareServer();
        server.setExecutor(threads);
        server.createContext("/post", floor::post);
        server.createContext("/batch", floor::batch);
        server.createContext("/list", floor::list);
        server.start();
        System.out.println("floor: clients at http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void post(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        answer(exchange, OK);
    }

    private void batch(HttpExchange exchange) throws IOException {
        InputStream in = exchange.getRequestBody();
        long[] count = new long[1];
        try {
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            LineReader lines = new LineReader(in::read, MemoryBudget.ofBodies(Long.MAX_VALUE).of(
                    exchange.getRemoteAddress().getAddress()), MAX_LINE_BYTES);
            Text[] raw = new Text[1];
            while (lines.next()) {
                LineReader.Line line = lines.line();
                new JsonReader(line.bytes(), line.from(), line.to()).object(
                        (name, value) -> {
                            Text text = value.text(name);
                            raw[0] = name.equals("raw") ? text : raw[0];
                        });
                md5.update(raw[0].bytes(), raw[0].from(), raw[0].size());
                count[0] += md5.digest().length / 16;
            }
        } catch (HttpError | NoSuchAlgorithmException e) {
            throw new IOException(e);
        }
        answer(exchange, ("{\"accepted\":" + count[0] + "}\n").getBytes(StandardCharsets.UTF_8));
    }

    private void list(HttpExchange exchange) throws IOException {
        if (exchange.getRequestMethod().equals("POST")) {
            list = exchange.getRequestBody().readAllBytes();
            answer(exchange, OK);
        } else {
            answer(exchange, list);
        }
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", Call.JSON);
        exchange.sendResponseHeaders(200, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            for (int at = 0; at < body.length; at += Call.MAX_WRITE_BYTES) {
                out.write(body, at, Math.min(Call.MAX_WRITE_BYTES, body.length - at));
            }
        }
    }
}
