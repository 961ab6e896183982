package bcast.fuzz;

import bcast.base.Clock;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.net.RawLink;
import bcast.testing.Await;
import bcast.testing.NodeProcess;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Mutated frames at the port of a real node. A case is a connection: a greeting, then frames until
 * either side ends it. A frame counts if the connection was open when it was sent.
 */
final class PortFuzz implements Cases.Case {

    private static final String CLUSTER = "fuzz";
    private static final boolean LINUX =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");
    private static final long RETENTION_MS = 24 * 3_600_000;
    private static final int THREADS = 4;
    private static final int MAX_FRAMES = 40;
    private static final int MAX_WAITS = 2_000;
    private static final long WAIT_NS = 100_000;
    /** About what the node takes to read a frame and to close a link that it breaks. */
    private static final long JUDGING_NS = 1_000_000;

    private final Cases cases;
    private final AtomicLong frames = new AtomicLong();
    private final AtomicLong greeted = new AtomicLong();
    private final int wanted;
    private final Clock clock = Clock.system();
    private int port;

    PortFuzz(Cases cases, int wanted) {
        this.cases = cases;
        this.wanted = wanted;
    }

    /** Runs all cases. Returns the row of the report. */
    Map<String, Object> run() throws Exception {
        Map<String, Object> row = new LinkedHashMap<>();
        try (Vitals vitals = new Vitals(CLUSTER, "-maxbytes=16MiB")) {
            port = vitals.node.clusterPort();
            long connections = cases.run("port", this, THREADS, vitals);
            if (greeted.get() < connections / 2) {
                throw new AssertionError("only " + greeted + " of " + connections
                        + " links were let in: " + vitals.node.log());
            }
            row.put("what", "cluster port of a real node");
            row.put("seed", cases.seed());
            row.put("mutated frames", frames.get());
            row.put("links", connections);
            row.put("links that were greeted", greeted.get());
            row.put("links that broke the protocol", Vitals.metric(vitals.metrics(),
                    "bcast_links_closed_total{reason=\"protocol\"}"));
            vitals.calm(row);
            works(vitals);
            vitals.check();
        }
        return row;
    }

    /** News still comes in, and goes on to a peer that joins now. */
    private static void works(Vitals vitals) throws Exception {
        Await.until("it is ready: " + vitals.node.log(), 60, vitals.node.client()::ready);
        vitals.node.client().mustPost("after all", "it works");
        try (NodeProcess peer = Vitals.start(CLUSTER,
                "-peers=127.0.0.1:" + vitals.node.clusterPort())) {
            Await.until("the peer has it all", 30, () ->
                    peer.client().list().equals(vitals.node.client().list()));
            peer.client().mustPost("and back", "it works");
            Await.until("it has what the peer got", 30, () ->
                    vitals.node.client().list().contains("\"and back\""));
        }
    }

    @Override
    public boolean more() {
        return frames.get() < wanted;
    }

    @Override
    public void run(Random random) throws IOException {
        Values values = new Values(random, clock::wallMs);
        Mutator mutator = new Mutator(random);
        RawLink.Writer writer = new RawLink.Writer();
        boolean gentle = random.nextInt(3) == 0;
        Class<? extends Message> favourite =
                values.kinds().get(random.nextInt(values.kinds().size()));
        byte[] last = {};
        ByteBuffer heard = ByteBuffer.allocate(256 * 1024);
        try (SocketChannel channel = SocketChannel.open()) {
            if (LINUX) {
                // An address of its own, as one with many bad links is shut out.
                channel.bind(new InetSocketAddress("127." + (16 + random.nextInt(64)) + "."
                        + random.nextInt(256) + "." + (1 + random.nextInt(254)), 0));
            }
            channel.connect(new InetSocketAddress("127.0.0.1", port));
            channel.configureBlocking(false);
            if (random.nextInt(4) > 0) {
                // Reset, as by a host that crashes; and no port is left to rest.
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
            if (random.nextInt(20) > 0) {
                write(channel, writer.bytes(hello(random, values)), heard);
                // What came with a frame that is broken would be lost with it.
                for (int i = 0; i < MAX_WAITS && heard.position() == 0 && open(channel, heard);
                        i++) {
                    LockSupport.parkNanos(WAIT_NS);
                }
                greeted.addAndGet(heard.position() > 0 ? 1 : 0);
            }
            for (int i = 1 + random.nextInt(MAX_FRAMES); i > 0; i--) {
                if (!open(channel, heard)) {
                    return;
                }
                byte[] frame = writer.bytes(random.nextBoolean() ? values.message()
                        : values.message(favourite));
                if (random.nextInt(3) == 0) {
                    // A link that only ever spoke nonsense would not get far.
                    write(channel, writer.bytes(values.message(favourite)), heard);
                }
                byte[] spoiled = gentle ? mutator.overwriteInFrame(frame)
                        : mutator.mutateFrame(frame, random.nextBoolean() ? last : heard(heard));
                last = frame;
                frames.incrementAndGet();
                write(channel, spoiled, heard);
                LockSupport.parkNanos(JUDGING_NS);
            }
            if (random.nextInt(8) == 0) {
                channel.shutdownOutput();
                // It may end the link now, or when it is due.
                for (int i = 0; i < MAX_WAITS && open(channel, heard); i++) {
                    LockSupport.parkNanos(WAIT_NS);
                }
            }
        } catch (IOException reset) {
            // The node ended the link, as it may; but it must be there.
            if (reset instanceof ConnectException) {
                throw reset;
            }
        }
    }

    private LinkMessage.Hello hello(Random random, Values values) {
        LinkRole[] roles = LinkRole.values();
        // The last one turns the node down at once.
        int kinds = random.nextInt(10) > 0 ? roles.length - 1 : roles.length;
        return new LinkMessage.Hello(1, 1, CLUSTER, values.node(), values.address(), 8_081,
                new Address("127.0.0.1", port), clock.wallMs(), RETENTION_MS, "md5",
                roles[random.nextInt(kinds)]);
    }

    private static byte[] heard(ByteBuffer heard) {
        byte[] bytes = new byte[Math.min(heard.position(), 1_000)];
        heard.get(0, bytes);
        return bytes;
    }

    /** Reads what is there. Returns whether there may be more. */
    private static boolean open(SocketChannel channel, ByteBuffer heard) throws IOException {
        if (!heard.hasRemaining()) {
            heard.clear();
        }
        return channel.read(heard) >= 0;
    }

    private static void write(SocketChannel channel, byte[] bytes, ByteBuffer heard)
            throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        for (int i = 0; left.hasRemaining() && i < MAX_WAITS; i++) {
            if (channel.write(left) == 0) {
                if (!open(channel, heard)) {
                    return;
                }
                LockSupport.parkNanos(WAIT_NS);
            }
        }
    }
}
