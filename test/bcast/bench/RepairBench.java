package bcast.bench;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Log;
import bcast.cluster.ClusterSettings;
import bcast.cluster.GossipCluster;
import bcast.cluster.Secrets;
import bcast.cluster.gossip.repair.RepairCounts;
import bcast.cluster.net.LinkCounts;
import bcast.cluster.net.secret.Secret;
import bcast.core.Core;
import bcast.core.Outcome;
import bcast.data.Data;
import bcast.data.SipHash;
import bcast.eventbus.QueueEventBus;
import bcast.eventbus.Source;
import bcast.storage.Digest;
import bcast.storage.Durability;
import bcast.storage.MapStorage;
import bcast.testing.Await;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.validator.DigestValidator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What it costs to make two stores equal: real stores, cores and links over loopback, in one
 * process. {@code RepairBench RECORDS} prints a table.
 */
final class RepairBench {

    /** Nothing listens there. */
    private static final InetSocketAddress CLIENTS = new InetSocketAddress("127.0.0.1", 1);

    private static final long RETENTION_MS = 24 * 3_600_000L;
    private static final long SKEW_MS = 300_000;
    /** No message of a round for so long: it is over. */
    private static final long QUIET_NS = 700_000_000;
    private static final int LOAD_POSTS = 1_000;
    private static final int LOAD_SECONDS = 20;
    private static final long SPAN_MS = 23 * 3_600_000L;

    private final String clusterName = "bench";
    private final int records;
    private final long startMs = Clock.system().wallMs();

    private RepairBench(int records) {
        this.records = records;
    }

    public static void main(String[] args) throws Exception {
        RepairBench bench = new RepairBench(args.length > 0 ? Integer.parseInt(args[0])
                : 1_000_000);
        System.out.printf("%d records of 100-byte raws a side%n", bench.records);
        System.out.printf("%-28s %12s %14s %10s%n", "difference", "sync bytes", "record bytes",
                "ms");
        bench.run("none", 0, false);
        bench.run("1", 1, false);
        bench.run("100 over 24 h", 100, false);
        bench.run("10,000 over 24 h", 10_000, false);
        bench.run("10,000 in one bucket", 10_000, true);
        bench.newcomer();
        bench.underLoad();
    }

    private final class Side implements AutoCloseable {
        final Context context = Contexts.logging(Clock.system(), Log.Level.WARN,
                System.out::println);
        final Counters counters = context.counters();
        final MapStorage storage;
        final Core core;
        final GossipCluster cluster;
        private final SipHash key;

        Side(String name, List<InetSocketAddress> named) throws Exception {
            QueueEventBus bus = new QueueEventBus(context);
            key = Secret.openHashKey(name);
            storage = new MapStorage(new MapStorage.Limits(RETENTION_MS, SKEW_MS, 4L << 30),
                    () -> List.of(key), context);
            core = new Core(DigestValidator.md5(), storage, Durability.NONE, false, bus,
                    new Core.Timing(SKEW_MS, 600_000), context);
            InetAddress loopback = InetAddress.getByName("127.0.0.1");
            cluster = new GossipCluster(new ClusterSettings(name, Optional.of(loopback), 0,
                    Optional.empty(), Optional.empty(), named, SKEW_MS, "md5",
                    () -> Secrets.NONE, 64 << 20, 64 << 20,
                    ClusterSettings.MAX_SOCKETS), storage, bus, context);
            core.start();
        }

        List<Digest> digests() {
            return storage.keyed(key).digests(0, Long.MAX_VALUE);
        }

        void post(Data data) {
            Outcome outcome = core.deliver(data, Source.CLIENT);
            if (!(outcome instanceof Outcome.Accepted)) {
                throw new AssertionError("not accepted: " + outcome);
            }
        }

        @Override
        public void close() {
            cluster.close();
            core.close();
        }
    }

    private Data record(int i, long timestamp) {
        String id = String.format(Locale.ROOT, "%036d", i);
        String raw = String.format(Locale.ROOT, "%0100d", i);
        return News.data(id, raw, timestamp);
    }

    private long spread(int i) {
        return startMs - SPAN_MS + (long) ((double) SPAN_MS * i / records);
    }

    /** Half of the difference is on each side. */
    private void run(String name, int difference, boolean oneBucket) throws Exception {
        try (Side a = new Side(clusterName, List.of())) {
            for (int i = 0; i < records - difference; i++) {
                a.storage.merge(record(i, spread(i)));
            }
            List<Data> common = a.storage.list();
            try (Side b = new Side(clusterName, List.of(InetSocketAddress.createUnresolved(
                    "127.0.0.1", a.cluster.port())))) {
                common.forEach(b.storage::merge);
                long recordBytes = 0;
                for (int i = 0; i < difference; i++) {
                    int number = records + i;
                    long timestamp = oneBucket ? startMs - 3_600_000 + i % 60_000
                            : spread((int) ((long) i * records / difference));
                    Data data = record(number, timestamp);
                    recordBytes += data.wireLength();
                    (i % 2 == 0 ? a : b).storage.merge(data);
                }
                measure(name, a, b, recordBytes);
            }
        }
    }

