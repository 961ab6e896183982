package bcast.bench.durable;

import bcast.testing.Await;
import bcast.testing.Client;
import bcast.testing.NodeProcess;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A disk that fills up under load: posts are refused with the reason, everything can be read, and
 * once there is room posts are taken again by the same process. While the disk is full the node is
 * killed, and it starts on the full disk: it must have all that was acknowledged.
 */
public final class FullDisk implements Proof.Part {

    private static final int FILLERS = 4;
    private static final int FILLER_BYTES = 1 << 20;
    private static final long WHILE_FULL_NS = TimeUnit.MILLISECONDS.toNanos(1_500);

    private final String fsync;

    public FullDisk(String fsync) {
        this.fsync = fsync;
    }

    private static int command(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    @Override
    public void run(Proof proof) throws Exception {
        Path dir = Proof.folder("full-" + fsync);
        if (command("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", dir.toString()) != 0) {
            proof.row("disk full, -fsync=" + fsync, "skipped", "needs root to mount a disk");
            return;
        }
        try {
            mounted(proof, dir);
        } finally {
            proof.require(command("umount", "-l", dir.toString()) == 0, "cannot unmount " + dir);
        }
    }

    private void mounted(Proof proof, Path dir) throws Exception {
        List<Path> fillers = new ArrayList<>();
        for (int i = 0; i < FILLERS; i++) {
            fillers.add(Files.write(dir.resolve("filler" + i), new byte[FILLER_BYTES]));
        }
        Book book = new Book();
        Load load = new Load(book, "id", proof.random("full " + fsync));
        int untilFull;
        double slowestS = 0;
        try (NodeProcess node = Nodes.start(dir, fsync)) {
            load.start(node.httpPort());
            untilFull(load);
            untilFull = book.size();
            for (int i = 0; i < FILLERS - 1; i++) {
                proof.require(load.refusal().contains("cannot write to " + dir), load.refusal());
                reads(proof, node.client(), book);
                slowestS = Math.max(slowestS, makeRoom(fillers.get(i), book));
                untilFull(load);
            }
            node.signal("KILL");
            load.join();
        }
        try (NodeProcess node = Nodes.start(dir, fsync)) {
            reads(proof, node.client(), book);
            load.start(node.httpPort());
            untilFull(load);
            slowestS = Math.max(slowestS, makeRoom(fillers.get(FILLERS - 1), book));
            node.signal("KILL");
            load.join();
        }
        try (NodeProcess node = Nodes.start(dir, fsync)) {
            reads(proof, node.client(), book);
        }
        proof.row("disk full, -fsync=" + fsync, "acknowledged until full", untilFull,
                "times room was made", FILLERS, "refused", load.refused(),
                "seconds from room to the next taken, max", slowestS,
                "acknowledged in all", book.size(), "lost", book.lost(), "wrong", book.wrong());
        proof.require(book.lost() == 0 && book.wrong() == 0,
                "with a full disk " + book.examples() + " are gone");
    }

    /** Returns how many seconds it took until posts were taken again. */
    private static double makeRoom(Path filler, Book book) throws Exception {
        int before = book.size();
        long began = System.nanoTime();
        Files.delete(filler);
        Await.until("posts are taken again", 20, () -> book.size() > before);
        return (System.nanoTime() - began) / 1e9;
    }

    /** Waits until posts have only been refused for a while. */
    private static void untilFull(Load load) throws Exception {
        long[] since = {System.nanoTime(), load.book().size(), load.refused()};
        Await.until("the disk is full", 60, () -> {
            if (load.book().size() > since[1]) {
                since[0] = System.nanoTime();
                since[1] = load.book().size();
                since[2] = load.refused();
            }
            return System.nanoTime() - since[0] > WHILE_FULL_NS && load.refused() > since[2];
        });
    }

    /** A full disk keeps nobody from reading. */
    private static void reads(Proof proof, Client client, Book book) throws Exception {
        book.check(client);
        String id = book.times().keySet().iterator().next();
        HttpResponse<String> one = client.send("GET", "/data?id=" + id, null);
        proof.require(one.statusCode() == 200 && one.body().contains(Book.raw(id)), one.body());
        HttpResponse<String> live = client.send("GET", "/healthz", null);
        proof.require(live.statusCode() == 200, live.body());
    }
}
