package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.NodeProcess;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** Lists that take long to compress, and another request beside them. */
final class LongListsTest {

    private static final int RECORDS = 16;
    /** A whole list that is compressed, so that a client has it before it reads. */
    private static final int BUFFER_BYTES = 512 * 1024;
    private static final int LISTS = 32;

    private static Socket send(NodeProcess node, String path, String header) throws Exception {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(BUFFER_BYTES);
        socket.connect(new InetSocketAddress("127.0.0.1", node.httpPort()));
        socket.setSoTimeout(60_000);
        socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + header
                + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /**
     * On one processor, for a virtual thread is not interrupted. The lists are almost nothing when
     * they are compressed, so that their answers wait for no client.
     */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_24)
    void listsLeaveTheProcessorsToOtherRequests() throws Exception {
        List<Socket> lists = new ArrayList<>();
        try (NodeProcess node = NodeProcess.command(List.of(
                System.getProperty("java.home") + "/bin/java", "-Xmx1g",
                "-Djdk.virtualThreadScheduler.parallelism=1", "-jar", "build/bcast.jar",
                "-bind=127.0.0.1", "-httpport=0", "-group=off", "-cluster=longlists"))) {
            for (int i = 0; i < RECORDS; i++) {
                node.client().mustPost("large" + i, "x".repeat(1 << 20));
            }
            String path = "/listAllRecentData";
            int whole;
            try (Socket one = send(node, path, "Accept-Encoding: gzip\r\n")) {
                whole = one.getInputStream().readAllBytes().length;
            }
            for (int i = 0; i < LISTS; i++) {
                lists.add(send(node, path, "Accept-Encoding: gzip\r\n"));
            }
            try (Socket health = send(node, "/healthz", "")) {
                assertTrue(new String(health.getInputStream().readAllBytes(),
                        StandardCharsets.US_ASCII).startsWith("HTTP/1.1 200"));
            }
            int done = 0;
            for (Socket list : lists) {
                done += list.getInputStream().available() == whole ? 1 : 0;
            }
            assertTrue(done <= LISTS / 2, done + " of " + LISTS + " lists were answered first");
            for (Socket list : lists) {
                InputStream in = list.getInputStream();
                assertEquals(whole, in.readAllBytes().length);
            }
        } finally {
            for (Socket list : lists) {
                list.close();
            }
        }
    }
}
