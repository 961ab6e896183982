package bcast.http;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.HostNetwork;
import bcast.base.HostPort;
import bcast.base.Log;
import bcast.base.StartException;
import bcast.cluster.Cluster;
import bcast.core.Core;
import bcast.storage.Storage;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;

/**
 * Serves clients over HTTP/1.1. Each request has a thread of its own for as long as its deadlines
 * allow, so slow clients cost threads, which are bounded, and never another client's time.
 */
public final class HttpModule implements Frontend {

    /**
     * Most connections at once, if the system allows as many open files; the JDK's server closes
     * those beyond at once.
     */
    public static final int MAX_CONNECTIONS = 2_048;

    /** Counts requests that ended by a fault of ours; each is logged. */
    public static final String FAULTS = "http_faults";

    /** Name of the thread of the JDK's server that hears all clients. */
    public static final String DISPATCHER = "HTTP-Dispatcher";

    /** When a refused client should come back. */
    static final String RETRY_AFTER_S = "2";

    /** Probes are free of the limit by address: they must get through whatever else it sends. */
    private static final Set<String> PROBED_PATHS = Set.of("/healthz", "/readyz", "/metrics");

    /** Heap for each concurrent request: its header fields, and the buffers of its connection. */
    private static final int REQUEST_BYTES = 64 * 1024;

    private static final int MIN_REQUESTS = 16;
    /**
     * Connections that wait to be accepted. One beyond is silently dropped, and its client tries
     * again after a second; Linux keeps 4,096 at most.
     */
    private static final int BACKLOG = 4_096;

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    private static final long STOP_MS = 700;
    private static final long STOP_CHECK_MS = 5;

    private final HttpServer server;
    private final ExecutorService threads;
    private final Deadlines deadlines;
    private final SharedMemory bodies;
    private final SharedMemory answers;
    private final SendQueues queues;
    private final RequestsPerAddress requestsPerAddress;
    private final ClientAddress addresses;
    private final OriginCheck originCheck;
    private final Supplier<Optional<Tokens>> tokens;
    private final Events events;
    private final boolean accessLog;
    private final Map<String, Route> routes;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Log log;
    private final Counters counters;
    private final Clock clock;
    private volatile boolean started;
    private volatile boolean stopping;

    static {
        // The JDK reads them when its server's classes load, so this must come first.
        JdkServerSettings.configure();
    }

    /**
     * Where the server listens, and the limits and rights of its clients.
     *
     * @param address the address to listen on; port 0 picks a free one
     * @param maxConnections most requests at once; fewer if there is little memory for bodies
     * @param maxRaw longest raw accepted from a client, in bytes of UTF-8
     * @param bodiesBytes memory for all bodies being received, in bytes; answers being sent have
     *     half as much in addition, and readers of events as much
     * @param hosts names under which browsers may post, in addition to this host's own
     * @param cors the one other origin whose pages may read and post, or {@code *} for all
     * @param proxies reverse proxies whose {@code X-Forwarded-For} is believed
     * @param accessLog whether each request is logged
     * @param tokens supplies the tokens of which each write must bear one; empty if writes need
     *     none
     * @param certificates the certificates for HTTPS; empty to serve plain HTTP
     * @param identity names of this node's version, cluster and validator
     */
    public record Settings(InetSocketAddress address, int maxConnections, int maxRaw,
            long bodiesBytes, Set<String> hosts, Optional<String> cors, Networks proxies,
            boolean accessLog, Supplier<Optional<Tokens>> tokens,
            Optional<Certificates> certificates, Identity identity) {}

    /**
     * Names that {@code /members} reports of this node.
     *
     * @param version the program's version
     * @param cluster name of its cluster
     * @param validator name of its validator
     */
    public record Identity(String version, String cluster, String validator) {}

