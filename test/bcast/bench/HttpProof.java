package bcast.bench;

import bcast.testing.Await;
import bcast.testing.EventReader;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import bcast.testing.Report;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Large batches by three clients, and readers of events of which one stands still, against real
 * nodes. Fails if a record is missing or comes twice.
 */
final class HttpProof {

    private static final int EVENT_POSTS = 100_000;
    private static final long EVENT_POSTS_A_SECOND = 2_500;
    private static final Path FOLDER = Path.of("build", "tmp", "http");
    private static final String NDJSON = "application/x-ndjson";
    private static final Pattern HEAP = Pattern.compile("(?m)^bcast_heap_used_bytes (\\d+)$");
    private static final Pattern EVENT_ID = Pattern.compile("(?m)^id: (\\S+)$");

    private final int records;
    private final Path file = FOLDER.resolve("records.ndjson");
    private final Report report = new Report("http");

    private HttpProof(int records) {
        this.records = records;
    }

    public static void main(String[] args) throws Exception {
        HttpProof proof = new HttpProof(Integer.parseInt(args[0]));
        Files.createDirectories(FOLDER);
        proof.writeRecords();
        proof.batch("curl, all answers", false, proof::curl);
        proof.batch("curl, errors only", true, proof::curl);
        proof.batch("Java HttpClient, errors only", true, proof::java);
        proof.batch("Python http.client, errors only", true, proof::python);
        proof.clientThatReadsNothing();
        double alone = proof.events("two readers", false);
        double besides = proof.events("and one that stands still for 20 s", true);
        System.out.printf("delay p99 of the others: %.2f of that without it%n", besides / alone);
        proof.report.write();
    }

