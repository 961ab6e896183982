package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import bcast.testing.RawHttp;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Clients that send a byte a second, by the hundreds, while a normal one goes about its work. */
@EnabledOnOs(OS.LINUX)
final class SlowClientsTest {

    /** Half of them send bodies, and an address may have half of 490 requests at this heap. */
    private static final int SLOW = 400;
    private static final int POSTS = 300;
    private static final long POST_EVERY_MS = 100;

    /** Opens slow connections again when they are cut, and sends a byte on each every second. */
    private static final class SlowClients {
        private final int port;
        private final SocketChannel[] channels = new SocketChannel[SLOW];
        private int opened;

        SlowClients(int port) {
            this.port = port;
        }

        void sendOneByteEach() throws IOException {
            for (int i = 0; i < SLOW; i++) {
                try {
                    if (channels[i] == null) {
                        channels[i] = open(i % 2 == 0);
                    } else {
                        channels[i].write(ByteBuffer.wrap(new byte[] {'a'}));
                    }
                } catch (IOException cut) {
                    channels[i].close();
                    channels[i] = null;
                }
            }
        }

        private SocketChannel open(boolean inHeaders) throws IOException {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
            String start = inHeaders ? "POST /postNewData HTTP/1.1\r\nX: "
                    : "POST /postNewData HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n";
            channel.write(ByteBuffer.wrap(start.getBytes(StandardCharsets.US_ASCII)));
            channel.configureBlocking(false);
            opened++;
            return channel;
        }

        void close() throws IOException {
            for (SocketChannel channel : channels) {
                if (channel != null) {
                    channel.close();
                }
            }
        }
    }

    private static int descriptors(NodeProcess node) {
        return new File("/proc/" + node.pid() + "/fd").list().length;
    }

    private static int threads(NodeProcess node) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + node.pid() + "/status")).stream()
                .filter(line -> line.startsWith("Threads:"))
                .mapToInt(line -> Integer.parseInt(line.substring(8).trim())).findFirst()
                .orElseThrow();
    }

    @Test
    void starveNobody() throws Exception {
        try (NodeProcess node = NodeProcess.start("slow", "-group=off")) {
            for (int i = 0; i < 200; i++) {
                node.client().mustPost("warm" + i, "up");
            }
            int descriptorsBefore = descriptors(node);
            int threadsBefore = threads(node);
            SlowClients slow = new SlowClients(node.httpPort());
            slow.sendOneByteEach();
            List<Long> micros = new ArrayList<>();
            long start = System.nanoTime();
            for (int i = 0; i < POSTS; i++) {
                long due = start + i * POST_EVERY_MS * 1_000_000;
                LockSupport.parkNanos(Math.max(0, due - System.nanoTime()));
                if (i % 10 == 0) {
                    slow.sendOneByteEach();
                }
                long sent = System.nanoTime();
                try (RawHttp http = new RawHttp(node.httpPort())) {
                    byte[] body = News.json("id" + i, "normal").getBytes(StandardCharsets.UTF_8);
                    assertEquals(200, http.post(body, "Connection: close").status());
                }
                micros.add((System.nanoTime() - sent) / 1_000);
            }
            slow.close();
            micros.sort(null);
            long slowest = micros.get(POSTS - 1);
            System.out.printf("%d slow clients (%d connections): post p50 %d us, p99 %d us, "
                    + "max %d us%n", SLOW, slow.opened, micros.get(POSTS / 2),
                    micros.get(POSTS * 99 / 100 - 1), slowest);
            assertTrue(slow.opened >= 2 * SLOW, "slow connections are cut: " + slow.opened);
            // A server without threads for them answers when the slow ones are cut: after 10 s.
            assertTrue(slowest < 5_000_000, "a post took " + slowest + " us");
            Await.until("descriptors are back", 30,
                    () -> descriptors(node) <= descriptorsBefore + 5);
            Await.until("threads are back", 30, () -> threads(node) <= threadsBefore + 5);
        }
    }
}
