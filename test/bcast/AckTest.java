package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.core.Core;
import bcast.testing.Await;
import bcast.testing.News;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Posts that are answered when a peer has the record, too. */
final class AckTest {

    private static final String PEER = "-ack=peer";

    private static String at(TestNode node) {
        return "-peers=127.0.0.1:" + node.node.peers().port();
    }

    private static HttpResponse<String> post(TestNode node, String id) throws Exception {
        return node.client.send("POST", "/postNewData", News.json(id, "raw"));
    }

    @Test
    void whatIsAnsweredIsThere() throws Exception {
        try (TestNode a = TestNode.alone(PEER); TestNode b = TestNode.alone(PEER, at(a))) {
            Await.until("linked", 10, () -> b.node.peers().peers() == 1
                    && a.node.peers().peers() == 1);
            for (int i = 0; i < 500; i++) {
                TestNode from = i % 2 == 0 ? a : b;
                TestNode to = i % 2 == 0 ? b : a;
                assertEquals(200, post(from, "id" + i).statusCode());
                assertTrue(to.node.storage().get("id" + i).isPresent(), "id" + i);
            }
            assertEquals("{\"result\":false,\"msg\":\"Data exists\",\"code\":\"exists\"}",
                    post(a, "id0").body());
            assertEquals(0, a.counters().get(Core.UNCONFIRMED));
        }
    }

    @Test
    void soIsABatch() throws Exception {
        try (TestNode a = TestNode.alone(PEER); TestNode b = TestNode.alone(at(a))) {
            Await.until("linked", 10, () -> a.node.peers().peers() == 1);
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < 5_000; i++) {
                lines.append(News.json("id" + i, "raw")).append('\n');
            }
            String answer = a.client.send("POST", "/postNewData?answer=errors", lines.toString(),
                    "Content-Type", "application/x-ndjson").body();
            assertEquals("{\"lines\":5000,\"accepted\":5000,\"exists\":0,\"failed\":0}\n", answer);
            assertEquals(5_000, b.node.storage().size());
        }
    }

    @Test
    void postsAtOnceAreAnsweredAtOnce() throws Exception {
        try (TestNode a = TestNode.alone(PEER); TestNode b = TestNode.alone(at(a));
                TestNode c = TestNode.alone(at(a))) {
            Await.until("linked", 10, () -> a.node.peers().peers() == 2);
            ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int number = t;
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < 200; i++) {
                        // Half of them twice, by different clients at the same time.
                        String id = (number / 2) + "/" + i;
                        try {
                            if (post(a, id).statusCode() != 200
                                    || b.node.storage().get(id).isEmpty()
                                    && c.node.storage().get(id).isEmpty()) {
                                faults.add(id);
                            }
                        } catch (Exception e) {
                            faults.add(id + e);
                        }
                    }
                });
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), List.copyOf(faults));
        }
    }

    @Test
    void whoIsAloneSaysSoAndKeepsIt() throws Exception {
        try (TestNode a = TestNode.alone(PEER)) {
            HttpResponse<String> alone = post(a, "id");
            assertEquals(503, alone.statusCode());
            assertTrue(alone.body().contains("no linked peer confirmed it within 5 s"));
            assertTrue(alone.headers().firstValue("Retry-After").isPresent());
            assertEquals(1, a.client.count());
            assertEquals(1, a.counters().get(Core.UNCONFIRMED));
            try (TestNode b = TestNode.alone(at(a))) {
                Await.until("linked", 10, () -> a.node.peers().peers() == 1);
                assertEquals(200, post(a, "id").statusCode());
                assertTrue(b.node.storage().get("id").isPresent());
            }
        }
    }

    @Test
    void withoutItNobodyWaits() throws Exception {
        try (TestNode a = TestNode.alone()) {
            assertEquals(200, post(a, "id").statusCode());
            assertFalse(a.log.stream().anyMatch(line -> line.contains("confirmed")));
        }
    }
}
