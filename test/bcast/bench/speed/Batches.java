package bcast.bench.speed;

import bcast.bench.speed.Figure.Target;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Many records in one request, against the same reading and digests with nothing stored. */
final class Batches implements Part {

    private static final int RECORDS = 100_000;
    /** So many answers are held back until all is read, and so come with a length. */
    private static final int ANSWERED = 40_000;
    private static final int WARM_UPS = 12;
    private static final int AT_ONCE = 4;

    @Override
    public String warmUp() {
        return WARM_UPS + " batches of each kind to each server; none for the first request of all";
    }

    @Override
    public void run(Jdk jdk, Figures figures) throws Exception {
        try (Node node = Node.start(jdk.node());
                Node floor = Node.floor(jdk.floor("bcast.http.posting.BareServer"))) {
            Posts posts = new Posts();
            for (int i = 0; i < WARM_UPS; i++) {
                ours(node, posts, "?answer=errors", RECORDS);
                ours(node, posts, "", ANSWERED);
                bare(floor, posts);
            }
            Pairs pairs = Pairs.of(() -> several(() ->
                    ours(node, posts, "?answer=errors", RECORDS)),
                    () -> several(() -> bare(floor, posts)));
            figures.ratio("batch of 100,000, warm", "1/s", pairs.ours, pairs.floor,
                    Target.atLeast(0.5));
            figures.value("batch of 100,000, warm", "1/s", Target.atLeast(400_000), pairs.ours);
            double[] all = new double[Pairs.COUNT];
            for (int i = 0; i < all.length; i++) {
                all[i] = several(() -> ours(node, posts, "", ANSWERED));
            }
            figures.value("batch of 40,000, an answer to each", "1/s", Target.NONE, all);
            long due = (long) (WARM_UPS + Pairs.COUNT * AT_ONCE) * (RECORDS + ANSWERED);
            node.mustHold(due, due);
        }
        Pairs first = Pairs.of(() -> first(jdk), () -> firstFloor(jdk));
        figures.ratio("batch of 100,000, first request of all", "1/s", first.ours, first.floor,
                Target.NONE);
        figures.value("batch of 100,000, first request of all", "1/s", Target.atLeast(200_000),
                first.ours);
    }

    /** The rate of some batches one after another, since one alone may or may not meet a pause. */
    private static double several(Pairs.Measurement rate) throws Exception {
        double time = 0;
        for (int i = 0; i < AT_ONCE; i++) {
            time += 1 / rate.measure();
        }
        return AT_ONCE / time;
    }

    private static double first(Jdk jdk) throws Exception {
        try (Node node = Node.start(jdk.node())) {
            double rate = ours(node, new Posts(), "?answer=errors", RECORDS);
            node.mustHold(RECORDS, RECORDS);
            return rate;
        }
    }

    private static double firstFloor(Jdk jdk) throws Exception {
        try (Node floor = Node.floor(jdk.floor("bcast.http.posting.BareServer"))) {
            return bare(floor, new Posts());
        }
    }

    private static double ours(Node node, Posts posts, String query, int records)
            throws Exception {
        return rate(node, posts.batch("/postNewData" + query, records), records,
                query.isEmpty() ? "\"result\":true,\"msg\":\"ok\",\"code\":\"ok\"}\n"
                : "\"accepted\":" + records + ",\"exists\":0,\"failed\":0");
    }

    private static double bare(Node floor, Posts posts) throws Exception {
        return rate(floor, posts.batch("/batch", RECORDS), RECORDS, "\"accepted\":" + RECORDS);
    }

    private static double rate(Node server, byte[] request, int records, String wanted)
            throws Exception {
        try (Http http = server.connect()) {
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            long beganNs = System.nanoTime();
            http.send(request, answer::write);
            double seconds = (System.nanoTime() - beganNs) / 1e9;
            String text = answer.toString(StandardCharsets.UTF_8);
            if (!text.contains(wanted)) {
                throw new AssertionError(text);
            }
            return records / seconds;
        }
    }
}
