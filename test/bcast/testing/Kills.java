package bcast.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Clients post to a node as fast as they can and note what it acknowledged; it is killed at moments
 * of chance and started again, and must hold all of that each time.
 */
public final class Kills {

    private static final int CLIENTS = 4;
    private static final int LONGEST_LIFE_MS = 400;
    private static final Pattern ID = Pattern.compile("\\{\"id\":\"([^\"]+)\"");

    private final Random random;
    private final String[] flags;
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicInteger posts = new AtomicInteger();

    private Kills(long seed, Path dir, String fsync) {
        this.random = new Random(seed);
        this.flags = Stream.of("-group=off", "-datadir=" + dir, "-fsync=" + fsync)
                .toArray(String[]::new);
    }

    /** Kills a node so many times. Returns how many posts were acknowledged. */
    public static int run(int times, long seed, Path dir, String fsync) throws Exception {
        Kills kills = new Kills(seed, dir, fsync);
        for (int i = 0; i < times; i++) {
            kills.once();
        }
        try (NodeProcess node = NodeProcess.start("kills", kills.flags)) {
            kills.check(node);
        }
        return kills.acknowledged.size();
    }

    private void once() throws Exception {
        try (NodeProcess node = NodeProcess.start("kills", flags)) {
            check(node);
            ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
            for (int i = 0; i < CLIENTS; i++) {
                clients.submit(() -> post(node.client()));
            }
            // On busy processors all lives could otherwise be too short for one post.
            Await.until("the first post is acknowledged", 20, () -> !acknowledged.isEmpty());
            LockSupport.parkNanos(1_000_000L * random.nextInt(LONGEST_LIFE_MS));
            node.signal("KILL");
            clients.shutdown();
            if (!clients.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new AssertionError("clients go on though the node is dead");
            }
        }
    }

    /** Posts until the node is dead. */
    private Void post(Client client) throws Exception {
        while (true) {
            String id = "id" + posts.incrementAndGet();
            try {
                client.mustPost(id, "raw of " + id);
            } catch (IOException dead) {
                return null;
            }
            acknowledged.add(id);
        }
    }

    private void check(NodeProcess node) throws Exception {
        Set<String> missing = new HashSet<>(acknowledged);
        Matcher ids = ID.matcher(node.client().list());
        while (ids.find()) {
            missing.remove(ids.group(1));
        }
        if (!missing.isEmpty()) {
            throw new AssertionError(missing.size() + " of " + acknowledged.size()
                    + " acknowledged records are gone with " + Arrays.toString(flags) + ": "
                    + missing.stream().limit(5).toList() + node.log());
        }
    }
}
