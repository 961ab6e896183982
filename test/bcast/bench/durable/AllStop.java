package bcast.bench.durable;

import bcast.testing.Await;
import bcast.testing.NodeProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Three nodes that keep news on disk are all stopped at once while clients post to each of them.
 * Started again, each has at once what it acknowledged itself, and soon what any did.
 */
public final class AllStop implements Proof.Part {

    private static final int NODES = 3;
    private static final int LOAD_MS = 2_000;
    private static final double CONVERGE_S = 60;

    private final String signal;

    public AllStop(String signal) {
        this.signal = signal;
    }

    @Override
    public void run(Proof proof) throws Exception {
        Path dir = Proof.folder("all-" + signal);
        List<Book> books = new ArrayList<>();
        List<NodeProcess> nodes = start(dir);
        try {
            List<Load> loads = new ArrayList<>();
            for (NodeProcess node : nodes) {
                Nodes.linked(node, NODES - 1);
            }
            for (int i = 0; i < NODES; i++) {
                books.add(new Book());
                loads.add(new Load(books.get(i), "n" + i + "-",
                        proof.random("all " + signal + i)));
                loads.get(i).start(nodes.get(i).httpPort());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOAD_MS));
            for (NodeProcess node : nodes) {
                node.signal(signal);
            }
            for (int i = 0; i < NODES; i++) {
                nodes.get(i).exit(10);
                loads.get(i).join();
            }
        } finally {
            nodes.forEach(NodeProcess::close);
        }
        again(proof, dir, books);
    }

    private List<NodeProcess> start(Path dir) throws Exception {
        List<NodeProcess> nodes = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            nodes.add(Nodes.start("-cluster=all-" + signal, "-datadir=" + dir.resolve("n" + i),
                    i == 0 ? "-peers=" : Nodes.peer(nodes.get(0))));
        }
        return nodes;
    }

    private void again(Proof proof, Path dir, List<Book> books) throws Exception {
        Book all = new Book();
        books.forEach(all::addAll);
        int own = 0;
        List<NodeProcess> nodes = start(dir);
        long began = System.nanoTime();
        try {
            for (int i = 0; i < NODES; i++) {
                books.get(i).check(nodes.get(i).client());
                own += books.get(i).lost() + books.get(i).wrong();
            }
            double seconds = converged(nodes, all, began);
            for (NodeProcess node : nodes) {
                all.check(node.client());
            }
            proof.row("three nodes, all stopped by SIG" + signal, "acknowledged", all.size(),
                    "gone from the node that acknowledged", own, "lost", all.lost(),
                    "wrong", all.wrong(), "seconds until all have all", seconds);
        } finally {
            nodes.forEach(NodeProcess::close);
        }
        proof.require(all.size() > 0 && own == 0 && all.lost() == 0 && all.wrong() == 0,
                "after SIG" + signal + " to all nodes " + all.examples() + " are gone");
    }

    /** Waits until each node has all; what is missing then is counted by the caller. */
    private static double converged(List<NodeProcess> nodes, Book all, long began)
            throws Exception {
        try {
            for (NodeProcess node : nodes) {
                Await.until("a node has all", CONVERGE_S, () -> all.missing(node.client()) == 0);
            }
        } catch (AssertionError late) {
            System.out.println(late.getMessage());
        }
        return (System.nanoTime() - began) / 1e9;
    }
}
