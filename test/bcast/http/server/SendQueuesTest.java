package bcast.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.TestClock;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

final class SendQueuesTest {

    @Test
    void addressesAreWordsInTheOrderOfTheMachine() throws Exception {
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        InetSocketAddress expected = new InetSocketAddress("127.0.0.1", 8_080);
        assertEquals(expected, SendQueues.address(little ? "0100007F:1F90" : "7F000001:1F90"));
        assertEquals(expected, SendQueues.address(little
                ? "0000000000000000FFFF00000100007F:1F90"
                : "00000000000000000000FFFF7F000001:1F90"), "IPv4 in IPv6");
        assertEquals(new InetSocketAddress(InetAddress.getByName("fe80::1:2"), 1),
                SendQueues.address(little ? "000080FE000000000000000002000100:0001"
                        : "FE800000000000000000000000010002:0001"));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatAClientHasNotTakenIsSeenAndGoesDownAsItReads() throws Exception {
        TestClock clock = TestClock.running(0);
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress("127.0.0.1", 0));
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            SendQueues queues = new SendQueues(port, clock);
            try (Socket client = new Socket()) {
                client.setReceiveBufferSize(8_192);
                client.connect(new InetSocketAddress("127.0.0.1", port));
                try (SocketChannel accepted = server.accept()) {
                    InetSocketAddress address =
                            (InetSocketAddress) accepted.getRemoteAddress();
                    assertEquals(OptionalLong.of(0), queues.waiting(address));
                    assertEquals(OptionalLong.empty(), queues.waiting(
                            new InetSocketAddress("127.0.0.1", port)), "no client");
                    int written = accepted.write(ByteBuffer.allocate(200_000));
                    assertEquals(OptionalLong.of(0), queues.waiting(address), "not read again");
                    clock.advance(SendQueues.FRESH_MS);
                    long before = queues.waiting(address).orElseThrow();
                    assertTrue(before > 0 && before <= written, "waiting: " + before);
                    InputStream in = client.getInputStream();
                    in.readNBytes(100_000);
                    Await.until("less waits", 5, () -> {
                        clock.advance(SendQueues.FRESH_MS);
                        return queues.waiting(address).orElseThrow() < before;
                    });
                }
            }
        }
    }
}