    /**
     * Binds the port; requests are answered after {@link #start}.
     *
     * @param settings address, limits and rights of clients
     * @param core takes the records that clients post, and reports readiness
     * @param storage holds the records that clients read
     * @param cluster lists the other nodes
     * @param context clock, log, counters and fault handler of this node
     * @throws StartException if the port cannot be bound
     */
    public HttpModule(Settings settings, Core core, Storage storage, Cluster cluster,
            Context context) throws StartException {
        this.log = context.log();
        this.accessLog = settings.accessLog();
        this.counters = context.counters();
        this.clock = context.clock();
        this.originCheck = new OriginCheck(settings.hosts(), settings.cors());
        this.bodies = SharedMemory.ofBodies(settings.bodiesBytes());
        this.answers = SharedMemory.ofAnswers(settings.bodiesBytes() / 2);
        int requests = (int) Math.max(MIN_REQUESTS, Math.min(settings.maxConnections(),
                settings.bodiesBytes() / REQUEST_BYTES));
        this.requestsPerAddress = new RequestsPerAddress(requests / 2, counters);
        this.addresses = new ClientAddress(settings.proxies(), counters);
        this.threads = Threads.forRequests(RequestSlots.threads(requests) + 1
                + PostBatch.STORING);
        this.deadlines = new Deadlines(threads,
                new RequestSlots(requests, clock, counters), clock, context.fault());
        Start start = new Start(context, cluster);
        this.events = new Events(storage, start::name, clock, counters,
                Events.limit(requests, settings.bodiesBytes()));
        this.routes = Map.of(
                "/", Route.reading(new Page()),
                "/postNewData", Route.writing(
                        new PostNewData(core, settings.maxRaw(), threads, clock, counters)),
                "/listAllRecentData", Route.readingByPost(
                        new ListAllRecentData(storage, start::name, counters)),
                "/data", Route.reading(new GetData(storage)),
                "/events", Route.reading(events),
                "/members", Route.reading(
                        new GetMembers(core, storage, cluster, settings.identity(), start)),
                "/metrics", Route.reading(new GetMetrics(counters)),
                "/openapi.json", Route.reading(new Resource("openapi.json", Variant.JSON)),
                "/healthz", Route.reading(Health.live()),
                "/readyz", Route.reading(Health.ready(core)));
        counters.gauge(MetricNames.IN_PROGRESS, inFlight::get);
        this.tokens = settings.tokens();
        this.server = listening(settings);
        this.queues = new SendQueues(address().getPort(), clock);
        server.setExecutor(deadlines);
        server.createContext("/", this::serve);
    }

    private static HttpServer listening(Settings settings) throws StartException {
        try {
            return server(settings);
        } catch (IOException e) {
            throw new StartException("cannot listen for HTTP on "
                    + HostPort.listening(settings.address()) + ": " + e.getMessage()
                    + "; see -httpport and -bind");
        }
    }

