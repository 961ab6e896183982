package bcast.fuzz;

import bcast.base.Log;
import bcast.testing.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Requests mutated at the level of bytes, against a real node. A case is a connection: some
 * requests, each sent when the one before was answered, or when there was no answer for a moment;
 * then the end of the client's bytes. All that comes back must be answers as HTTP allows them, none
 * of them 500, and then the end.
 */
final class HttpFuzz implements Cases.Case {

    /** Most of their time they wait for an answer that does not come. */
    private static final int THREADS = 16;
    private static final int MAX_REQUESTS = 12;
    private static final int MOMENT_MS = 40;
    /** Deadlines of a node for a client are 10 and 20 s; without more bytes it is done at once. */
    private static final int END_MS = 25_000;
    private static final int PIECE = 16 * 1024;
    private static final byte[] EVENTS = "text/event-stream".getBytes(StandardCharsets.US_ASCII);

    private final Cases cases;
    private final int wanted;
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong noAnswer = new AtomicLong();
    private final AtomicLong cut = new AtomicLong();
    private final AtomicLongArray statuses = new AtomicLongArray(600);
    private int port;

    HttpFuzz(Cases cases, int wanted) {
        this.cases = cases;
        this.wanted = wanted;
    }

    /** Runs all cases. Returns the row of the report. */
    Map<String, Object> run() throws Exception {
        Map<String, Object> row = new LinkedHashMap<>();
        try (Vitals vitals = new Vitals("fuzz-http", "-maxbytes=16MiB",
                "-trustproxy=127.0.0.0/8")) {
            port = vitals.node.httpPort();
            allPathsAreAskedFor(vitals);
            long connections = cases.run("http", this, THREADS, vitals);
            row.put("what", "HTTP port of a real node");
            row.put("seed", cases.seed());
            row.put("mutated requests", requests.get());
            row.put("connections", connections);
            for (int status = 0; status < statuses.length(); status++) {
                if (statuses.get(status) > 0) {
                    row.put("answers " + status, statuses.get(status));
                }
            }
            row.put("connections without an answer", noAnswer.get());
            row.put("last answers cut off", cut.get());
            vitals.calm(row);
            vitals.node.client().mustPost("after all", "it works");
            vitals.check();
            if (Vitals.metric(vitals.metrics(), "bcast_http_faults_total") > 0) {
                throw new AssertionError("faults are counted");
            }
        }
        return row;
    }

    private static void allPathsAreAskedFor(Vitals vitals) throws Exception {
        Map<?, ?> document = (Map<?, ?>) Json.parse(
                vitals.node.client().send("GET", "/openapi.json", null).body());
        Set<String> served = new TreeSet<>();
        ((Map<?, ?>) document.get("paths")).keySet().forEach(path -> served.add("" + path));
        served.removeAll(new Requests(new Random(0)).paths());
        if (!served.isEmpty()) {
            throw new AssertionError("no request to " + served + "; add some to Requests");
        }
    }

    @Override
    public boolean more() {
        return requests.get() < wanted;
    }

    @Override
    public void run(Random random) throws IOException {
        Requests genuine = new Requests(random);
        Mutator mutator = new Mutator(random, Requests.WORDS);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setTcpNoDelay(true);
            boolean ended = false;
            for (int i = 1 + random.nextInt(MAX_REQUESTS); i > 0 && !ended; i--) {
                byte[] request = random.nextInt(20) > 0 ? genuine.spoiled(mutator)
                        : mutator.mutate(genuine.several(), genuine.next());
                requests.incrementAndGet();
                sent.writeBytes(request);
                socket.getOutputStream().write(request);
                ended = answered(socket, got);
            }
            if (!ended) {
                socket.shutdownOutput();
                untilTheEnd(socket, got);
            }
        } catch (ConnectException gone) {
            throw gone;
        } catch (SocketException reset) {
            // The node closed the connection with some of the request unread.
        }
        judge(sent.toByteArray(), got.toByteArray());
    }

    /** Reads an answer, or what there is of it after a moment. Returns whether it is the end. */
    private static boolean answered(Socket socket, ByteArrayOutputStream got) throws IOException {
        byte[] piece = new byte[PIECE];
        int from = got.size();
        socket.setSoTimeout(MOMENT_MS);
        try {
            while (true) {
                int read = socket.getInputStream().read(piece);
                if (read < 0 || indexOf(piece, read, EVENTS) >= 0) {
                    return true;
                }
                got.write(piece, 0, read);
                byte[] answer = Arrays.copyOfRange(got.toByteArray(), from, got.size());
                Optional<Answers.Found> found = Answers.read(answer, false);
                if (found.isEmpty() || !found.get().cut()) {
                    return false;
                }
            }
        } catch (SocketTimeoutException later) {
            return false;
        }
    }

    private static int indexOf(byte[] bytes, int length, byte[] part) {
        for (int at = 0; at + part.length <= length; at++) {
            if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        return -1;
    }

    private static void untilTheEnd(Socket socket, ByteArrayOutputStream got)
            throws IOException {
        socket.setSoTimeout(END_MS);
        InputStream in = socket.getInputStream();
        byte[] piece = new byte[PIECE];
        for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
            if (indexOf(piece, read, EVENTS) >= 0) {
                return;
            }
            got.write(piece, 0, read);
        }
    }

    private void judge(byte[] sent, byte[] got) {
        boolean head = new String(sent, StandardCharsets.ISO_8859_1).contains("HEAD ");
        Answers.Found found = Answers.read(got, head).orElseThrow(() ->
                new AssertionError("no answer as HTTP has them: " + printed(got) + " to "
                        + printed(sent)));
        if (found.statuses().contains(500)) {
            throw new AssertionError("500: " + printed(got) + " to " + printed(sent));
        }
        found.statuses().forEach(statuses::incrementAndGet);
        if (found.statuses().isEmpty()) {
            noAnswer.incrementAndGet();
        }
        if (found.cut()) {
            cut.incrementAndGet();
        }
    }

    private static String printed(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return Log.printable(text.length() > 1_900 ? text.substring(0, 900) + " ... "
                + text.substring(text.length() - 900) : text);
    }
}
