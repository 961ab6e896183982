package bcast.bench;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Log;
import bcast.cluster.ClusterSettings;
import bcast.cluster.GossipCluster;
import bcast.cluster.Secrets;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.cluster.net.RawLink;
import bcast.cluster.net.secret.Secret;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import bcast.eventbus.QueueEventBus;
import bcast.storage.MapStorage;
import bcast.testing.Contexts;
import bcast.testing.News;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A node that holds 200,000 records of few milliseconds; seven peers announce all of them at once.
 * Shows for how long the cluster's thread was busy without a break, as one sees who asks it for the
 * members all the time. {@code AnnounceBench SPANS} prints a row for each span of time that the
 * records come from, in milliseconds.
 */
final class AnnounceBench {

    /** Nothing listens there. */
    private static final InetSocketAddress CLIENTS = new InetSocketAddress("127.0.0.1", 1);

    private static final int RECORDS = 200_000;
    private static final int PEERS = 7;
    private static final int LONGEST_S = 60;
    private static final long RETENTION_MS = 24 * 3_600_000L;
    private static final long SKEW_MS = 300_000;
    private static final String NAME = "bench";
    private static final String MARKER = "marker";

    private final Clock clock = Clock.system();
    private final MapStorage store;
    private final GossipCluster cluster;
    private final List<byte[]> announcements = new ArrayList<>();
    private final byte[] askForMarker;

    private AnnounceBench(int spanMs) throws Exception {
        Context context = Contexts.logging(clock, Log.Level.ERROR, System.out::println);
        SipHash key = Secret.openHashKey(NAME);
        store = new MapStorage(new MapStorage.Limits(RETENTION_MS, SKEW_MS, 1L << 30),
                () -> List.of(key), context);
        long startMs = clock.wallMs() - 60_000;
        List<Hash128> hashes = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            Data data = News.data(String.format(Locale.ROOT, "%036d", i),
                    String.format(Locale.ROOT, "%0100d", i), startMs + (long) i * spanMs / RECORDS);
            store.merge(data);
            hashes.add(data.hash(key));
        }
        Data marker = News.data(MARKER, "raw", startMs - 1_000);
        store.merge(marker);
        RawLink.Writer writer = new RawLink.Writer();
        for (int i = 0; i < RECORDS; i += Message.MAX_HASHES) {
            announcements.add(writer.bytes(new SpreadMessage.IHave(hashes.subList(i,
                    Math.min(RECORDS, i + Message.MAX_HASHES)))));
        }
        askForMarker = writer.bytes(new SpreadMessage.Graft(List.of(marker.hash(key))));
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        cluster = new GossipCluster(new ClusterSettings(NAME, Optional.of(loopback), 0,
                Optional.empty(), Optional.empty(), List.of(), SKEW_MS, "md5",
                () -> Secrets.NONE, 64 << 20, 64 << 20,
                ClusterSettings.MAX_SOCKETS), store, new QueueEventBus(context), context);
    }

    public static void main(String[] args) throws Exception {
        System.out.printf("%d records, announced by %d peers%n", RECORDS, PEERS);
        System.out.printf("%-12s %16s %16s%n", "of ms", "longest pause ms", "all done ms");
        for (int spanMs : Arrays.stream(args).mapToInt(Integer::parseInt).toArray()) {
            new AnnounceBench(spanMs).run(spanMs);
        }
        // Peers may still send to a node that stands still.
        System.exit(0);
    }

    private void run(int spanMs) throws Exception {
        cluster.start(CLIENTS);
        CountDownLatch linked = new CountDownLatch(PEERS);
        CountDownLatch begin = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(PEERS);
        for (int i = 0; i < PEERS; i++) {
            int peer = i;
            Thread thread = new Thread(() -> announce(peer, linked, begin, done));
            thread.setDaemon(true);
            thread.start();
        }
        linked.await();
        while (cluster.members().isEmpty()) {
            Thread.onSpinWait();
        }
        long startNs = System.nanoTime();
        long longestNs = 0;
        begin.countDown();
        boolean late = false;
        while (!late && !done.await(100, TimeUnit.MICROSECONDS)) {
            long askedNs = System.nanoTime();
            boolean answered = false;
            while (!answered && !late) {
                answered = cluster.members().isPresent();
                late = System.nanoTime() - startNs > TimeUnit.SECONDS.toNanos(LONGEST_S);
            }
            longestNs = Math.max(longestNs, System.nanoTime() - askedNs);
        }
        System.out.printf(Locale.ROOT, "%-12d %16s %16s%n", spanMs, ms(longestNs, late),
                ms(System.nanoTime() - startNs, late));
        cluster.close();
    }

    private static String ms(long ns, boolean late) {
        return (late ? "> " : "") + ns / 1_000_000;
    }

    private void announce(int peer, CountDownLatch linked, CountDownLatch begin,
            CountDownLatch done) {
        try (Socket socket = new Socket("127.0.0.1", cluster.port())) {
            RawLink.Writer writer = new RawLink.Writer();
            socket.getOutputStream().write(writer.bytes(new LinkMessage.Hello(1, 1, NAME,
                    new NodeId(9, peer), new Address("127.0.0.1", 10_000 + peer), 8081,
                    new Address("", 0), clock.wallMs(), RETENTION_MS, "md5",
                    LinkRole.NEIGHBOUR)));
            RawLink reader = new RawLink();
            byte[] buffer = new byte[64 * 1024];
            InputStream in = socket.getInputStream();
            int length = in.read(buffer);
            reader.take(Arrays.copyOf(buffer, length), buffer.length, message -> { });
            linked.countDown();
            begin.await();
            Thread sender = new Thread(() -> send(socket));
            sender.setDaemon(true);
            sender.start();
            boolean[] found = new boolean[1];
            while (!found[0]) {
                length = in.read(buffer);
                reader.take(Arrays.copyOf(buffer, length), buffer.length, message -> {
                    found[0] |= message instanceof SpreadMessage.Push push
                            && push.data().id().equals(MARKER);
                });
            }
            done.countDown();
        } catch (Exception e) {
            System.out.println("peer " + peer + " failed: " + e);
        }
    }

    private void send(Socket socket) {
        try {
            for (byte[] each : announcements) {
                socket.getOutputStream().write(each);
            }
            socket.getOutputStream().write(askForMarker);
        } catch (IOException e) {
            System.out.println("a peer failed to send: " + e);
        }
    }
}
