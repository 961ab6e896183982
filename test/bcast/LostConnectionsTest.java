package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.EventReader;
import bcast.testing.NodeProcess;
import bcast.testing.RawHttp;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Connections that end in the middle must not count as open for ever. */
@EnabledOnOs(OS.LINUX)
final class LostConnectionsTest {

    private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";
    private static final String POST = "POST /postNewData" + HOST;
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";

    /** Far more than this node may have open at once, see {@link #node}. */
    private static final int VISITS = 500;

    private interface Visit {
        void to(NodeProcess node) throws Exception;
    }

    /** A node with few files, and so few connections. */
    private static NodeProcess node() throws Exception {
        NodeProcess node = NodeProcess.launch(
                List.of("sh", "-c", "ulimit -n 256; exec \"$@\"", "sh"),
                List.of("-bind=127.0.0.1", "-httpport=0", "-group=off"));
        assertTrue(node.log().toString().contains("144 connections of clients"),
                node.log()::toString);
        return node;
    }

    /** More visits than connections, one after the other; then one more client. */
    private static void afterMany(Visit visit) throws Exception {
        try (NodeProcess node = node()) {
            for (int i = 0; i < VISITS; i++) {
                visit.to(node);
            }
            try (RawHttp client = new RawHttp(node.httpPort())) {
                assertEquals(200, client.send("GET /healthz" + HOST + "\r\n").answer().status());
            }
        }
    }

    @Test
    void brokenChunksLeaveRoom() throws Exception {
        afterMany(node -> {
            try (RawHttp client = new RawHttp(node.httpPort())) {
                client.send(POST + CHUNKED + "no number\r\n").closed();
            }
        });
    }

    @Test
    void trailersLeaveRoom() throws Exception {
        afterMany(node -> {
            try (RawHttp client = new RawHttp(node.httpPort())) {
                client.send(POST + CHUNKED + "2\r\n{}\r\n0\r\nX: 1\r\n\r\n").closed();
            }
        });
    }

    @Test
    void trailersThatNobodyReadsLeaveRoom() throws Exception {
        afterMany(node -> {
            for (String request : new String[] {"HEAD /healthz",
                "GET /listAllRecentData?limit=1"}) {
                try (RawHttp client = new RawHttp(node.httpPort())) {
                    client.send(request + HOST + CHUNKED + "0\r\nX: 1\r\n\r\n").rest();
                }
            }
        });
    }

    @Test
    void bodiesThatNobodyReadsLeaveRoom() throws Exception {
        byte[] half = new byte[100_000];
        afterMany(node -> {
            try (RawHttp client = new RawHttp(node.httpPort())) {
                client.send("POST /healthz" + HOST + "Content-Length: 200000\r\n\r\n").send(half);
                client.answer();
            }
        });
    }

    @Test
    void readersThatLeaveLeaveRoom() throws Exception {
        int[] readers = new int[1];
        afterMany(node -> {
            try (EventReader reader = new EventReader(node.httpPort(), "")) {
                reader.next();
            } catch (IOException e) {
                throw new IOException("reader " + readers[0], e);
            }
            // They are noticed when they are written to.
            if (++readers[0] % 16 == 0) {
                node.client().post("news " + readers[0], "raw");
            }
        });
    }
}
