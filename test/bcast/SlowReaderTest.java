package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.net.SimWire;
import bcast.testing.Await;
import bcast.testing.NodeProcess;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A peer that greets, says that it lives, and reads nothing. */
@Isolated("all is posted within the 30 s after which such a peer is dropped")
final class SlowReaderTest {

    private static final long DAY_MS = 24 * 3_600_000L;
    /** Together several times what may wait on a link. */
    private static final int POSTS = 6_000;
    /**
     * Well over what is sent twice for each time that the backlog is dropped: the 64 records before
     * it, so that none is missed, and what the turn in which it is dropped still sends.
     */
    private static final int AGAIN = POSTS / 10;
    private static final String RAW = "x".repeat(10_000);
    private static final byte COMPARE = 8;
    private static final byte PUSH = 6;
    private static final Pattern OVERFLOWED = Pattern.compile(
            "bcast_link_backlogs_dropped_total=([1-9]\\d*)");
    private static final Pattern ID = Pattern.compile("post\\d+");

    private static void greet(OutputStream out, Address dialled) throws Exception {
        out.write(SimWire.bytes(new LinkMessage.Hello(1, 1, "slow", new NodeId(0, 7),
                new Address("127.0.0.1", 9), 1, dialled, Clock.system().wallMs(), DAY_MS, "md5",
                LinkRole.NEIGHBOUR)));
        out.write(SimWire.bytes(heartbeat()));
    }

    private static Message heartbeat() {
        return new LinkMessage.Heartbeat(0, -1, 0, Clock.system().wallMs(), 0, false, false, false,
                false, 1, 0);
    }

    /** The id of a pushed record; the raw text has no such words. */
    private static String id(byte[] body) {
        Matcher id = ID.matcher(new String(body, StandardCharsets.ISO_8859_1));
        assertTrue(id.find());
        return id.group();
    }

    @Test
    void itsBacklogIsDroppedAndItIsServedOnceItReads() throws Exception {
        ScheduledExecutorService beats = Executors.newSingleThreadScheduledExecutor();
        try (NodeProcess node = NodeProcess.start("slow", "-group=off", "-loglevel=debug");
                Socket socket = new Socket()) {
            node.ready();
            Address address = new Address("127.0.0.1", node.clusterPort());
            socket.setReceiveBufferSize(8_192);
            socket.connect(new InetSocketAddress(address.host(), address.port()));
            OutputStream out = socket.getOutputStream();
            greet(out, address);
            // What is posted before is no matter of the backlog: a round would bring it.
            Await.until("they are linked", 10, () -> node.log().stream()
                    .anyMatch(line -> line.contains("linked to")));
            beats.scheduleAtFixedRate(() -> {
                try {
                    out.write(SimWire.bytes(heartbeat()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }, 1, 1, TimeUnit.SECONDS);
            for (int i = 0; i < POSTS; i++) {
                node.client().mustPost("post" + i, RAW);
            }
            Await.until("the backlog is dropped and counted", 10, () -> node.log().stream()
                    .anyMatch(line -> OVERFLOWED.matcher(line).find()));
            assertEquals(POSTS, node.client().count());
            assertTrue(node.log().stream().noneMatch(line -> line.contains("does not read")));
            // Now it reads: what is left of the backlog, the rest from the store, then the round
            // that makes sure. A first round may have asked before the backlog was dropped.
            long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            socket.setSoTimeout(10_000);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            Set<String> ids = new HashSet<>();
            long pushed = 0;
            byte type = 0;
            while (type != COMPARE || ids.size() < POSTS) {
                assertTrue(System.nanoTime() < endNs, ids.size() + " records and no round in 30 s");
                byte[] body = new byte[in.readInt() - 1];
                type = in.readByte();
                in.readFully(body);
                if (type == PUSH) {
                    pushed++;
                    ids.add(id(body));
                }
            }
            long dropped = OVERFLOWED.matcher(String.join("\n", node.log())).results()
                    .mapToLong(count -> Long.parseLong(count.group(1))).max().orElseThrow();
            assertTrue(pushed <= POSTS + AGAIN * dropped, pushed + " pushes of " + POSTS
                    + " records, the backlog dropped " + dropped + " times");
        } finally {
            beats.shutdownNow();
        }
    }
}
