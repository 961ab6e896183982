package bcast.bench.durable;

import bcast.testing.NodeProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A node under load is killed by SIGKILL at moments of chance, some of them while it starts, and
 * started again on the same directory: it must have all that was acknowledged so far.
 */
public final class KillAndRestart implements Proof.Part {

    private static final int SHORTEST_LIFE_MS = 50;
    private static final int LONGEST_LIFE_MS = 400;
    /** One kill in so many is followed by another during the start. */
    private static final int STARTS = 8;
    private static final int LONGEST_START_MS = 800;

    private final String fsync;
    private final int kills;
    private final List<Double> restartMs = new ArrayList<>();

    public KillAndRestart(String fsync, int kills) {
        this.fsync = fsync;
        this.kills = kills;
    }

    @Override
    public void run(Proof proof) throws Exception {
        Random random = proof.random("kills " + fsync);
        Path dir = Proof.folder("kills-" + fsync);
        Book book = new Book();
        Load load = new Load(book, "id", random);
        int duringStarts = 0;
        for (int i = 0; i < kills; i++) {
            try (NodeProcess node = restart(dir)) {
                book.check(node.client());
                load.start(node.httpPort());
                pause(SHORTEST_LIFE_MS
                        + random.nextInt(LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
                node.signal("KILL");
                load.join();
            }
            if (random.nextInt(STARTS) == 0) {
                killWhileItStarts(dir, random.nextInt(LONGEST_START_MS));
                duringStarts++;
            }
        }
        try (NodeProcess node = restart(dir)) {
            book.check(node.client());
        }
        restartMs.sort(null);
        proof.row("kill -9 under load, -fsync=" + fsync, "kills", kills,
                "kills during the start", duringStarts, "acknowledged", book.size(),
                "lost", book.lost(), "wrong", book.wrong(),
                "restart ms median", restartMs.get(restartMs.size() / 2),
                "restart ms max", restartMs.get(restartMs.size() - 1));
        proof.require(book.size() > 0 && book.lost() == 0 && book.wrong() == 0, "-fsync=" + fsync
                + " lost what was acknowledged: " + book.examples());
    }

    private NodeProcess restart(Path dir) throws Exception {
        long began = System.nanoTime();
        NodeProcess node = Nodes.start(dir, fsync);
        restartMs.add((System.nanoTime() - began) / 1e6);
        return node;
    }

    private void killWhileItStarts(Path dir, int afterMs) throws Exception {
        Process process = new ProcessBuilder(Nodes.command("-datadir=" + dir, "-fsync=" + fsync))
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        pause(afterMs);
        process.destroyForcibly().waitFor();
    }

    private static void pause(int ms) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(ms));
    }
}
