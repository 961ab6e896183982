package bcast.bench.speed;

import bcast.bench.speed.Figure.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a million records take of the heap, and for how long collections stop a node. */
final class Memory implements Part {

    private static final int RECORDS = 1_000_000;
    private static final int BATCH = 100_000;
    private static final int CONNECTIONS = 8;
    private static final int POSTS_A_SECOND = 1_000;
    private static final int SECONDS = 40;
    private static final Path LOG = Path.of("build", "tmp", "bench", "gc.log");
    private static final Pattern PAUSE = Pattern.compile("Pause .* ([\\d.]+)ms$");

    @Override
    public String warmUp() {
        return "none for what is held; 1,000,000 records in batches before the pauses";
    }

    @Override
    public void run(Jdk jdk, Figures figures) throws Exception {
        Files.createDirectories(LOG.getParent());
        Files.deleteIfExists(LOG);
        try (Node node = Node.start(jdk.nodeWith("-Xlog:gc:file=" + LOG))) {
            Posts posts = new Posts();
            long empty = node.liveBytes(jdk);
            try (Http http = node.connect()) {
                for (int i = 0; i < RECORDS / BATCH; i++) {
                    http.send(posts.batch("/postNewData?answer=errors", BATCH), Http.Body.IGNORED);
                }
            }
            double each = (double) (node.liveBytes(jdk) - empty) / RECORDS;
            node.mustHold(RECORDS, RECORDS);
            figures.value("heap a record of " + Posts.RECORD_BYTES + " bytes", "B", Target.NONE,
                    each);
            figures.value("heap a byte of record", "", Target.atMost(2.0),
                    each / Posts.RECORD_BYTES);
            int before = Files.readAllLines(LOG).size();
            try (OpenLoop loop = new OpenLoop((id, ns) -> { }, CONNECTIONS, node.port())) {
                loop.run(POSTS_A_SECOND, SECONDS, () -> {
                    String id = posts.id();
                    return new OpenLoop.Request(id, Posts.request("/postNewData", id));
                });
            }
            long due = RECORDS + POSTS_A_SECOND * SECONDS;
            node.mustHold(due, due);
            double[] pauses = Files.readAllLines(LOG).stream().skip(before).map(PAUSE::matcher)
                    .filter(Matcher::find).mapToDouble(pause ->
                    Double.parseDouble(pause.group(1))).sorted().toArray();
            figures.value("GC pauses in " + SECONDS + " s at 1,000 posts/s", "", Target.NONE,
                    pauses.length);
            if (pauses.length > 0) {
                figures.value("GC pause, p99", "ms", Target.atMost(20),
                        pauses[(int) Math.ceil(pauses.length * 0.99) - 1]);
                figures.value("GC pause, median", "ms", Target.NONE,
                        Figure.median(Arrays.copyOf(pauses, pauses.length)));
            }
        }
    }
}
