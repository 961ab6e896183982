package bcast;

import bcast.base.Descriptors;
import bcast.base.Log;
import bcast.cluster.ClusterSettings;
import bcast.core.Core;
import bcast.http.HttpModule;
import bcast.http.Networks;
import bcast.storage.MapStorage;
import bcast.storage.journal.Journal;
import bcast.validator.Validator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a node is to run: one value for each flag of {@code -help}, read and checked; times are in
 * milliseconds, sizes in bytes. Immutable.
 *
 * @param bind the only address that HTTP, links and multicast use; empty for all
 * @param advertise where peers should dial this node, unresolved; empty to let them see it
 * @param group IPv4 multicast group and port to find peers; empty for none
 * @param peers nodes to link to, unresolved, as names are looked up at each attempt
 * @param confirmed whether a post is acknowledged only when a peer holds the record as well
 * @param tlsKey present exactly if the certificates are
 * @param cors the one other origin whose pages may read and post, {@code *} for any
 */
public record Config(int httpPort, Optional<InetAddress> bind, int clusterPort,
        Optional<InetSocketAddress> advertise, Optional<InetSocketAddress> group,
        List<InetSocketAddress> peers, String cluster, long retentionMs, long intervalMs,
        int maxRaw, long maxBytes, Optional<Path> dataDir, Journal.Sync sync,
        boolean confirmed, long maxSkewMs, String validator, Optional<Path> secretFile,
        Optional<Path> tokenFile, Optional<Path> tlsCert, Optional<Path> tlsKey, Set<String> hosts,
        Optional<String> cors, Networks trustProxy, boolean accessLog, Log.Level logLevel) {

    /** Records that live less than this would expire while they travel. */
    public static final long MIN_RETENTION_MS = 1_000;

    /** A year: far below where sums of times overflow. */
    public static final long MAX_DURATION_MS = 366L * 24 * 3_600_000;

    /** More frequent comparisons would load all nodes without end. */
    public static final long MIN_INTERVAL_MS = 100;

    /** 16 MiB: less would not hold one record of the largest size, sketches and queues. */
    public static final long MIN_MAX_BYTES = 16L << 20;

    /** The rest of the heap is for requests, links and Java itself. */
    public static final int MAX_HEAP_PERCENT = 80;

    /** Messages that wait on links get this part of {@code -maxbytes}. */
    private static final int QUEUES_SHARE = 16;
    private static final long MIN_QUEUES_BYTES = 2L << 20;
    private static final long MAX_QUEUES_BYTES = 64L << 20;

    /** Bodies being received may take this part of the heap that {@code -maxbytes} leaves. */
    private static final int BODIES_SHARE = 4;

    /** Incomplete records of peers may take this part of the same. */
    private static final int UNFINISHED_SHARE = 8;

    /**
     * {@return the values of flags, and the defaults of all others; no environment is looked at}
     *
     * @param flags such as {@code -httpport=0}
     * @throws UsageException if one is unknown or its value is not allowed
     */
    public static Config of(String... flags) throws UsageException {
        return ConfigReader.config(Flags.parse(flags, Map.of()));
    }

    /** {@return what the default store may keep} */
    public MapStorage.Limits limits() {
        return new MapStorage.Limits(retentionMs, maxSkewMs, recordsBytes());
    }

    /** {@return the times that {@link Core} keeps to} */
    public Core.Timing timing() {
        return new Core.Timing(maxSkewMs, intervalMs);
    }

    /** {@return the part of {@link #maxBytes} for records, their indexes and sketches, in bytes} */
    public long recordsBytes() {
        return maxBytes - queuesBytes();
    }

    private long queuesBytes() {
        return Math.min(Math.max(maxBytes / QUEUES_SHARE, MIN_QUEUES_BYTES), MAX_QUEUES_BYTES);
    }

    /** What {@link #maxBytes} leaves of the heap. */
    private long freeBytes() {
        return Runtime.getRuntime().maxMemory() - maxBytes;
    }

    /**
     * {@return how the default cluster takes part}
     *
     * @param validator all nodes must have the same
     * @param credentials have the cluster's secrets
     */
    public ClusterSettings clusterSettings(Validator validator, Credentials credentials) {
        return new ClusterSettings(cluster, bind, clusterPort, advertise, group, peers,
                maxSkewMs, validator.name(), credentials::secrets,
                queuesBytes(), freeBytes() / UNFINISHED_SHARE,
                Descriptors.ofProcess().links(ClusterSettings.MAX_SOCKETS));
    }

    /**
     * {@return what clients may do by HTTP}
     *
     * @param validator clients are told its name
     * @param credentials have tokens and certificates
     */
    public HttpModule.Settings httpSettings(Validator validator, Credentials credentials) {
        return new HttpModule.Settings(new InetSocketAddress(bind.orElse(null), httpPort),
                Descriptors.ofProcess().clients(HttpModule.MAX_CONNECTIONS), maxRaw,
                freeBytes() / BODIES_SHARE, hosts, cors, trustProxy, accessLog,
                credentials::tokens, credentials.certificates(),
                new HttpModule.Identity(Node.VERSION, cluster, validator.name()));
    }
}
