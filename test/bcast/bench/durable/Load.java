package bcast.bench.durable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that post to one node as fast as they can: some one record at a time, one in batches.
 * What got no answer, or was refused, is posted again, to the node's next life if need be.
 */
final class Load {

    private static final int SINGLES = 4;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Book book;
    private final String prefix;
    private final Random random;
    private final Queue<String> unanswered = new ConcurrentLinkedQueue<>();
    private final AtomicLong posted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile String refusal = "";
    private volatile long limit = Long.MAX_VALUE;
    private int largestBatch = 50;
    private volatile boolean stopping;
    private ExecutorService clients;
    private List<Future<?>> running = List.of();

    /** Clients whose ids begin with a prefix. */
    Load(Book book, String prefix, Random random) {
        this.book = book;
        this.prefix = prefix;
        this.random = random;
    }

    /** What was acknowledged. */
    Book book() {
        return book;
    }

    /** Posts no more than so many records in all. */
    Load limit(long records) {
        limit = records;
        return this;
    }

    /** Posts batches of up to so many records. */
    Load batches(int largest) {
        largestBatch = largest;
        return this;
    }

    /** Begins to post to a node. */
    void start(int port) {
        stopping = false;
        clients = Executors.newFixedThreadPool(SINGLES + 1);
        running = new ArrayList<>();
        for (int i = 0; i < SINGLES; i++) {
            running.add(clients.submit(() -> singles(port)));
        }
        Random sizes = new Random(random.nextLong());
        running.add(clients.submit(() -> batches(port, sizes)));
    }

    /** Waits until all clients have ended, because the node is gone or nothing is left to post. */
    void join() throws Exception {
        clients.shutdown();
        if (!clients.awaitTermination(60, TimeUnit.SECONDS)) {
            clients.shutdownNow();
            throw new AssertionError("clients go on though there is no node");
        }
        for (Future<?> each : running) {
            try {
                each.get();
            } catch (ExecutionException e) {
                throw new AssertionError("a client failed", e.getCause());
            }
        }
    }

    /** Has the clients end after their next answer, and waits for that. */
    void stop() throws Exception {
        stopping = true;
        join();
    }

    /** How many answers said no. */
    long refused() {
        return refused.get();
    }

    /** The latest answer that said no. */
    String refusal() {
        return refusal;
    }

    private Optional<String> next() {
        if (stopping) {
            return Optional.empty();
        }
        String again = unanswered.poll();
        if (again != null) {
            return Optional.of(again);
        }
        long number = posted.incrementAndGet();
        return number > limit ? Optional.empty() : Optional.of(prefix + number);
    }

    private void singles(int port) {
        Optional<String> id = Optional.empty();
        try (Connection connection = new Connection(port)) {
            for (id = next(); id.isPresent(); id = next()) {
                settle(id.get(), connection.one(Book.json(id.get())));
            }
        } catch (IOException gone) {
            id.ifPresent(unanswered::add);
        }
    }

    private void batches(int port, Random sizes) {
        List<String> ids = new ArrayList<>();
        int[] answered = new int[1];
        try (Connection connection = new Connection(port)) {
            for (take(ids, sizes); !ids.isEmpty(); take(ids, sizes)) {
                answered[0] = 0;
                StringBuilder lines = new StringBuilder();
                ids.forEach(id -> lines.append(Book.json(id)).append('\n'));
                connection.many(lines.toString(), line -> settle(ids.get(answered[0]++), line));
            }
        } catch (IOException gone) {
            unanswered.addAll(ids.subList(answered[0], ids.size()));
        }
    }

    private void take(List<String> ids, Random sizes) {
        ids.clear();
        for (int i = 1 + sizes.nextInt(largestBatch); i > 0; i--) {
            next().ifPresent(ids::add);
        }
    }

    /** A record that exists already is one whose answer was lost. */
    private void settle(String id, String answer) {
        if (answer.startsWith("{\"id\":") && !answer.startsWith("{\"id\":\"" + id + "\"")) {
            throw new AssertionError("the answer to " + id + " is " + answer);
        }
        if (answer.contains("\"result\":true") || answer.contains("\"code\":\"exists\"")) {
            book.acknowledge(id);
        } else if (answer.contains("\"code\":\"busy\"")) {
            refusal = answer;
            refused.incrementAndGet();
            unanswered.add(id);
            LockSupport.parkNanos(PAUSE_NS);
        } else {
            throw new AssertionError("the answer to " + id + " is " + answer);
        }
    }
}
