package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.repair.RepairMessage;
import bcast.cluster.net.LinkCounts;
import bcast.cluster.net.SimWire;
import bcast.storage.Position;
import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.TestClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What nobody may take too much of. */
final class LimitsTest {

    @Test
    void aListHasItsTimeAndNoMore() throws Exception {
        TestClock clock = TestClock.running(0);
        try (TestNode node = new TestNode(clock, "-group=off", "-retention=8m");
                Socket socket = new Socket()) {
            String raw = "x".repeat(1 << 20);
            for (int i = 0; i < 40; i++) {
                node.client.mustPost("id" + i, raw);
            }
            long startMs = clock.steadyMs();
            // Not before: a connection that sends nothing for 5 s is closed.
            socket.connect(new InetSocketAddress("127.0.0.1", node.port()));
            socket.getOutputStream().write(("GET /listAllRecentData HTTP/1.1\r\nHost: x\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            byte[] some = new byte[1 << 19];
            long read = 0;
            // Slow, but never so slow that one piece would be late: far less than what may be on
            // its way is read in the time for a piece.
            for (int got = readOn(in, some); got > 0; got = readOn(in, some)) {
                read += got;
                clock.advance(1_000);
            }
            long tookMs = clock.steadyMs() - startMs;
            assertTrue(tookMs >= 60_000, "cut after " + tookMs);
            assertTrue(read < 40L << 20, "it is not cut");
        }
    }

    private static int readOn(InputStream in, byte[] some) {
        try {
            return in.readNBytes(some, 0, some.length);
        } catch (IOException reset) {
            return 0;
        }
    }

    @Test
    void whoAsksAndDoesNotReadIsCutBeforeItTakesTooMuch() throws Exception {
        // The least there is: queues may take 2 MiB.
        try (TestNode node = TestNode.alone("-maxbytes=16MiB")) {
            for (int i = 0; i < 4_000; i++) {
                node.client.mustPost("id" + i, "raw");
            }
            byte[] ask = SimWire.bytes(new RepairMessage.AskHashes(Position.START, Long.MAX_VALUE));
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < 30; i++) {
                    sockets.add(node.visit(i));
                }
                Await.until("links are cut", 30, () -> {
                    for (Socket socket : sockets) {
                        askOn(socket.getOutputStream(), ask);
                    }
                    return node.counters().get(LinkCounts.TOO_MUCH_WAITS) > 0;
                });
                node.client.mustPost("after", "raw");
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
        }
    }

    private static void askOn(OutputStream out, byte[] ask) {
        try {
            for (int i = 0; i < 20; i++) {
                out.write(ask);
            }
        } catch (IOException closed) {
            // As it should be, some time.
            return;
        }
    }

    @Test
    void postsOfTheLargestSizeAllAtOnce() throws Exception {
        try (TestNode node = TestNode.alone()) {
            List<Thread> threads = new ArrayList<>();
            List<Integer> answers = new CopyOnWriteArrayList<>();
            String raw = "y".repeat(1 << 20);
            for (int i = 0; i < 30; i++) {
                String id = "large" + i;
                Thread thread = new Thread(() -> {
                    try {
                        answers.add(node.client.send("POST", "/postNewData",
                                News.json(id, raw)).statusCode());
                    } catch (Exception e) {
                        answers.add(-1);
                    }
                });
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(30, answers.stream().filter(status -> status == 200).count());
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "needs a second address on loopback")
    void slowBodiesOfOneAddressLeaveRoomForPostsOfOthers() throws Exception {
        long most = Runtime.getRuntime().maxMemory() / 100 * 79;
        List<Socket> slow = new ArrayList<>();
        byte[] half = new byte[600_000];
        try (TestNode node = TestNode.alone("-maxbytes=" + most)) {
            for (int i = 0; i < 208; i++) {
                Socket socket = new Socket("127.0.0.1", node.port());
                slow.add(socket);
                socket.getOutputStream().write(head(1_000_000));
                try {
                    socket.getOutputStream().write(half);
                } catch (IOException refused) {
                    continue;
                }
            }
            Await.until("it takes no more", 10, () -> status(node, "127.0.0.1",
                    News.json("more", "y".repeat(1 << 20))) == 503);
            assertEquals(200, status(node, "127.0.0.2", News.json("small", "raw")));
            assertEquals(200, status(node, "127.0.0.2",
                    News.json("large", "y".repeat(1 << 20))));
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    private static byte[] head(int length) {
        return ("POST /postNewData HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Length: " + length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Posts from an address of this machine. Returns the answer's status. */
    private static int status(TestNode node, String from, String json) throws IOException {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(from, 0));
            socket.setSoTimeout(20_000);
            socket.connect(new InetSocketAddress("127.0.0.1", node.port()));
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            socket.getOutputStream().write(head(body.length));
            socket.getOutputStream().write(body);
            String answer = new String(socket.getInputStream().readAllBytes(),
                    StandardCharsets.UTF_8);
            return Integer.parseInt(answer.substring(9, 12));
        }
    }
}
