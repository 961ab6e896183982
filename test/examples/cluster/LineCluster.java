package cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Collections.nCopies;

import bcast.Config;
import bcast.base.Context;
import bcast.base.HostPort;
import bcast.base.Worker;
import bcast.cluster.Cluster;
import bcast.cluster.Members;
import bcast.cluster.Members.Member;
import bcast.data.Data;
import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.eventbus.Source;
import bcast.eventbus.Subscription;
import bcast.storage.Arrival;
import bcast.storage.Storage;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Links over TCP to the peers that {@code -peers} names. Each side sends what all nodes must share,
 * its id and its port, a line each; then the JSON of each record held, and of each one stored
 * later, a line each. An empty line says that no more is held, four times a second at least.
 * Peers are not authenticated, and a record returns to the peer that sent it.
 */
final class LineCluster implements Cluster {

    private static final Event SYNCED = new Event.Health("sync", Optional.empty());
    private static final int PAUSE_MS = 250;
    private static final int SILENCE_MS = 5_000;

    private final String node = UUID.randomUUID().toString();
    private final Map<Socket, Member> links = new ConcurrentHashMap<>();
    private final List<Worker> threads = new ArrayList<>();
    private final String hello;
    private final Storage storage;
    private final EventBus bus;
    private final Context context;
    private final ServerSocket server;

    LineCluster(Config config, String validator, Storage storage, EventBus bus, Context context)
            throws IOException {
        this.storage = storage;
        this.bus = bus;
        this.context = context;
        this.server = new ServerSocket(config.clusterPort(), 0, config.bind().orElse(null));
        this.hello = config.cluster() + " " + validator + " " + storage.retentionMs() + "\n" + node
                + "\n" + port() + "\n";
        // At most 16 peers can dial this node at a time.
        nCopies(16, server).forEach(each -> keep(each::accept));
        config.peers().forEach(at -> keep(() -> new Socket(at.getHostString(), at.getPort())));
        bus.publish(config.peers().isEmpty() ? SYNCED
                : new Event.Health("sync", Optional.of("no peer has sent its records yet")));
    }

    private interface Dial { Socket link() throws IOException; }

    private void keep(Dial dial) {
        threads.add(new Worker("link", () -> {
            while (!server.isClosed()) {
                try (Socket socket = dial.link()) {
                    receive(socket);
                } catch (IOException | IllegalArgumentException e) {
                    context.log().debug("no link: " + e);
                }
                links.keySet().removeIf(Socket::isClosed);
                if (links.isEmpty()) { bus.publish(SYNCED); }
                Thread.sleep(PAUSE_MS);
            }
        }, context.fault()));
    }

    private void receive(Socket socket) throws IOException {
        socket.setSoTimeout(SILENCE_MS);
        socket.getOutputStream().write(hello.getBytes(UTF_8));
        InputStream in = new BufferedInputStream(socket.getInputStream());
        if (!hello.startsWith(line(in) + "\n")) { throw new IOException("another cluster"); }
        Source peer = new Source(UUID.fromString(line(in)).toString(), 0);
        String address = HostPort.host(socket.getInetAddress()) + ":" + HostPort.port(line(in));
        links.put(socket, Member.neighbour(peer.peer(), address, context.clock().wallMs(),
                socket.getLocalPort() != port()));
        new Worker("send", () -> send(socket), context.fault()).start();
        while (true) {
            String line = line(in);
            bus.publish(line.isEmpty() ? SYNCED : new Event.Received(Data.fromJson(line), peer));
        }
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0 || line.size() == Data.MAX_JSON_BYTES) { throw new EOFException(); }
            line.write(b);
        }
        return line.toString(UTF_8);
    }

    private void send(Socket socket) throws InterruptedException {
        try (Subscription again = bus.subscribe("link", Set.of(Event.Broadcast.class), 1,
                EventBus.WhenFull.DROP, () -> {})) {
            Writer out = new OutputStreamWriter(socket.getOutputStream(), UTF_8);
            for (long seq = 0; !socket.isOutputShutdown(); seq = again.poll().isEmpty() ? seq : 0) {
                boolean leaving = server.isClosed();
                List<Arrival> page = storage.arrivals(seq, 100);
                for (Arrival each : page) {
                    out.write(each.data() + "\n");
                    seq = each.seq();
                }
                if (page.isEmpty()) {
                    out.write("\n");
                    out.flush();
                    if (leaving) { socket.shutdownOutput(); }
                    storage.awaitArrival(seq, PAUSE_MS);
                }
            }
        } catch (IOException e) {
            context.log().debug("a link ended: " + e);
        }
    }

    @Override public void start(InetSocketAddress clients) { threads.forEach(Worker::start); }
    @Override public int port() { return server.getLocalPort(); }

    @Override public Optional<Members> members() {
        return Optional.of(Members.of(node, ":" + port(), links.values()));
    }

    @Override public void close() {
        try {
            server.close();
        } catch (IOException e) {
            context.log().debug("left: " + e);
        }
        threads.forEach(thread -> thread.join(SILENCE_MS));
    }
}
