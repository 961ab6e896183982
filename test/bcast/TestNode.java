package bcast;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Log;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.net.SimWire;
import bcast.testing.Client;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A whole node inside the test's process, on loopback and free ports, with the test's clock. */
final class TestNode implements AutoCloseable {

    private static final long DAY_MS = 24 * 3_600_000L;

    final List<String> log = new CopyOnWriteArrayList<>();
    final List<String> faults = new CopyOnWriteArrayList<>();
    private final Counters counters = new Counters();
    final Node node;
    final Client client;

    TestNode(Clock clock, String... flags) throws Exception {
        this(clock, new SecureRandom(), flags);
    }

    /** A node that draws its random numbers where the test says. */
    TestNode(Clock clock, SecureRandom random, String... flags) throws Exception {
        List<String> all = new ArrayList<>(List.of("-bind=127.0.0.1", "-httpport=0"));
        all.addAll(Arrays.asList(flags));
        Config config = Config.of(all.toArray(new String[0]));
        node = Main.node(config, new Context(clock, random,
                new Log(config.logLevel(), clock, log::add), counters,
                (thread, e) -> faults.add(thread + e)));
        node.start();
        client = new Client(node.http().url());
    }

    /** A node that knows no peers. */
    static TestNode alone(String... flags) throws Exception {
        String[] all = Arrays.copyOf(flags, flags.length + 1);
        all[flags.length] = "-group=off";
        return new TestNode(Clock.system(), all);
    }

    int port() {
        return node.http().address().getPort();
    }

    String url() {
        return node.http().url();
    }

    Counters counters() {
        return counters;
    }

    /** A stranger that visits, and takes little of what it does not read. */
    Socket visit(int number) throws IOException {
        InetSocketAddress links = new InetSocketAddress("127.0.0.1", node.peers().port());
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4_096);
        socket.connect(links);
        socket.getOutputStream().write(SimWire.bytes(new LinkMessage.Hello(1, 1, "bcast",
                new NodeId(1, number), new Address("127.0.0.1", 9), 1,
                new Address("127.0.0.1", links.getPort()), Clock.system().wallMs(), DAY_MS, "md5",
                LinkRole.VISIT)));
        return socket;
    }

    @Override
    public void close() {
        node.close();
        if (!faults.isEmpty()) {
            throw new AssertionError("faults: " + faults);
        }
    }
}
