package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.cluster.Secrets;
import bcast.cluster.gossip.spread.SpreadCounts;
import bcast.cluster.net.LinkCounts;
import bcast.cluster.net.Links;
import bcast.cluster.net.discovery.MulticastDiscovery;
import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.Proxy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes whose links need a secret. */
final class SecretClusterTest {

    private static final int HANDSHAKE_BYTES = 53;

    @TempDir
    private Path dir;
    private final String old = Secrets.newLine(new SecureRandom());
    private final String fresh = Secrets.newLine(new SecureRandom());
    private int files;

    private Path file(String... secrets) throws IOException {
        return write(dir.resolve("secret" + files++), secrets);
    }

    /** Replaces the file by a rename, as editors do, so that it is always complete. */
    private static Path write(Path path, String... secrets) throws IOException {
        Path next = Files.writeString(path.resolveSibling(path.getFileName() + ".new"),
                String.join("\n", secrets));
        return Files.move(next, path, StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
    }

    private static String with(Path file) {
        return "-secretfile=" + file;
    }

    private static String at(int port) {
        return "-peers=127.0.0.1:" + port;
    }

    private static int port(TestNode node) {
        return node.node.peers().port();
    }

    private static boolean said(TestNode node, String text) {
        return node.log.stream().anyMatch(line -> line.contains(text));
    }

    @Test
    void nothingReadableIsSentOnTheWire() throws Exception {
        for (boolean secret : new boolean[] {false, true}) {
            String[] flags = secret ? new String[] {with(file(old))} : new String[0];
            String[] more = Arrays.copyOf(flags, flags.length + 1);
            try (Proxy proxy = new Proxy(); TestNode a = TestNode.alone(flags)) {
                proxy.target(port(a));
                more[flags.length] = at(proxy.port());
                try (TestNode b = TestNode.alone(more)) {
                    a.client.mustPost("the id of it", "what nobody is to know");
                    Await.until("it is on both", 10, () -> b.client.count() == 1);
                    String passed = proxy.passed();
                    for (String known : List.of("the id of it", "what nobody is to know",
                            News.md5("what nobody is to know"), "bcast", "md5")) {
                        assertEquals(!secret, passed.contains(known), known);
                    }
                }
            }
        }
    }

    @Test
    void aNodeWithoutTheSecretReceivesNothingAndBothLogsSayWhy() throws Exception {
        try (TestNode a = TestNode.alone(with(file(old)))) {
            a.client.mustPost("id", "raw");
            try (TestNode wrong = TestNode.alone(with(file(fresh)), at(port(a)));
                    TestNode none = TestNode.alone(at(port(a)))) {
                Await.until("all logs say why", 10, () -> said(a, "it greeted with another secret")
                        && said(a, "its greeting is not encrypted")
                        && said(wrong, "do both nodes have the same secret? see -secretfile")
                        && said(none, "links here need the cluster's secret"));
                assertEquals(0, a.counters().get(SpreadCounts.SENT));
                assertEquals(0, wrong.client.count());
                assertEquals(0, none.client.count());
                // The other way round: one with a secret dials one without.
                try (TestNode dials = TestNode.alone(with(file(old)), at(port(none)))) {
                    Await.until("both logs say why", 10, () -> said(none, "this node has none; see "
                            + "-secretfile") && said(dials, "do both nodes have the same secret?"));
                    assertEquals(0, dials.client.count());
                }
            }
            for (String line : a.log) {
                assertFalse(line.contains(old));
            }
        }
    }

    @Test
    void announcementsAreSigned() throws Exception {
        String name = "-cluster=test-" + UUID.randomUUID();
        try (TestNode a = new TestNode(Clock.system(), name, with(file(old)));
                TestNode b = new TestNode(Clock.system(), name, with(file(old, fresh)));
                TestNode wrong = new TestNode(Clock.system(), name, with(file(fresh)));
                TestNode none = new TestNode(Clock.system(), name)) {
            Await.until("a and b find each other", 10, () ->
                    a.node.peers().peers() == 1 && b.node.peers().peers() == 1);
            Await.until("the others heard announcements that they refused", 10, () ->
                    wrong.counters().get(MulticastDiscovery.UNPROVEN) > 0
                    && none.counters().get(MulticastDiscovery.UNPROVEN) > 0
                    && a.counters().get(MulticastDiscovery.UNPROVEN) > 0);
            assertTrue(said(none, "it has a secret, and this node has none"));
            assertTrue(said(wrong, "it does not have this cluster's secret"));
            assertEquals(0, wrong.node.peers().peers());
            assertEquals(0, none.node.peers().peers());
        }
    }

    /** Posts to a node until it is stopped, and remembers the ids that were accepted. */
    private static final class Poster {
        private final AtomicBoolean stop = new AtomicBoolean();
        private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<String> taken = new ConcurrentLinkedQueue<>();
        private final List<Thread> threads = new ArrayList<>();

        private void to(TestNode node, int number) {
            Thread thread = new Thread(() -> {
                for (int i = 0; !stop.get(); i++) {
                    String id = number + "/" + i;
                    try {
                        node.client.mustPost(id, "raw " + id);
                        taken.add(id);
                    } catch (Exception | AssertionError e) {
                        faults.add(id + ": " + e);
                    }
                    LockSupport.parkNanos(5_000_000);
                }
            }, "poster");
            thread.start();
            threads.add(thread);
        }

        private void join() throws InterruptedException {
            stop.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), List.copyOf(faults));
        }
    }

    @Test
    void fiveNodesUnderLoadChangeTheirSecret() throws Exception {
        List<TestNode> nodes = new ArrayList<>();
        List<Path> paths = new ArrayList<>();
        Poster poster = new Poster();
        try {
            for (int i = 0; i < 5; i++) {
                paths.add(file(old));
                nodes.add(i == 0 ? TestNode.alone(with(paths.get(0)))
                        : TestNode.alone(with(paths.get(i)), at(port(nodes.get(0)))));
            }
            Await.until("all are linked", 20, () -> nodes.stream()
                    .allMatch(node -> node.node.peers().peers() == 4));
            for (int i = 0; i < 5; i++) {
                poster.to(nodes.get(i), i);
            }
            for (String[] secrets : new String[][] {{old, fresh}, {fresh, old}, {fresh}}) {
                for (int i = 0; i < 5; i++) {
                    TestNode node = nodes.get(i);
                    long before = readings(node);
                    write(paths.get(i), secrets);
                    Await.until("the file is read again", 10, () -> readings(node) > before);
                }
            }
            // Links by the old secret are closed; those that follow are by the fresh one.
            Await.until("all are linked again", 30, () -> nodes.stream()
                    .allMatch(node -> node.node.peers().peers() == 4)
                    && nodes.stream().allMatch(node -> said(node, "not in force any more")
                    || said(node, "the other side closed it")));
            poster.join();
            for (TestNode node : nodes) {
                Await.until("all that was taken is there", 30, () ->
                        node.client.count() == poster.taken.size());
            }
            String list = nodes.get(0).client.list();
            poster.taken.forEach(id -> assertTrue(list.contains("\"" + id + "\"")));
        } finally {
            poster.stop.set(true);
            nodes.forEach(TestNode::close);
        }
        // A node that has only the old secret is not admitted any more.
        try (TestNode changed = TestNode.alone(with(paths.get(0)));
                TestNode late = TestNode.alone(with(file(old)), at(port(changed)))) {
            Await.until("it is refused", 10, () -> said(changed, "with another secret"));
            assertEquals(0, late.node.peers().peers());
        }
    }

    private static long readings(TestNode node) {
        return node.log.stream().filter(line -> line.contains("was read again")).count();
    }

    /** A handshake as a node begins it, taken from its wire. */
    private static byte[] genuine(Path secret) throws Exception {
        try (Proxy proxy = new Proxy(); TestNode target = TestNode.alone(with(secret))) {
            proxy.target(port(target));
            try (TestNode dials = TestNode.alone(with(secret), at(proxy.port()))) {
                Await.until("they are linked", 10, () -> dials.node.peers().peers() == 1);
                byte[] passed = proxy.passed().getBytes(
                        java.nio.charset.StandardCharsets.ISO_8859_1);
                return Arrays.copyOf(passed, HANDSHAKE_BYTES);
            }
        }
    }

    @Test
    void handshakesWithoutTheSecretAreHarmless() throws Exception {
        Path secret = file(old);
        byte[] genuine = genuine(secret);
        Random chance = new Random(5);
        try (TestNode node = TestNode.alone(with(secret))) {
            node.client.mustPost("id", "raw");
            int answered = 0;
            for (int i = 0; i < 10_000; i++) {
                // From many addresses, since a single one would soon be shut out.
                try (Socket socket = new Socket()) {
                    socket.bind(new InetSocketAddress("127.1." + i / 200 + ".1", 0));
                    socket.connect(new InetSocketAddress("127.0.0.1", port(node)), 2_000);
                    socket.setSoTimeout(5_000);
                    answered += shakeHands(socket, genuine, i % 5, chance);
                }
            }
            // Only the replayed greeting gets an answer, which is of no use without the secret.
            assertTrue(answered >= 2_000 && answered <= 2_000 * (HANDSHAKE_BYTES + 1), ""
                    + answered);
            assertEquals(0, node.counters().get(SpreadCounts.SENT));
            Await.until("all is closed", 10, () -> node.node.peers().peers() == 0);
            try (TestNode peer = TestNode.alone(with(secret), at(port(node)))) {
                Await.until("a peer with the secret is linked", 10, () -> peer.client.count() == 1);
            }
            assertTrue(node.counters().get(LinkCounts.BROKE_PROTOCOL) >= 4_000);
            assertEquals(0, node.counters().get(LinkCounts.SHUT_OUT));
        }
    }

    /** Returns the bytes that came back. */
    private static int shakeHands(Socket socket, byte[] genuine, int kind, Random chance)
            throws IOException {
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream();
        byte[] some = new byte[chance.nextInt(200)];
        chance.nextBytes(some);
        byte[] changed = genuine.clone();
        changed[chance.nextInt(changed.length)] ^= (byte) (1 << chance.nextInt(8));
        try {
            switch (kind) {
                case 0 -> out.write(some);
                case 1 -> out.write(changed);
                case 2 -> out.write(genuine, 0, chance.nextInt(genuine.length));
                // Replayed, followed by bytes that look like a message.
                case 3 -> {
                    out.write(genuine);
                    out.write(new byte[] {0, 40});
                    out.write(Arrays.copyOf(some, 40));
                }
                // Replayed, followed by the answer as if it were a message.
                default -> {
                    out.write(genuine);
                    byte[] answer = in.readNBytes(HANDSHAKE_BYTES);
                    out.write(answer);
                    return 1;
                }
            }
            socket.shutdownOutput();
            return Math.min(1, in.readAllBytes().length);
        } catch (IOException cut) {
            return 0;
        }
    }
}
