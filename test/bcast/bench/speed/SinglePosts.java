package bcast.bench.speed;

import bcast.bench.speed.Figure.Target;
import java.io.IOException;

/** Posts one by one on 32 kept connections, against a bare handler that reads and answers. */
final class SinglePosts implements Part {

    private static final int CONNECTIONS = 32;
    private static final int WARM_UP_S = 20;
    private static final int SECONDS = 4;
    private static final int OPEN_SECONDS = 4;

    @Override
    public void check() throws IOException {
        Wrk.check();
    }

    @Override
    public String warmUp() {
        return WARM_UP_S + " s of posts as fast as answers come, and "
                + OPEN_SECONDS + " s at the given rate, to each server";
    }

    @Override
    public void run(Jdk jdk, Figures figures) throws Exception {
        Wrk wrk = new Wrk(CONNECTIONS);
        Wrk floorWrk = new Wrk(CONNECTIONS);
        try (Node node = Node.start(jdk.node());
                Node floor = Node.floor(jdk.floor("bcast.http.posting.BareServer"))) {
            wrk.post(node.port(), "/postNewData", WARM_UP_S);
            floorWrk.post(floor.port(), "/post", WARM_UP_S);
            Pairs pairs = Pairs.of(() -> wrk.post(node.port(), "/postNewData", SECONDS),
                    () -> floorWrk.post(floor.port(), "/post", SECONDS));
            figures.ratio("posts, 32 connections", "1/s", pairs.ours, pairs.floor,
                    Target.atLeast(jdk.version().startsWith("17.") ? 0.90 : 0.85));
            // What was on its way when the time was over is stored but not counted by wrk.
            node.mustHold(wrk.requests(), wrk.requests()
                    + CONNECTIONS * (Pairs.COUNT + 1));
            double rate = Figure.median(pairs.floor) / 2;
            figures.value("half the floor's rate", "1/s", Target.NONE, rate);
            open(node, floor, rate, figures);
        }
    }

    private void open(Node node, Node floor, double rate, Figures figures) throws Exception {
        long before = node.records();
        try (OpenLoop ours = new OpenLoop((id, ns) -> { }, CONNECTIONS, node.port());
                OpenLoop bare = new OpenLoop((id, ns) -> { }, CONNECTIONS, floor.port())) {
            p99(ours, rate, "/postNewData");
            p99(bare, rate, "/post");
            Pairs pairs = Pairs.of(() -> p99(ours, rate, "/postNewData"),
                    () -> p99(bare, rate, "/post"));
            figures.ratio("posts, p99 at half the floor's rate", "ms", pairs.ours, pairs.floor,
                    Target.atMost(1.5));
        }
        long posted = (Pairs.COUNT + 1) * (long) (rate * OPEN_SECONDS);
        if (node.records() - before != posted) {
            throw new IOException(posted + " posted, " + (node.records() - before) + " held");
        }
    }

    private static double p99(OpenLoop loop, double rate, String path) throws Exception {
        Posts posts = new Posts();
        return OpenLoop.ms(loop.run(rate, OPEN_SECONDS, () -> {
            String id = posts.id();
            return new OpenLoop.Request(id, Posts.request(path, id));
        }), 99);
    }
}