    private static HttpServer server(Settings settings) throws IOException {
        if (settings.certificates().isEmpty()) {
            return HttpServer.create(settings.address(), BACKLOG);
        }
        HttpsServer server = HttpsServer.create(settings.address(), BACKLOG);
        server.setHttpsConfigurator(new HttpsConfigurator(
                settings.certificates().get().context()) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters chosen = getSSLContext().getDefaultSSLParameters();
                chosen.setProtocols(PROTOCOLS);
                parameters.setSSLParameters(chosen);
            }
        });
        return server;
    }

    /**
     * Loads, on a thread of its own, what a start needs later: the JDK's server, and the names of
     * days, months and zones by which it tells the time in its first answer. Costs the selector of
     * a server that never ran, which the JDK leaves open.
     */
    public static void loadAhead() {
        Thread thread = new Thread(() -> {
            try {
                HttpServer.create().stop(0);
            } catch (IOException e) {
                // Whoever needs a server will say so.
                return;
            }
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss zzz", Locale.US)
                    .withZone(ZoneId.of("GMT")).format(Instant.EPOCH);
        }, "http-ahead");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void start() {
        started = true;
        deadlines.start();
        server.start();
    }

    @Override
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public String url() {
        InetAddress host = address().getAddress();
        return (server instanceof HttpsServer ? "https://" : "http://")
                + (host.isAnyLocalAddress() ? "localhost" : HostPort.host(host)) + ":"
                + address().getPort();
    }

    /** {@return all paths that are answered} */
    public Set<String> paths() {
        return routes.keySet();
    }

    /**
     * The one door of all requests. What escapes it tells the JDK's server to close the connection:
     * one that is closed through its exchange without a whole answer it counts among the open ones
     * for ever, and once they reach its limit it takes no more.
     */
    private void serve(HttpExchange exchange) throws IOException {
        long beganNs = clock.steadyNs();
        boolean broken = false;
        deadlines.headersRead();
        Call call = new Call(exchange, addresses, deadlines, bodies, answers, queues);
        inFlight.incrementAndGet();
        // A body could take its time: such a request is no probe.
        boolean probe = PROBED_PATHS.contains(call.path()) && !call.hasBody();
        boolean welcome = probe || requestsPerAddress.enter(call.limitedAddress());
        try {
            answer(call, welcome);
        } catch (IOException e) {
            // The client left or was cut.
            broken = true;
            log.debug("client gone: " + e);
            if (deadlines.wasCut()) {
                counters.count(call.cutCount());
            }
        } catch (RuntimeException | StackOverflowError e) {
            broken = true;
            counters.count(FAULTS);
            log.error("fault in " + call.method() + " " + call.path() + ": " + e + " at "
                    + origin(e));
            answerFault(call);
        } finally {
            inFlight.decrementAndGet();
            if (welcome && !probe) {
                requestsPerAddress.leave(call.limitedAddress());
            }
            if (call.answered()) {
                counters.count(MetricNames.ANSWERS + call.status() / 100);
            }
            if (accessLog) {
                log.always(String.format(Locale.ROOT, "%s \"%s %s\" %d %d bytes %.3f ms",
                        call.address().getHostAddress(), call.method(), call.target(),
                        call.status(), call.answerBytes(), (clock.steadyNs() - beganNs) / 1e6));
            }
            call.free();
            if (!broken) {
                call.close();
            }
        }
        if (broken) {
            throw new IOException("no whole answer");
        }
    }

    private void answer(Call call, boolean welcome) throws IOException {
        try {
            // Before all errors, or a page of the allowed origin could not read them.
            originCheck.answer(call);
            Optional<Route> route = Optional.ofNullable(routes.get(call.path()));
            if (call.method().equals("OPTIONS") && originCheck.allows(call)) {
                originCheck.preflight(call, route.map(Route::allow).orElse(""));
                return;
            }
            if (!welcome) {
                throw new HttpError(429, "too_many", "Too many concurrent requests from "
                        + HostNetwork.written(call.address()) + "; the limit is "
                        + requestsPerAddress.most());
            }
            if (stopping) {
                throw new HttpError(503, "busy", "This node is stopping");
            }
            authorised(call, route.orElseThrow(() -> new HttpError(404, "not_found",
                    "No such path: " + call.path()))).handle(call);
        } catch (HttpError e) {
            if (call.answered()) {
                call.breakOff();
                throw new IOException("the answer broke off: " + e.getMessage(), e);
            }
            if (e.status == 503 || e.status == 429) {
                call.setHeader("Retry-After", RETRY_AFTER_S);
                // The JDK's server keeps a number of idle connections and closes those beyond it:
                // refused clients must not take the place of others.
                call.setHeader("Connection", "close");
            }
            call.answerError(e);
        }
    }

    /** Where a fault came from, be it on another thread. */
    private static String origin(Throwable fault) {
        Throwable first = fault.getCause() == null ? fault : fault.getCause();
        return first.getStackTrace().length > 0 ? "" + first.getStackTrace()[0] : "unknown";
    }

    private void answerFault(Call call) {
        if (call.answered()) {
            call.breakOff();
            return;
        }
        try {
            call.answerError(new HttpError(500, "fault", "A fault of this node; see its log"));
        } catch (IOException e) {
            log.debug("client gone: " + e);
        }
    }

    /** The handler of a request, if the client may make it. */
    private Handler authorised(Call call, Route route) throws HttpError {
        if (!route.methods().contains(call.method())) {
            call.setHeader("Allow", route.allow());
            throw new HttpError(405, "method", "Use " + route.allow());
        }
        if (route.writes()) {
            originCheck.check(call);
            Tokens.check(tokens, call);
        }
        return route.handler();
    }

    @Override
    public void close() {
        stopping = true;
        long end = clock.steadyMs() + STOP_MS;
        try {
            while (inFlight.get() > events.readers() && clock.steadyMs() < end) {
                Thread.sleep(STOP_CHECK_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!started) {
            // The JDK's server frees its port on its thread.
            server.start();
        }
        server.stop(0);
        deadlines.stop();
        threads.shutdownNow();
    }
}
