package bcast.bench.durable;

import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A node that starts on a day's journal: how long that takes, and in how much memory. */
public final class LongStart implements Proof.Part {

    private static final int BATCH = 10_000;
    private static final int ID_CHARS = 36;
    private static final int RAW_CHARS = 100;
    private static final int PROGRESS_EVERY = 100_000;
    private static final Pattern PAUSE = Pattern.compile("Pause .* (\\d+)M->(\\d+)M");

    private final int records;

    public LongStart(int records) {
        this.records = records;
    }

    @Override
    public void run(Proof proof) throws Exception {
        Path dir = Proof.folder("start/data");
        Path gc = dir.resolveSibling("gc.log");
        double postS = post(proof, dir);
        long began = System.nanoTime();
        try (NodeProcess node = NodeProcess.command(Nodes.command(List.of("-Xmx1g",
                "-Xlog:gc:file=" + gc), "-datadir=" + dir))) {
            double servesS = (System.nanoTime() - began) / 1e9;
            Await.until("the node is ready", 60, () -> node.client().ready());
            double readyS = (System.nanoTime() - began) / 1e9;
            long held = Nodes.metric(node, "bcast_records");
            long heap = Nodes.metric(node, "bcast_heap_used_bytes") >> 20;
            long progress = node.log().stream()
                    .filter(line -> line.contains("records read so far")).count();
            long bytes = bytes(dir);
            proof.row("start on a journal", "records", records, "records held", held,
                    "seconds until it serves", servesS, "until it is ready", readyS,
                    "peak heap MiB, garbage included", peak(gc, 1, heap),
                    "peak heap MiB after a collection", peak(gc, 2, 0),
                    "bytes on disk", bytes, "bytes a record", bytes / (double) records,
                    "lines of progress", progress, "records a second when posted",
                    Math.round(records / postS));
            proof.require(held == records, held + " records of " + records + " are there");
            proof.require(progress == records / PROGRESS_EVERY, progress + " lines of progress");
        }
    }

    /** Has a node write the journal. */
    private double post(Proof proof, Path dir) throws Exception {
        Random random = proof.random("start");
        AtomicLong kept = new AtomicLong();
        try (NodeProcess node = NodeProcess.command(Nodes.command(List.of("-Xmx1g"),
                "-datadir=" + dir)); Connection connection = new Connection(node.httpPort())) {
            long began = System.nanoTime();
            for (int i = 0; i < records; i += BATCH) {
                StringBuilder lines = new StringBuilder();
                for (int k = i; k < Math.min(i + BATCH, records); k++) {
                    lines.append(record(k, random)).append('\n');
                }
                connection.many(lines.toString(), answer -> kept.addAndGet(
                        answer.contains("\"code\":\"ok\"") ? 1 : 0));
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            proof.require(kept.get() == records, kept + " posts of " + records + " were taken");
            node.signal("TERM");
            proof.require(node.exit(10) == 0, "the node did not stop well");
            return seconds;
        }
    }

    private static String record(int number, Random random) {
        String raw = String.format(Locale.ROOT, "%016x", random.nextLong());
        return News.json(String.format(Locale.ROOT, "%0" + ID_CHARS + "d", number),
                raw + "x".repeat(RAW_CHARS - raw.length()));
    }

    private static long bytes(Path dir) throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    /** The largest of a column of the collector's log. */
    private static long peak(Path gc, int column, long least) throws IOException {
        long peak = least;
        for (String line : Files.readAllLines(gc)) {
            Matcher pause = PAUSE.matcher(line);
            peak = pause.find() ? Math.max(peak, Long.parseLong(pause.group(column))) : peak;
        }
        return peak;
    }
}
