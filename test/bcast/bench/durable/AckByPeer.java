package bcast.bench.durable;

import bcast.testing.Await;
import bcast.testing.NodeProcess;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * With {@code -ack=peer} an answer means that a second node has the record: one of three nodes is
 * killed by SIGKILL right after each acknowledged post, and others under load at moments of chance;
 * the two that stay must have all. As a measure, what is lost with {@code -ack=local}, which
 * promises nothing here. Left out by a jar that does not know the flag.
 */
public final class AckByPeer implements Proof.Part {

    private static final Pattern FLAG = Pattern.compile("(?m)^  -ack\\b");
    /** Nodes that are started while others are killed. */
    private static final int AHEAD = 2;
    /** Longer than the interval, after which nodes compare all they have. */
    private static final double HAVE_S = 25;
    private static final double HAVE_LOCAL_S = 5;

    private static final int SHORTEST_LOAD_MS = 20;
    private static final int LONGEST_LOAD_MS = 300;
    /** So many kills after one post for each under load. */
    private static final int SINGLE = 10;

    private final String ack;
    private final int posts;
    private final double haveS;
    private final List<NodeProcess> others = new ArrayList<>();
    private final Deque<Future<NodeProcess>> ahead = new ArrayDeque<>();
    private final ExecutorService starter = Executors.newFixedThreadPool(AHEAD);
    private final Book book = new Book();
    private final List<Double> answerMs = new ArrayList<>();
    private int later;

    /** So many posts, each the last that its node answers, and a tenth as many lives under load. */
    public AckByPeer(String ack, int posts) {
        this.ack = ack;
        this.posts = posts;
        this.haveS = ack.equals("local") ? HAVE_LOCAL_S : HAVE_S;
    }

    private static boolean known() throws Exception {
        Process help = new ProcessBuilder(Nodes.command("-help")).start();
        String text = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return help.waitFor() == 0 && FLAG.matcher(text).find();
    }

    @Override
    public void run(Proof proof) throws Exception {
        if (!known()) {
            starter.shutdown();
            proof.row("kill -9, -ack=" + ack, "skipped", "this jar has no -ack");
            return;
        }
        Random random = proof.random("ack");
        Book loaded = new Book();
        Load load = new Load(loaded, "load", random);
        int lives = posts / SINGLE;
        try {
            others.add(start("-peers="));
            others.add(start(Nodes.peer(others.get(0))));
            startAhead();
            for (int i = 0; i < posts; i++) {
                once("id" + i);
            }
            for (int i = 0; i < lives; i++) {
                underLoad(load, SHORTEST_LOAD_MS
                        + random.nextInt(LONGEST_LOAD_MS - SHORTEST_LOAD_MS));
            }
            check(book);
            check(loaded);
        } finally {
            end();
        }
        answerMs.sort(null);
        String how = ", -ack=" + ack + (ack.equals("local") ? ", which promises nothing" : "");
        proof.row("kill -9 right after each post" + how, "kills", posts,
                "acknowledged", book.size(), "lost", book.lost(), "wrong", book.wrong(),
                "on neither of the others at once", later,
                "answer ms median", answerMs.get(posts / 2),
                "answer ms max", answerMs.get(posts - 1));
        proof.row("kill -9 under load" + how, "kills", lives, "acknowledged",
                loaded.size(), "lost", loaded.lost(), "wrong", loaded.wrong());
        proof.require(ack.equals("local") || book.size() == posts && loaded.size() > 0
                && book.lost() + book.wrong() + loaded.lost() + loaded.wrong() == 0,
                "-ack=peer lost " + book.examples() + loaded.examples());
    }

    /** Kills a node under load; what it left unanswered goes to the next one. */
    private void underLoad(Load load, int ms) throws Exception {
        try (NodeProcess node = ahead.remove().get()) {
            load.start(node.httpPort());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(ms));
            node.signal("KILL");
            load.join();
        }
        startAhead();
    }

    private NodeProcess start(String peers) throws Exception {
        return Nodes.start("-cluster=ack", "-ack=" + ack, peers);
    }

    private void startAhead() {
        while (ahead.size() < AHEAD) {
            ahead.add(starter.submit(() -> {
                NodeProcess node = start(Nodes.peer(others.get(0)));
                Nodes.linked(node, 2);
                return node;
            }));
        }
    }

    private void once(String id) throws Exception {
        try (NodeProcess node = ahead.remove().get();
                Connection connection = new Connection(node.httpPort())) {
            long began = System.nanoTime();
            String answer = connection.one(Book.json(id));
            answerMs.add((System.nanoTime() - began) / 1e6);
            node.signal("KILL");
            if (!answer.contains("\"result\":true")) {
                throw new AssertionError("the answer to " + id + " is " + answer);
            }
        }
        book.acknowledge(id);
        startAhead();
        later += has(others.get(0), id) || has(others.get(1), id) ? 0 : 1;
        try {
            Await.until("both have it", haveS,
                    () -> has(others.get(0), id) && has(others.get(1), id));
        } catch (AssertionError lost) {
            System.out.println(id + " is not on both: " + lost.getMessage());
        }
    }

    private static boolean has(NodeProcess node, String id) throws Exception {
        return node.client().send("GET", "/data?id=" + id, null).statusCode() == 200;
    }

    /** What is on its way gets the time it takes; then both must have all. */
    private void check(Book book) throws Exception {
        for (NodeProcess node : others) {
            try {
                Await.until("all is there", haveS, () -> book.missing(node.client()) == 0);
            } catch (AssertionError lost) {
                System.out.println(lost.getMessage());
            }
            book.check(node.client());
        }
    }

    /** Ends all nodes, those that were started ahead too. */
    private void end() throws Exception {
        starter.shutdown();
        for (Future<NodeProcess> each : ahead) {
            each.get().close();
        }
        others.forEach(NodeProcess::close);
    }
}