    private void writeRecords() throws IOException {
        String tail = "x".repeat(88);
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < records; i++) {
                out.write(News.json(String.format("%036d", i), String.format("%012d", i) + tail));
                out.write('\n');
            }
        }
    }

    private static NodeProcess node(String heap, String... flags) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), heap, "-jar",
                "build/bcast.jar", "-bind=127.0.0.1", "-httpport=0", "-group=off"));
        command.addAll(Arrays.asList(flags));
        return NodeProcess.command(command).ready();
    }

    // ---- batches

    /** Posts the file and returns the answers. */
    private interface Poster {
        Path post(String url) throws Exception;
    }

    private void batch(String what, boolean errorsOnly, Poster poster) throws Exception {
        try (NodeProcess node = node("-Xmx512m", "-maxbytes=400MiB")) {
            String url = "http://127.0.0.1:" + node.httpPort();
            long[] peak = new long[1];
            Thread watcher = new Thread(() -> watch(node, peak));
            watcher.start();
            long began = System.nanoTime();
            Path answers = poster.post(url + "/postNewData" + (errorsOnly ? "?answer=errors" : ""));
            double seconds = (System.nanoTime() - began) / 1e9;
            watcher.interrupt();
            watcher.join();
            checkAnswers(answers, errorsOnly);
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("what", what);
            row.put("records", records);
            row.put("seconds", Math.round(seconds * 100) / 100.0);
            row.put("records a second", Math.round(records / seconds));
            row.put("peak heap MiB, garbage included", peak[0] >> 20);
            row.put("list equals file", listEqualsFile(url));
            report.add(row);
        }
    }

    private static void watch(NodeProcess node, long[] peak) {
        try {
            while (!Thread.interrupted()) {
                Matcher heap = HEAP.matcher(node.client().send("GET", "/metrics", null).body());
                if (heap.find()) {
                    peak[0] = Math.max(peak[0], Long.parseLong(heap.group(1)));
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void checkAnswers(Path answers, boolean errorsOnly) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(answers)) {
            long lines = 0;
            String last = "";
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines++;
                last = line;
                require(errorsOnly || line.contains("\"code\":\"ok\""), line);
            }
            require(lines == (errorsOnly ? 1 : records), lines + " answers");
            require(!errorsOnly || last.equals("{\"lines\":" + records + ",\"accepted\":" + records
                    + ",\"exists\":0,\"failed\":0}"), last);
        }
    }

    private boolean listEqualsFile(String url) throws Exception {
        HttpResponse<InputStream> list = HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(URI.create(url + "/listAllRecentData"))
                        .header("Accept", NDJSON).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader listed = new BufferedReader(new java.io.InputStreamReader(
                list.body(), StandardCharsets.UTF_8));
                BufferedReader posted = Files.newBufferedReader(file)) {
            String line = listed.readLine();
            for (String expected = posted.readLine(); expected != null;
                    expected = posted.readLine()) {
                require(line != null && line.replaceFirst(",\"timestamp\":\\d+", "")
                        .equals(expected), line + " is listed, not " + expected);
                line = listed.readLine();
            }
            require(line == null, "more is listed");
        }
        return true;
    }

    private static Path run(Path answers, String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectOutput(answers.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        require(process.waitFor(300, TimeUnit.SECONDS), command[0] + " hangs");
        require(process.exitValue() == 0, command[0] + " failed");
        return answers;
    }

    private Path curl(String url) throws Exception {
        return run(FOLDER.resolve("curl.ndjson"), "curl", "-sS", "--fail", "-X", "POST", "-T",
                file.toString(), "-H", "Content-Type: " + NDJSON, url);
    }

    private Path java(String url) throws Exception {
        Path answers = FOLDER.resolve("java.ndjson");
        Files.deleteIfExists(answers);
        HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", NDJSON).POST(HttpRequest.BodyPublishers.ofFile(file))
                .build(), HttpResponse.BodyHandlers.ofFile(answers));
        return answers;
    }

    private Path python(String url) throws Exception {
        URI to = URI.create(url);
        return run(FOLDER.resolve("python.ndjson"), "python3", "-c", "import http.client, sys\n"
                + "node = http.client.HTTPConnection(sys.argv[1])\n"
                + "node.request('POST', sys.argv[2], open(sys.argv[3], 'rb'), "
                + "{'Content-Type': '" + NDJSON + "'})\n"
                + "sys.stdout.buffer.write(node.getresponse().read())\n",
                to.getAuthority(), to.getPath() + "?" + to.getQuery(), file.toString());
    }

    /** One that sends on and reads no answer is cut; what it had sent by then stays. */
    private void clientThatReadsNothing() throws Exception {
        try (NodeProcess node = node("-Xmx512m", "-maxbytes=400MiB");
                Socket socket = new Socket("127.0.0.1", node.httpPort());
                InputStream in = Files.newInputStream(file)) {
            long began = System.nanoTime();
            socket.getOutputStream().write(("POST /postNewData HTTP/1.1\r\nHost: x\r\n"
                    + "Content-Type: " + NDJSON + "\r\nContent-Length: " + Files.size(file)
                    + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            boolean cut = false;
            try {
                in.transferTo(socket.getOutputStream());
            } catch (IOException reset) {
                cut = true;
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            String metrics = node.client().send("GET", "/metrics", null).body();
            require(!cut || metrics.contains(
                    "bcast_http_clients_cut_total{reader=\"answer\"} 1\n"), "not counted");
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("what", "a client that reads nothing");
            row.put("cut", cut);
            row.put("seconds", Math.round(seconds * 100) / 100.0);
            row.put("accepted", Long.parseLong(find(metrics, "(?m)^bcast_records (\\d+)$")));
            report.add(row);
        }
    }

    private static String find(String text, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        require(found.find(), "no " + pattern);
        return found.group(1);
    }

    // ---- events

    /** One reader's view: which came, and how long after they were posted. */
    private static final class Seen {
        private final Set<String> ids = new HashSet<>();
        private final List<Long> delaysNs = new ArrayList<>();

        void event(EventReader.Event event, Map<String, Long> postedNs) {
            String id = event.field("id");
            require(ids.add(id), id + " came twice");
            delaysNs.add(System.nanoTime() - postedNs.get(id));
        }

        double p99Ms() {
            delaysNs.sort(null);
            return delaysNs.get(delaysNs.size() * 99 / 100) / 1e6;
        }
    }

    private double events(String what, boolean oneStands) throws Exception {
        try (NodeProcess node = node("-Xmx1g")) {
            Map<String, Long> postedNs = new ConcurrentHashMap<>();
            Seen[] seen = {new Seen(), new Seen()};
            List<Thread> readers = new ArrayList<>();
            for (Seen each : seen) {
                EventReader reader = new EventReader(node.httpPort(), "");
                reader.next();
                Thread thread = new Thread(() -> read(reader, each, postedNs));
                thread.start();
                readers.add(thread);
            }
            Path output = FOLDER.resolve("events.txt");
            Files.deleteIfExists(output);
            Process still = null;
            if (oneStands) {
                still = follow(node, output, "");
                Await.until("it follows", 10, () -> Files.size(output) > 0);
            }
            post(node, postedNs, still);
            for (Thread reader : readers) {
                reader.join();
            }
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("what", what);
            row.put("posts", EVENT_POSTS);
            row.put("p99 of the others, ms", Math.round(
                    Math.max(seen[0].p99Ms(), seen[1].p99Ms()) * 100) / 100.0);
            if (oneStands) {
                row.put("times cut", comeBackUntilAllIsSeen(node, still, output));
            }
            report.add(row);
            return Math.max(seen[0].p99Ms(), seen[1].p99Ms());
        }
    }

    private static void read(EventReader reader, Seen seen, Map<String, Long> postedNs) {
        try {
            while (seen.ids.size() < EVENT_POSTS) {
                seen.event(reader.next(), postedNs);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void signal(Process process, String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
    }

    /** Posts at a steady rate; a reader stands still from the second second on, for 20 s. */
    private static void post(NodeProcess node, Map<String, Long> postedNs, Process still)
            throws Exception {
        long begin = System.nanoTime();
        int lines = 25;
        boolean stopped = false;
        boolean goesOn = false;
        for (int i = 0; i < EVENT_POSTS; i += lines) {
            long due = begin + i * (1_000_000_000L / EVENT_POSTS_A_SECOND);
            LockSupport.parkNanos(due - System.nanoTime());
            double seconds = (System.nanoTime() - begin) / 1e9;
            if (still != null && !stopped && seconds > 2) {
                stopped = true;
                signal(still, "STOP");
            } else if (stopped && !goesOn && seconds > 22) {
                goesOn = true;
                signal(still, "CONT");
            }
            StringBuilder batch = new StringBuilder();
            for (int k = i; k < i + lines; k++) {
                batch.append(News.json("id" + k, "raw " + k + "x".repeat(80))).append('\n');
                postedNs.put("id" + k, System.nanoTime());
            }
            node.client().send("POST", "/postNewData?answer=errors", batch.toString(),
                    "Content-Type", NDJSON);
        }
    }

    private static Process follow(NodeProcess node, Path output, String last) throws Exception {
        return new ProcessBuilder("curl", "-sSN", "-H", "Last-Event-ID: " + last,
                "http://127.0.0.1:" + node.httpPort() + "/events")
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** Comes back whenever it was cut, until all is seen. Returns how often it was. */
    private static int comeBackUntilAllIsSeen(NodeProcess node, Process first, Path output)
            throws Exception {
        int cut = 0;
        Process reader = first;
        try {
            while (true) {
                Process now = reader;
                Await.until("it ends or has seen all", 60, () -> !now.isAlive()
                        || sawLast(output));
                String text = Files.readString(output);
                if (sawLast(output)) {
                    countEach(text);
                    return cut;
                }
                cut++;
                // An event that was cut in the middle does not count: its blank line is missing.
                Files.writeString(output, text.substring(0, text.lastIndexOf("\n\n") + 2));
                Matcher ids = EVENT_ID.matcher(Files.readString(output));
                String last = "";
                while (ids.find()) {
                    last = ids.group(1);
                }
                reader = follow(node, output, last);
            }
        } finally {
            reader.destroy();
        }
    }

    private static boolean sawLast(Path output) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(output.toFile(), "r")) {
            byte[] end = new byte[(int) Math.min(file.length(), 1_000)];
            file.seek(file.length() - end.length);
            file.readFully(end);
            return new String(end, StandardCharsets.UTF_8).matches(
                    "(?s).*\"id" + (EVENT_POSTS - 1) + "\".*\n\n.*");
        }
    }

    private static void countEach(String text) {
        Map<String, Integer> counts = new HashMap<>();
        Matcher ids = Pattern.compile("data: \\{\"id\":\"(id\\d+)\"").matcher(text);
        while (ids.find()) {
            counts.merge(ids.group(1), 1, Integer::sum);
        }
        for (int i = 0; i < EVENT_POSTS; i++) {
            require(counts.containsKey("id" + i), "id" + i + " was not seen");
        }
        require(counts.values().stream().allMatch(count -> count == 1), "some came twice");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
