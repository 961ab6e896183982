package bcast;

import bcast.base.Descriptors;
import bcast.base.Log;
import bcast.cluster.ClusterSettings;
import bcast.core.Core;
import bcast.data.Data;
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
 * How a node is to run: one value for each flag, read and checked. Immutable; {@code -help} lists
 * the flags with their defaults.
 *
 * @param httpPort TCP port for clients, 0 for a free one ({@code -httpport})
 * @param bind the only address that HTTP, links and multicast use; empty for all ({@code -bind})
 * @param clusterPort TCP port for links, 0 for a free one ({@code -clusterport})
 * @param advertise where peers should dial this node, unresolved; empty to let them see for
 *     themselves ({@code -advertise})
 * @param group IPv4 multicast group and port to find peers; empty for none ({@code -group})
 * @param peers nodes to link to, unresolved: names are looked up at each attempt ({@code -peers})
 * @param cluster name of the cluster, 1 to {@value ClusterSettings#MAX_NAME_BYTES} bytes of UTF-8;
 *     nodes of other names are ignored ({@code -cluster})
 * @param retentionMs how long a record is kept after its timestamp, in milliseconds, from
 *     {@value #MIN_RETENTION_MS} to {@value #MAX_DURATION_MS}; the same on all nodes
 *     ({@code -retention})
 * @param intervalMs time between comparisons of all stored data with some peers, in milliseconds,
 *     from {@value #MIN_INTERVAL_MS} to {@value #MAX_DURATION_MS} ({@code -interval})
 * @param maxRaw longest raw taken from a client, in bytes, from 1 to {@value Data#MAX_RAW_BYTES}
 *     ({@code -maxraw})
 * @param maxBytes memory for records, sketches and queues, in bytes, from {@value #MIN_MAX_BYTES}
 *     to {@value #MAX_HEAP_PERCENT} % of the heap ({@code -maxbytes})
 * @param dataDir directory that keeps records on disk; empty for memory only ({@code -datadir})
 * @param sync when records are synced to disk ({@code -fsync})
 * @param confirmed whether a post is acknowledged only when a peer holds the record as well
 *     ({@code -ack})
 * @param maxSkewMs how far clocks of nodes may be apart, in milliseconds, from 1 to
 *     {@value #MAX_DURATION_MS} ({@code -maxskew})
 * @param validator {@code md5}, {@code sha256}, {@code ed25519:FILE} or the name of a class
 *     ({@code -validator})
 * @param secretFile file of the cluster's secrets; empty for open links ({@code -secretfile})
 * @param tokenFile file of the tokens that writes need; empty for none ({@code -tokenfile})
 * @param tlsCert file of the certificates for HTTPS; empty for HTTP ({@code -tlscert})
 * @param tlsKey file of their key; present exactly if the certificates are ({@code -tlskey})
 * @param hosts names under which browsers may post, besides this host's own ({@code -host})
 * @param cors the one other origin whose pages may read and post, {@code *} for any; empty for
 *     none ({@code -cors})
 * @param trustProxy reverse proxies whose {@code X-Forwarded-For} is trusted ({@code -trustproxy})
 * @param accessLog whether each request is logged ({@code -accesslog})
 * @param logLevel the most detailed level that is logged ({@code -loglevel})
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

    /** Messages that wait on links get this fraction of {@code -maxbytes}: 1/16. */
    private static final int QUEUES_SHARE = 16;
    private static final long MIN_QUEUES_BYTES = 2L << 20;
    private static final long MAX_QUEUES_BYTES = 64L << 20;

    /** Bodies being received may take this fraction of the heap that -maxbytes leaves: 1/4. */
    private static final int BODIES_SHARE = 4;

    /** Incomplete records of peers may take this fraction of the same: 1/8. */
    private static final int UNFINISHED_SHARE = 8;

    /**
     * Reads flags as the command line has them; environment variables are not looked at.
     *
     * @param flags such as {@code -httpport=0}
     * @return their values, and the defaults of all others
     * @throws UsageException if one is unknown or its value is not allowed
     */
    public static Config of(String... flags) throws UsageException {
        return of(Flags.parse(flags, Map.of()));
    }

    static Config of(Flags flags) throws UsageException {
        return ConfigReader.config(flags);
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

    /** Of {@link #maxBytes}, the part for messages that wait on links. */
    private long queuesBytes() {
        return Math.min(Math.max(maxBytes / QUEUES_SHARE, MIN_QUEUES_BYTES), MAX_QUEUES_BYTES);
    }

    /** What {@link #maxBytes} leaves of the heap. */
    private long freeBytes() {
        return Runtime.getRuntime().maxMemory() - maxBytes;
    }

    /**
     * Chooses how the default cluster takes part. Where few open files are allowed it gets a
     * quarter of them.
     *
     * @param validator all nodes must have the same
     * @param credentials have the cluster's secrets
     * @return the settings
     */
    public ClusterSettings clusterSettings(Validator validator, Credentials credentials) {
        return new ClusterSettings(cluster, bind, clusterPort, advertise, group, peers,
                maxSkewMs, validator.name(), credentials::secrets,
                queuesBytes(), freeBytes() / UNFINISHED_SHARE,
                Descriptors.ofProcess().links(ClusterSettings.MAX_SOCKETS));
    }

    /**
     * Chooses what clients may do by HTTP. Where few open files are allowed their connections get
     * three quarters of them.
     *
     * @param validator clients are told its name
     * @param credentials have tokens and certificates
     * @return the settings
     */
    public HttpModule.Settings httpSettings(Validator validator, Credentials credentials) {
        return new HttpModule.Settings(new InetSocketAddress(bind.orElse(null), httpPort),
                Descriptors.ofProcess().clients(HttpModule.MAX_CONNECTIONS), maxRaw,
                freeBytes() / BODIES_SHARE, hosts, cors, trustProxy, accessLog,
                credentials::tokens, credentials.certificates(),
                new HttpModule.Identity(Node.VERSION, cluster, validator.name()));
    }
}
