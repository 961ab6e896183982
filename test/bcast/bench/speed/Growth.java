package bcast.bench.speed;

import bcast.bench.speed.Figure.Target;
import bcast.testing.Await;
import bcast.testing.EventReader;
import java.util.ArrayList;
import java.util.List;

/**
 * What posts, spreading, batches and lists cost with 10,000, 100,000 and 1,000,000 records held:
 * pairs of linked nodes side by side, asked by turns.
 */
final class Growth implements Part {

    private static final int[] SIZES = {10_000, 100_000, 1_000_000};
    private static final int FILL = 10_000;
    private static final int ROUNDS = 7;
    private static final int WARM_UPS = 4;
    private static final int POSTS = 400;
    private static final int BATCH = 1_000;
    private static final double MAX_GROWTH = 1.2;
    private static final double MAX_BATCH_GROWTH = 1.5;

    /** Two linked nodes that hold the same. */
    private static final class Two {
        private final int size;
        private final Node posted;
        private final Node peer;
        private final EventReader news;
        private final Http http;
        private final double[] post = new double[ROUNDS];
        private final double[] spread = new double[ROUNDS];
        private final double[] batch = new double[ROUNDS];
        private final double[] list = new double[ROUNDS];

        Two(Jdk jdk, int size, Posts posts) throws Exception {
            this.size = size;
            posted = Node.start(jdk.node());
            peer = Node.start(jdk.node("-peers=127.0.0.1:" + posted.clusterPort()));
            Await.until("both are linked", 20, () -> peer.metric("peers") == 1);
            try (Http filling = posted.connect()) {
                for (int i = 0; i < size / FILL; i++) {
                    filling.send(posts.batch("/postNewData?answer=errors", FILL),
                            Http.Body.IGNORED);
                }
            }
            peer.awaitRecords(size, 60);
            news = new EventReader(peer.port(), "");
            http = posted.connect();
        }

        void mustHoldAll() throws Exception {
            long due = size + (WARM_UPS + ROUNDS) * (POSTS + BATCH);
            posted.mustHold(due, due);
            peer.awaitRecords(due, 10);
            peer.mustHold(due, due);
        }

        void round(int number, Posts posts) throws Exception {
            double[] postMs = new double[POSTS];
            double[] spreadMs = new double[POSTS];
            for (int i = 0; i < POSTS; i++) {
                byte[] request = Posts.request("/postNewData", posts.id());
                long startNs = System.nanoTime();
                http.send(request, Http.Body.IGNORED);
                postMs[i] = (System.nanoTime() - startNs) / 1e6;
                news.next();
                spreadMs[i] = (System.nanoTime() - startNs) / 1e6;
            }
            byte[] request = posts.batch("/postNewData?answer=errors", BATCH);
            long startNs = System.nanoTime();
            http.send(request, Http.Body.IGNORED);
            double batchMs = (System.nanoTime() - startNs) / 1e6;
            for (int i = 0; i < BATCH; i++) {
                news.next();
            }
            startNs = System.nanoTime();
            http.get("/listAllRecentData", Http.Body.IGNORED);
            double listMs = (System.nanoTime() - startNs) / 1e6;
            if (number >= 0) {
                post[number] = Figure.median(postMs);
                spread[number] = Figure.median(spreadMs);
                batch[number] = batchMs;
                list[number] = listMs / posted.records() * 1e6;
            }
        }
    }

    @Override
    public String warmUp() {
        return WARM_UPS + " rounds, after the records held";
    }

    @Override
    public void run(Jdk jdk, Figures figures) throws Exception {
        Posts posts = new Posts();
        List<Two> all = new ArrayList<>();
        try {
            for (int size : SIZES) {
                all.add(new Two(jdk, size, posts));
            }
            for (int i = -WARM_UPS; i < ROUNDS; i++) {
                for (Two two : all) {
                    two.round(i, posts);
                }
            }
            for (Two two : all) {
                two.mustHoldAll();
            }
            Two small = all.get(0);
            for (Two two : all.subList(1, all.size())) {
                String held = String.format("%,d", two.size) + " held / 10,000";
                figures.ratio("post, " + held, "ms", two.post, small.post,
                        Target.atMost(MAX_GROWTH));
                figures.ratio("post and spread, " + held, "ms", two.spread, small.spread,
                        Target.atMost(MAX_GROWTH));
                figures.ratio("batch of 1,000, " + held, "ms", two.batch, small.batch,
                        Target.atMost(MAX_BATCH_GROWTH));
                figures.ratio("list, a record, " + held, "ns", two.list, small.list, Target.NONE);
            }
            figures.ratio("list, a record, 1,000,000 held / 100,000", "ns", all.get(2).list,
                    all.get(1).list, Target.atMost(MAX_GROWTH));
        } finally {
            for (Two two : all) {
                two.news.close();
                two.http.close();
                two.posted.close();
                two.peer.close();
            }
        }
    }
}
