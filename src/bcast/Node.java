package bcast;

import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Descriptors;
import bcast.base.FaultHandler;
import bcast.base.FileFault;
import bcast.base.Lazy;
import bcast.base.Log;
import bcast.base.Units;
import bcast.cluster.Cluster;
import bcast.cluster.GossipCluster;
import bcast.cluster.gossip.Address;
import bcast.cluster.net.Secret;
import bcast.core.Core;
import bcast.data.SipHash;
import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.eventbus.QueueEventBus;
import bcast.http.HttpModule;
import bcast.storage.Durability;
import bcast.storage.Journal;
import bcast.storage.MapStorage;
import bcast.storage.Storage;
import bcast.validator.DigestValidator;
import bcast.validator.Ed25519Validator;
import bcast.validator.Validator;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** One node: the modules, wired by hand. */
final class Node implements AutoCloseable {

    /** The program's version; the Makefile names the same. */
    static final String VERSION = "0.1.0";

    /** Bodies being received may take this fraction of the heap that -maxbytes leaves: 1/4. */
    private static final int BODIES_SHARE = 4;

    /** Incomplete records of peers may take this fraction of the same: 1/8. */
    private static final int UNFINISHED_SHARE = 8;

    private final Runtime runtime = Runtime.getRuntime();
    private final Config config;
    private final long startedMs;
    private final Context context;
    private final Supplier<String> name = new Lazy<>(this::newName);
    private final Descriptors descriptors;
    private final Log log;
    private final Validator validator;
    private final Storage storage;
    private final Supplier<List<Secret>> secrets;
    private final Optional<Journal> journal;
    private final Core core;
    private final HttpModule http;
    private final Cluster cluster;
    private final CredentialFiles credentials;

    /** Binds every port, then starts every thread; if one port fails, none stays bound. */
    static Node start(Config config, Context given) throws StartException {
        Node node = new Node(config, given);
        node.load();
        node.credentials.start();
        node.storage.start();
        node.core.start();
        node.http.start();
        // Last, since it has most to load, and clients need not wait for that.
        node.cluster.start(node.http.address());
        if (node.journal.isEmpty()) {
            node.prepare();
        }
        node.sayHello();
        return node;
    }

    private Node(Config config, Context given) throws StartException {
        this.config = config;
        context = new Context(given.clock(), given.random(), given.log(), given.counters(),
                logged(given));
        log = given.log();
        descriptors = descriptors();
        EventBus bus = new QueueEventBus(context);
        startedMs = context.clock().wallMs();
        credentials = new CredentialFiles(config, context);
        validator = validator(config.validator(), bus);
        secrets = credentials.secrets(now -> { });
        storage = new MapStorage(new MapStorage.Limits(config.retentionMs(), config.maxSkewMs(),
                config.recordsBytes()), this::hashKeys, context);
        journal = journal();
        core = new Core(validator, storage, journal.map(Durability.class::cast)
                .orElse(Durability.NONE), config.confirmed(), bus,
                new Core.Timing(config.retentionMs(), config.maxSkewMs(), config.intervalMs()),
                context);
        measure();
        try {
            cluster = newCluster(bus);
            http = newHttp();
        } catch (StartException e) {
            journal.ifPresent(Journal::close);
            throw e;
        }
    }

    private Descriptors descriptors() throws StartException {
        Descriptors found = Descriptors.ofProcess();
        long wanted = Descriptors.wanted(HttpModule.MAX_CONNECTIONS, GossipCluster.MAX_SOCKETS);
        long limit = found.limit().orElse(wanted);
        if (limit < Descriptors.MIN_LIMIT) {
            throw new StartException("only " + limit + " open files are allowed, and a node needs "
                    + Descriptors.MIN_LIMIT + " at least; " + Descriptors.advice(wanted), 1);
        }
        if (limit < wanted) {
            log.warn("only " + limit + " open files are allowed, enough for "
                    + found.clients(HttpModule.MAX_CONNECTIONS) + " connections of clients and "
                    + found.links(GossipCluster.MAX_SOCKETS) + " links; "
                    + Descriptors.advice(wanted));
        }
        return found;
    }

