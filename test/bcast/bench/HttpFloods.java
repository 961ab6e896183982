package bcast.bench;

import bcast.data.Data;
import bcast.testing.News;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;

/** What hostile clients do over HTTP; each is run by many threads, again and again. */
final class HttpFloods {

    private static final int CONNECTIONS = 4_000;
    private static final int HEADER_BYTES = 370 * 1024;
    /** Just so many that the node still waits for more. */
    private static final int ALLOWED_HEADER_BYTES = 16_000;
    private static final int HEADERS = 1_500;
    private static final int BODIES = 320;
    private static final int READERS = 1_536;
    private static final int LISTS = 512;
    private static final int PIPELINED = 400;

    /** All of it but the id, made once so that the flood costs little to make. */
    private static final byte[] LARGE_POST = ascii(News.json("", "y".repeat(Data.MAX_RAW_BYTES))
            .replace("{\"id\":\"\",", ""));

    private static final byte[] BOMB = bomb();

    private HttpFloods() {}

    private static byte[] bomb() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(LARGE_POST, 0, Data.MAX_RAW_BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // Without its end, so that the node waits for more.
        return Arrays.copyOf(out.toByteArray(), out.size() - 8);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** What one of a number of connections does once it is open. */
    private interface Begin {
        void begin(OutputStream out) throws IOException;
    }

    /** Opens this thread's part of some connections, and closes them after some seconds. */
    private static void hold(Floods.Attacker attacker, int connections, int seconds, Begin begin)
            throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < connections / Floods.THREADS && !attacker.over(); i++) {
                Socket socket = attacker.open(attacker.httpPort());
                sockets.add(socket);
                try {
                    begin.begin(socket.getOutputStream());
                } catch (IOException cut) {
                    // This one was refused; the others stay.
                    continue;
                }
            }
            long endNs = System.nanoTime() + attacker.random().nextInt(seconds * 1_000_000_000);
            while (!attacker.over() && System.nanoTime() < endNs) {
                LockSupport.parkNanos(10_000_000);
            }
        } finally {
            Floods.closeAll(sockets);
        }
    }

    static void post(Floods.Attacker attacker) throws Exception {
        try (Socket socket = attacker.open(attacker.httpPort())) {
            byte[] id = ascii("{\"id\":\"" + attacker.random().nextLong() + "\",");
            OutputStream out = socket.getOutputStream();
            out.write(ascii("POST /postNewData HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + "Content-Length: " + (id.length + LARGE_POST.length) + "\r\n\r\n"));
            out.write(id);
            out.write(LARGE_POST);
            socket.getInputStream().readAllBytes();
        }
    }

    /** Some are silent, some begin a request. */
    static void connect(Floods.Attacker attacker) throws Exception {
        Random random = attacker.random();
        hold(attacker, CONNECTIONS, 2, out -> {
            if (random.nextBoolean()) {
                out.write(ascii("POST /postNewData HTTP/1.1\r\nHo"
                        .substring(0, random.nextInt(30))));
            }
        });
    }

    /** Headers that do not end: of half of them more comes than the node reads. */
    static void headers(Floods.Attacker attacker) throws Exception {
        byte[] many = ascii("X: " + "x".repeat(HEADER_BYTES));
        Random random = attacker.random();
        hold(attacker, HEADERS, 2, out -> {
            out.write(ascii("GET / HTTP/1.1\r\n"));
            out.write(many, 0, random.nextBoolean() ? many.length : ALLOWED_HEADER_BYTES);
        });
    }

    /** Batches whose line is a few kilobytes of gzip and a megabyte decoded, without end. */
    static void gzip(Floods.Attacker attacker) throws Exception {
        hold(attacker, BODIES, 2, out -> {
            out.write(ascii("POST /postNewData HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n"
                    + "Content-Type: application/x-ndjson\r\nContent-Length: 1000000\r\n\r\n"));
            out.write(BOMB);
        });
    }

    /** Bodies that do not end. */
    static void bodies(Floods.Attacker attacker) throws Exception {
        hold(attacker, BODIES, 2, out -> {
            out.write(ascii("POST /postNewData HTTP/1.1\r\nHost: x\r\nContent-Length: "
                    + LARGE_POST.length + "\r\n\r\n"));
            out.write(LARGE_POST, 0, LARGE_POST.length - 1);
        });
    }

    /** Readers of events that read nothing, while news comes. */
    static void events(Floods.Attacker attacker) throws Exception {
        hold(attacker, READERS, 2, out -> out.write(
                ascii("GET /events?since=0 HTTP/1.1\r\nHost: x\r\n\r\n")));
    }

    /** Metrics and members, asked for again and again, and not read. */
    static void metrics(Floods.Attacker attacker) throws Exception {
        byte[] requests = ascii(("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
                + "GET /members HTTP/1.1\r\nHost: x\r\n\r\n").repeat(PIPELINED / 2));
        hold(attacker, LISTS, 2, out -> out.write(requests));
    }

    static void lists(Floods.Attacker attacker) throws Exception {
        readSlowly(attacker, "/listAllRecentData");
    }

    static void pages(Floods.Attacker attacker) throws Exception {
        readSlowly(attacker, "/listAllRecentData?limit=100000");
    }

    static void records(Floods.Attacker attacker) throws Exception {
        readSlowly(attacker, "/data?id=large0");
    }

    /** Half of them compressed, most read slowly, and some not at all. */
    private static void readSlowly(Floods.Attacker attacker, String path) throws Exception {
        Random random = attacker.random();
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < LISTS / Floods.THREADS && !attacker.over(); i++) {
                Socket socket = attacker.open(attacker.httpPort());
                sockets.add(socket);
                socket.getOutputStream().write(ascii("GET " + path + " HTTP/1.1\r\nHost: x\r\n"
                        + (random.nextBoolean() ? "Accept-Encoding: gzip\r\n" : "") + "\r\n"));
            }
            byte[] some = new byte[64 * 1024];
            for (int i = 0; i < 100 && !attacker.over(); i++) {
                Socket socket = sockets.get(random.nextInt(sockets.size()));
                if (socket.getInputStream().available() > 0) {
                    socket.getInputStream().read(some);
                }
                LockSupport.parkNanos(1_000_000L * random.nextInt(20));
            }
        } finally {
            Floods.closeAll(sockets);
        }
    }
}
