package bcast.bench.durable;

import bcast.testing.Await;
import bcast.testing.NodeProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One of three nodes that keep news in memory only gets a SIGTERM right after many posts, or in the
 * middle of them: the others must have all that it acknowledged.
 */
public final class HandOver implements Proof.Part {

    private static final int POSTS = 10_000;
    private static final int TIMES = 3;
    private static final int LONGEST_LOAD_MS = 3_000;
    private static final double CONVERGE_S = 30;

    @Override
    public void run(Proof proof) throws Exception {
        Random random = proof.random("term");
        List<NodeProcess> nodes = new ArrayList<>();
        try {
            nodes.add(start(""));
            nodes.add(start(Nodes.peer(nodes.get(0))));
            for (int i = 0; i < TIMES; i++) {
                once(proof, nodes, new Load(new Book(), "all" + i + "-", random)
                        .limit(POSTS), -1);
                once(proof, nodes, new Load(new Book(), "batch" + i + "-", random)
                        .limit(POSTS).batches(POSTS), -1);
                once(proof, nodes, new Load(new Book(), "middle" + i + "-", random),
                        1 + random.nextInt(LONGEST_LOAD_MS));
            }
        } finally {
            nodes.forEach(NodeProcess::close);
        }
    }

    private static NodeProcess start(String peer) throws Exception {
        List<String> flags = new ArrayList<>(List.of("-cluster=term"));
        if (!peer.isEmpty()) {
            flags.add(peer);
        }
        return Nodes.start(flags.toArray(String[]::new));
    }

    /** Posts to a third node until the load ends, or for so many milliseconds, and stops it. */
    private void once(Proof proof, List<NodeProcess> others, Load load, int loadMs)
            throws Exception {
        try (NodeProcess node = start(Nodes.peer(others.get(0)))) {
            Nodes.linked(node, others.size());
            load.start(node.httpPort());
            if (loadMs < 0) {
                load.join();
            } else {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(loadMs));
            }
            long began = System.nanoTime();
            node.signal("TERM");
            int code = node.exit(20);
            double exitS = (System.nanoTime() - began) / 1e9;
            load.join();
            Book book = load.book();
            double allS = onAll(others, book, began);
            int lost = 0;
            for (NodeProcess other : others) {
                lost += book.missing(other.client());
            }
            proof.row(loadMs < 0 ? "SIGTERM right after posts" : "SIGTERM under load",
                    "acknowledged", book.size(), "seconds to exit", exitS,
                    "seconds until the others have all", allS, "lost", lost,
                    "wrong", book.wrong());
            proof.require(book.size() > 0 && lost == 0 && book.wrong() == 0 && code == 0,
                    "SIGTERM lost " + lost + " of " + book.size() + ": " + node.log());
        }
    }

    private static double onAll(List<NodeProcess> others, Book book, long began)
            throws Exception {
        try {
            for (NodeProcess other : others) {
                Await.until("the others have all", CONVERGE_S,
                        () -> book.missing(other.client()) == 0);
            }
        } catch (AssertionError late) {
            System.out.println(late.getMessage());
        }
        return (System.nanoTime() - began) / 1e9;
    }
}
