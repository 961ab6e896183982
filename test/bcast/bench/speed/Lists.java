package bcast.bench.speed;

import bcast.bench.speed.Figure.Target;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** A list of 100,000 records, against the same bytes from one array. */
final class Lists implements Part {

    private static final int RECORDS = 100_000;
    private static final int WARM_UPS = 20;
    private static final int AT_ONCE = 10;
    private static final int POSTS_A_SECOND = 1_000;
    private static final int SECONDS = 2;
    private static final int CONNECTIONS = 8;

    @Override
    public String warmUp() {
        return WARM_UPS + " lists from each server";
    }

    @Override
    public void run(Jdk jdk, Figures figures) throws Exception {
        try (Node node = Node.start(jdk.node());
                Node floor = Node.floor(jdk.floor("bcast.http.posting.BareServer"))) {
            Posts posts = new Posts();
            try (Http http = node.connect()) {
                http.send(posts.batch("/postNewData?answer=errors", RECORDS), Http.Body.IGNORED);
            }
            copy(node, floor);
            rate(node, "/listAllRecentData", WARM_UPS);
            rate(floor, "/list", WARM_UPS);
            Pairs still = Pairs.of(() -> rate(node, "/listAllRecentData", AT_ONCE),
                    () -> rate(floor, "/list", AT_ONCE));
            figures.ratio("list of 100,000, unchanged", "1/s", still.ours, still.floor,
                    Target.atLeast(0.8));
            figures.value("allocated a list", "KiB", Target.NONE, allocated(node));
            Pairs moving = Pairs.of(() -> underPosts(node, node, "/listAllRecentData", posts),
                    () -> underPosts(floor, node, "/list", posts));
            figures.ratio("list of 100,000 under 1,000 posts/s", "1/s", moving.ours, moving.floor,
                    Target.atLeast(0.4));
            long due = RECORDS + 2L * Pairs.COUNT * POSTS_A_SECOND * SECONDS;
            node.mustHold(due, due);
        }
    }

    /** Gives the floor what the node lists. */
    private static void copy(Node node, Node floor) throws IOException {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        try (Http http = node.connect(); Http bare = floor.connect()) {
            http.get("/listAllRecentData", list::write);
            bare.send(Http.request("POST", "/list", "application/json", list.toByteArray()),
                    Http.Body.IGNORED);
        }
    }

    private static double rate(Node server, String path, int times) throws IOException {
        try (Http http = server.connect()) {
            long beganNs = System.nanoTime();
            long length = 0;
            for (int i = 0; i < times; i++) {
                long now = http.get(path, Http.Body.IGNORED);
                if (now < length) {
                    throw new AssertionError("a list became shorter");
                }
                length = now;
            }
            return times / ((System.nanoTime() - beganNs) / 1e9);
        }
    }

    /** The same while a node takes posts; that node is as busy whoever is asked for lists. */
    private static double underPosts(Node listed, Node posted, String path, Posts posts)
            throws Exception {
        Thread[] poster = new Thread[1];
        Throwable[] fault = new Throwable[1];
        double[] rate = new double[1];
        try (OpenLoop loop = new OpenLoop((id, ns) -> { }, CONNECTIONS, posted.port())) {
            poster[0] = new Thread(() -> {
                try {
                    loop.run(POSTS_A_SECOND, SECONDS, () -> {
                        String id = posts.id();
                        return new OpenLoop.Request(id, Posts.request("/postNewData", id));
                    });
                } catch (Exception e) {
                    fault[0] = e;
                }
            });
            poster[0].start();
            rate[0] = rate(listed, path, AT_ONCE);
            poster[0].join();
        }
        if (fault[0] != null) {
            throw new IOException("posts failed", fault[0]);
        }
        return rate[0];
    }

    /** Bytes of garbage a list, by what the heap grows while no collection comes between. */
    private static double allocated(Node node) throws Exception {
        double least = Double.MAX_VALUE;
        for (int i = 0; i < AT_ONCE; i++) {
            double before = node.metric("heap_used_bytes");
            rate(node, "/listAllRecentData", 1);
            double grown = node.metric("heap_used_bytes") - before;
            least = grown > 0 ? Math.min(least, grown) : least;
        }
        return least / 1_024;
    }
}