    private void newcomer() throws Exception {
        try (Side a = new Side(clusterName, List.of())) {
            for (int i = 0; i < records; i++) {
                a.storage.merge(record(i, spread(i)));
            }
            try (Side b = new Side(clusterName, List.of(InetSocketAddress.createUnresolved(
                    "127.0.0.1", a.cluster.port())))) {
                measure("newcomer", a, b, (long) records * record(0, startMs).wireLength());
            }
        }
    }

    /** Posts at both sides while they compare their stores again and again. */
    private void underLoad() throws Exception {
        try (Side a = new Side(clusterName, List.of())) {
            for (int i = 0; i < records; i++) {
                a.storage.merge(record(i, spread(i)));
            }
            List<Data> common = a.storage.list();
            try (Side b = new Side(clusterName, List.of(InetSocketAddress.createUnresolved(
                    "127.0.0.1", a.cluster.port())))) {
                common.forEach(b.storage::merge);
                measure("none", a, b, 0);
                long bytes = syncBytes(a, b);
                long[] before = rounds(a, b);
                long start = System.nanoTime();
                for (int i = 0; i < LOAD_SECONDS * LOAD_POSTS; i++) {
                    while (System.nanoTime() - start < 1_000_000_000L * i / LOAD_POSTS) {
                        Thread.onSpinWait();
                    }
                    a.post(record(records + 2 * i, 0));
                    b.post(record(records + 2 * i + 1, 0));
                    if (i % (LOAD_POSTS / 2) == 0) {
                        a.core.broadcast();
                        b.core.broadcast();
                    }
                }
                Await.until("equal", 30, () -> a.storage.size() == b.storage.size()
                        && a.storage.size() == records + 2 * LOAD_SECONDS * LOAD_POSTS);
                long[] after = rounds(a, b);
                System.out.printf(Locale.ROOT, "%d posts/s at both sides for %d s: rounds %d, of "
                        + "them different %d, large sketches %d, by bucket %d, bulk %d; "
                        + "%d sync bytes a round%n", LOAD_POSTS, LOAD_SECONDS,
                        after[0] - before[0], after[1] - before[1], after[2] - before[2],
                        after[3] - before[3], after[4] - before[4],
                        (syncBytes(a, b) - bytes) / Math.max(1, after[0] - before[0]));
                if (after[2] + after[3] + after[4] > before[2] + before[3] + before[4]) {
                    throw new AssertionError("load alone led to more than a prefix");
                }
            }
        }
    }

    private static long[] rounds(Side a, Side b) {
        return Stream.of(RepairCounts.ROUNDS, RepairCounts.ROUNDS_DIFFERENT, RepairCounts.LARGE,
                RepairCounts.BUCKETS, RepairCounts.BULK).mapToLong(counter ->
                a.counters.get(counter) + b.counters.get(counter)).toArray();
    }

    private void measure(String name, Side a, Side b, long recordBytes) throws Exception {
        a.cluster.start(CLIENTS);
        b.cluster.start(CLIENTS);
        long start = System.nanoTime();
        Await.until("equal", 300, () -> a.storage.size() == b.storage.size()
                && a.digests().equals(
                        b.digests()) && rounds(a) + rounds(b) > 0);
        double ms = (System.nanoTime() - start) / 1e6;
        long[] seen = {-1, System.nanoTime()};
        Await.until("the round ends", 10, () -> {
            long bytes = syncBytes(a, b);
            if (bytes != seen[0]) {
                seen[0] = bytes;
                seen[1] = System.nanoTime();
            }
            return System.nanoTime() - seen[1] > QUIET_NS;
        });
        System.out.printf(Locale.ROOT, "%-28s %12d %14d %10.0f  large %d, buckets %d%n", name,
                syncBytes(a, b), recordBytes, ms,
                a.counters.get(RepairCounts.LARGE) + b.counters.get(RepairCounts.LARGE),
                a.counters.get(RepairCounts.BUCKETS) + b.counters.get(RepairCounts.BUCKETS));
    }

    private static long syncBytes(Side a, Side b) {
        return a.counters.get(LinkCounts.SYNC_BYTES) + b.counters.get(LinkCounts.SYNC_BYTES);
    }

    private static long rounds(Side side) {
        return side.counters.get(RepairCounts.ROUNDS);
    }
}
