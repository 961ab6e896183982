package bcast;

import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Log;
import bcast.base.Metric;
import bcast.base.StartException;
import bcast.base.Units;
import bcast.base.Worker;
import bcast.cluster.Cluster;
import bcast.core.Core;
import bcast.http.Frontend;
import bcast.storage.Durability;
import bcast.storage.Storage;
import bcast.validator.Validator;

/**
 * Runs the modules of one node: starts them in order, logs where the node is, and stops them in
 * order. {@link #start} and {@link #close} are called by one thread each.
 */
public final class Node implements AutoCloseable {

    /** The program's version; the Makefile names the same. */
    public static final String VERSION = "0.1.0";

    /**
     * Longest time from SIGTERM to the end of the process, in milliseconds: 15 s. Storage and
     * {@link Credentials} have a thread each.
     */
    public static final long CLOSE_MS = Frontend.CLOSE_MS + Cluster.CLOSE_MS + Core.CLOSE_MS
            + Durability.CLOSE_MS + 2 * Worker.JOIN_MS + Ending.FLUSH_MS;

    private final Config config;
    private final Credentials credentials;
    private final Validator validator;
    private final Storage storage;
    private final Durability durability;
    private final Core core;
    private final Cluster cluster;
    private final Frontend frontend;
    private final Log log;

    /**
     * Takes the modules, none of which is started. They are this node's from now on: {@link #close}
     * closes all of them, without a start as well.
     *
     * @param validator the one of {@code core}, like storage and durability
     * @param durability {@link Durability#NONE} in memory only
     */
    public Node(Config config, Credentials credentials, Validator validator, Storage storage,
            Durability durability, Core core, Cluster cluster, Frontend frontend,
            Context context) {
        this.config = config;
        this.credentials = credentials;
        this.validator = validator;
        this.storage = storage;
        this.durability = durability;
        this.core = core;
        this.cluster = cluster;
        this.frontend = frontend;
        this.log = context.log();
        measure(context.counters(), context.clock().wallMs());
    }

    private void measure(Counters counters, long startedMs) {
        Runtime runtime = Runtime.getRuntime();
        counters.gauge(Metric.gauge("bcast_records", "Records held."), storage::size);
        counters.gauge(Metric.gauge("bcast_records_bytes",
                "Memory taken by records, indexes included."), storage::bytes);
        counters.gauge(Metric.gauge("bcast_records_limit_bytes",
                "Memory that records may take, see -maxbytes."), config::recordsBytes);
        counters.gauge(Metric.gauge("bcast_ready", "1 if the node is ready, else 0."),
                () -> core.problems().isEmpty() ? 1 : 0);
        counters.gauge(Metric.gauge("bcast_heap_used_bytes", "Java heap in use."),
                () -> runtime.totalMemory() - runtime.freeMemory());
        counters.gauge(Metric.gauge("bcast_heap_max_bytes", "Java heap that may be used."),
                runtime::maxMemory);
        counters.gauge(Metric.gauge("process_start_time_seconds",
                "When the node started, in seconds since 1970."), () -> startedMs / 1e3);
    }

    /**
     * Starts every module, once the records on disk are read. Closes the node if that fails.
     *
     * @throws StartException if records on disk cannot be read or the validator cannot work
     */
    public void start() throws StartException {
        try {
            prepare();
            durability.load(core::genuine);
            durability.start();
            credentials.start();
            storage.start();
            core.start();
            frontend.start();
            // Last, since it has most to load, and clients need not wait for that.
            cluster.start(frontend.address());
        } catch (StartException | RuntimeException e) {
            close();
            throw e;
        }
        sayHello();
    }

    /** First: a node that can judge nothing must not serve clients and then end. */
    private void prepare() throws StartException {
        try {
            validator.prepare();
        } catch (IllegalStateException e) {
            throw new StartException(e.getMessage());
        }
    }

    private void sayHello() {
        log.always("bcast " + VERSION + ": clients at " + frontend.url());
        // The cluster logs the rest itself: one of your own may use neither -peers nor -secretfile.
        log.always("cluster \"" + config.cluster() + "\""
                + (cluster.port() == 0 ? "" : " on TCP port " + cluster.port()));
        log.always("keeping news for " + Units.duration(storage.retentionMs())
                + (durability == Durability.NONE ? ""
                : config.dataDir().map(dir -> " in " + dir + " and").orElse("")) + " in at most "
                + Units.size(config.maxBytes()) + " of memory; raw up to "
                + Units.size(config.maxRaw()) + "; validator " + validator.name()
                + "; clocks may differ by " + Units.duration(config.maxSkewMs()));
    }

    void readFilesAgain() {
        credentials.readAgain();
    }

    Core core() {
        return core;
    }

    Storage storage() {
        return storage;
    }

    Frontend http() {
        return frontend;
    }

    Cluster peers() {
        return cluster;
    }

    /** Answers what is in flight, hands over what peers lack, stops; see {@link #CLOSE_MS}. */
    @Override
    public void close() {
        frontend.close();
        if (cluster.peers() == 0 && storage.size() > 0 && durability == Durability.NONE) {
            log.warn("no peer is linked: records that only this node has are lost; "
                    + "records held: " + storage.size() + "; -datadir keeps them");
        }
        cluster.close();
        core.close();
        durability.close();
        storage.close();
        credentials.stop();
        log.info("stopped");
    }
}