    /** Logs each fault before it is handled. */
    private static FaultHandler logged(Context context) {
        return (thread, e) -> {
            StackTraceElement[] trace = e.getStackTrace();
            context.log().error("thread " + thread + " failed: " + e
                    + (trace.length > 0 ? " at " + trace[0] : ""));
            context.fault().failed(thread, e);
        };
    }


    /** By which peers compare what they hold: those of the secrets, or the cluster's own. */
    private List<SipHash> hashKeys() {
        List<Secret> now = secrets.get();
        return now.isEmpty() ? List.of(Secret.openHashKey(config.cluster()))
                : now.stream().map(secret -> secret.hashKey(config.cluster())).toList();
    }

    /** Names this start, and changes if a copy of this process runs elsewhere. */
    private String startName() {
        return name.get() + peers().incarnation();
    }

    private String newName() {
        return HexFormat.of().toHexDigits(context.random().get().nextLong(), 12);
    }

    private Optional<Journal> journal() throws StartException {
        if (config.dataDir().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Journal(config.dataDir().get(), config.sync(), storage,
                    config.retentionMs(), config.maxSkewMs(), context));
        } catch (IOException e) {
            throw cannotKeep(e);
        }
    }

    private StartException cannotKeep(IOException e) {
        return new StartException("cannot keep news in " + config.dataDir().orElseThrow() + ": "
                + FileFault.why(e) + "; see -datadir", 1);
    }

    private void load() throws StartException {
        if (journal.isEmpty()) {
            return;
        }
        prepare();
        try {
            journal.get().load(core::genuine);
            journal.get().start();
        } catch (IOException e) {
            close();
            throw cannotKeep(e);
        }
    }

    /** What a validator needs is made late as well, but not so late that its lack is a surprise. */
    private void prepare() throws StartException {
        try {
            validator.prepare();
        } catch (IllegalStateException e) {
            close();
            throw new StartException(e.getMessage(), 1);
        }
    }

    /** Lambdas of one shape: Java makes code for each shape, which would delay the start. */
    private void measure() {
        Counters counters = context.counters();
        counters.gauge("records", () -> storage.size());
        counters.gauge("records_bytes", () -> storage.bytes());
        counters.gauge("records_limit_bytes", () -> config.recordsBytes());
        counters.gauge("ready", () -> core.problems().isEmpty() ? 1 : 0);
        counters.gauge("heap_used_bytes", () -> runtime.totalMemory() - runtime.freeMemory());
        counters.gauge("heap_max_bytes", () -> runtime.maxMemory());
        counters.gauge("start_time_seconds", () -> startedMs / 1e3);
    }

    private HttpModule newHttp() throws StartException {
        InetSocketAddress address =
                new InetSocketAddress(config.bind().orElse(null), config.httpPort());
        try {
            return new HttpModule(new HttpModule.Settings(address,
                    descriptors.clients(HttpModule.MAX_CONNECTIONS), config.maxRaw(),
                    config.freeBytes() / BODIES_SHARE, config.hosts(), config.cors(),
                    config.trustProxy(), config.accessLog(), credentials.tokens(),
                    credentials.certificates()),
                    new HttpModule.Identity(VERSION, config.cluster(), validator.name(),
                    this::startName, startedMs),
                    core, () -> peers().members(), context);
        } catch (IOException e) {
            cluster.close();
            throw new StartException("cannot listen for HTTP on " + where(config.httpPort()) + ": "
                    + e.getMessage() + "; see -httpport and -bind", 1);
        }
    }

    private Cluster newCluster(EventBus bus) throws StartException {
        GossipCluster.Settings settings = new GossipCluster.Settings(config.cluster(),
                config.bind(), config.clusterPort(), config.advertise(), config.group(),
                config.peers(), config.retentionMs(),
                config.maxSkewMs(), validator.name(), config.flushWindowMs(), secrets,
                new GossipCluster.Memory(config.queuesBytes(),
                        config.freeBytes() / UNFINISHED_SHARE),
                descriptors.links(GossipCluster.MAX_SOCKETS));
        try {
            return new GossipCluster(settings, storage, bus, context);
        } catch (IOException e) {
            throw new StartException("cannot listen for links on " + where(config.clusterPort())
                    + ": " + e.getMessage() + "; see -clusterport and -bind", 1);
        }
    }

    private String where(int port) {
        return config.bind().map(address -> written(address) + ":").orElse("port ") + port;
    }

    private Validator validator(String name, EventBus bus) throws StartException {
        if (name.startsWith(Config.ED25519)) {
            return new Ed25519Validator(credentials.trusted(
                    Path.of(name.substring(Config.ED25519.length())),
                    () -> bus.publish(new Event.KeysChanged())));
        }
        if (name.equals("md5")) {
            return DigestValidator.md5();
        }
        if (name.equals("sha256")) {
            return DigestValidator.sha256();
        }
        try {
            Class<?> own = Class.forName(name, true, ClassLoader.getSystemClassLoader());
            return (Validator) own.getConstructor().newInstance();
        } catch (ClassNotFoundException e) {
            throw new StartException("bad value \"" + name + "\" for -validator: no such class "
                    + "on the class path; start with: java -cp build/bcast.jar:yours.jar "
                    + "bcast.Main", 2);
        } catch (LinkageError | InvocationTargetException e) {
            throw new StartException("bad value \"" + name + "\" for -validator: it cannot be "
                    + "loaded: " + (e.getCause() == null ? e : e.getCause()), 2);
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new StartException("bad value \"" + name + "\" for -validator: it must be a "
                    + "public class with a public constructor without parameters that implements "
                    + Validator.class.getName(), 2);
        }
    }

    private void sayHello() {
        log.always("bcast " + VERSION + ": clients at " + url());
        log.always("cluster \"" + config.cluster() + "\" on TCP port " + cluster.port()
                + lookingFor() + (config.secretFile().isPresent()
                ? "; links are secret" : ""));
        if (config.secretFile().isEmpty()) {
            log.warn("links are open: anybody on a private network of this host can read and "
                    + "send news; see -secretfile");
        }
        log.always("keeping news for " + Units.duration(config.retentionMs())
                + config.dataDir().map(dir -> " in " + dir + " and").orElse("") + " in at most "
                + Units.size(config.maxBytes()) + " of memory; raw up to "
                + Units.size(config.maxRaw()) + "; validator " + validator.name()
                + "; clocks may differ by " + Units.duration(config.maxSkewMs()));
    }

    /** The cluster logs where it looks by multicast once it has seen which interfaces there are. */
    private String lookingFor() {
        if (config.peers().isEmpty()) {
            return config.group().isEmpty() ? ", waiting for peers" : "";
        }
        return ", looking for peers at " + config.peers().stream().map(Address::toString)
                .collect(Collectors.joining(", "));
    }

    /** {@return where clients find this node} */
    String url() {
        return (config.tlsCert().isPresent() ? "https://" : "http://")
                + config.bind().map(Node::written).orElse("localhost") + ":"
                + http.address().getPort();
    }

    /** An address as people write it: IPv6 in brackets, its longest run of zeros left out. */
    private static String written(InetAddress address) {
        String host = address.getHostAddress();
        return host.contains(":") ? "[" + host.replaceFirst("(^|:)(0(:|$)){2,8}", "::") + "]"
                : host;
    }

    /** Reads the files of secrets, tokens, keys and certificates again soon. */
    void readFilesAgain() {
        credentials.readAgain();
    }

    Core core() {
        return core;
    }

    HttpModule http() {
        return http;
    }

    Cluster peers() {
        return cluster;
    }

    Counters counters() {
        return context.counters();
    }

    /** Answers what is in flight, hands over what peers lack, stops. At most 15 s. */
    @Override
    public void close() {
        http.close();
        if (cluster.peers() == 0 && core.size() > 0 && journal.isEmpty()) {
            log.warn("no peer is linked: news that only this node holds is lost; "
                    + "records held: " + core.size() + "; -datadir keeps them");
        }
        cluster.close();
        core.close();
        journal.ifPresent(Journal::close);
        storage.close();
        credentials.stop();
        log.info("stopped");
    }
}
