package bcast.http.server;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.HostNetwork;
import bcast.base.HostPort;
import bcast.base.Log;
import bcast.base.Metric;
import bcast.base.StartException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/**
 * Passes each request to the handler of its path, on a thread of its own for as long as its
 * deadlines allow: slow clients cost threads, which are bounded, and never another client's time.
 */
public final class RequestServer {

    /** Most requests at once, if the system allows as many open files. */
    public static final int MAX_CONNECTIONS = 2_048;

    public static final Metric FAULTS = Metric.counter("bcast_http_faults_total",
            "Requests that ended by a fault of this node; each is logged.");

    /** Value of {@code Retry-After} for refused clients, in seconds. */
    public static final String RETRY_AFTER_S = "2";

    /** By the first digit of their status, from {@link #MIN_DIGIT} on. */
    private static final List<Metric> ANSWERS = Stream.of("2xx", "3xx", "4xx", "5xx")
            .map(code -> Metric.counter("bcast_http_answers_total",
                    "Answers to clients, by status.").with("code", code)).toList();
    private static final int MIN_DIGIT = 2;

    private static final Metric IN_PROGRESS = Metric.gauge("bcast_http_requests_in_progress",
            "Requests being answered.");

    /** Probes are exempt from the limit by address, so that they get through under any load. */
    private static final Set<String> PROBED_PATHS = Set.of("/healthz", "/readyz", "/metrics");

    /** Heap for each concurrent request: its header fields, and the buffers of its connection. */
    private static final int REQUEST_BYTES = 64 * 1024;

    private static final int MIN_REQUESTS = 16;
    private static final long STOP_MS = 700;
    private static final long STOP_CHECK_MS = 5;

    private final HttpServer server;
    private final int maxRequests;
    private final ExecutorService threads;
    private final Deadlines deadlines;
    private final MemoryBudget bodies;
    private final MemoryBudget answers;
    private final SendQueues queues;
    private final RequestsPerAddress requestsPerAddress;
    private final ClientAddress addresses;
    private final OriginCheck originCheck;
    private final TokenCheck tokenCheck;
    private final boolean accessLog;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Log log;
    private final Counters counters;
    private final Clock clock;
    private Map<String, Route> routes = Map.of();
    private IntSupplier endless = () -> 0;
    private volatile boolean started;
    private volatile boolean stopping;

    /** Like those of {@code HttpModule}, with tests in place of networks and tokens. */
    public record Settings(InetSocketAddress address, Optional<SSLContext> tls,
            int maxConnections, long bodiesBytes, Set<String> hosts,
            Optional<String> cors, Predicate<InetAddress> proxies,
            Supplier<Optional<Predicate<String>>> tokens, boolean accessLog) {}

    /** Binds the port; requests are answered after {@link #start}. */
    public RequestServer(Settings settings, Context context) throws StartException {
        this.log = context.log();
        this.accessLog = settings.accessLog();
        this.counters = context.counters();
        this.clock = context.clock();
        this.originCheck = new OriginCheck(settings.hosts(), settings.cors());
        this.tokenCheck = new TokenCheck(settings.tokens());
        this.addresses = new ClientAddress(settings.proxies(), counters);
        this.bodies = MemoryBudget.ofBodies(settings.bodiesBytes());
        this.answers = MemoryBudget.ofAnswers(settings.bodiesBytes() / 2);
        this.maxRequests = (int) Math.max(MIN_REQUESTS, Math.min(settings.maxConnections(),
                settings.bodiesBytes() / REQUEST_BYTES));
        this.requestsPerAddress = new RequestsPerAddress(maxRequests / 2, counters);
        this.threads = RequestThreads.forRequests(RequestSlots.threads(maxRequests) + 1);
        this.deadlines = new Deadlines(threads, new RequestSlots(maxRequests, clock, counters),
                clock, context.fault());
        this.server = Listener.bind(settings.address(), settings.tls());
        this.queues = new SendQueues(address().getPort(), clock);
        counters.declare(ANSWERS);
        counters.declare(List.of(FAULTS, Call.TOO_SLOW));
        counters.gauge(IN_PROGRESS, inFlight::get);
    }

    public int maxRequests() {
        return maxRequests;
    }

    /**
     * Begins to answer requests.
     *
     * @param endless number of requests under way that end only when the server closes
     */
    public void start(Map<String, Route> routes, IntSupplier endless) {
        this.routes = routes;
        this.endless = endless;
        started = true;
        server.setExecutor(deadlines);
        server.createContext("/", this::serve);
        deadlines.start();
        server.start();
    }

    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Scheme, host and port for clients. */
    public String url() {
        InetAddress host = address().getAddress();
        return (server instanceof HttpsServer ? "https://" : "http://")
                + (host.isAnyLocalAddress() ? "localhost" : HostPort.host(host)) + ":"
                + address().getPort();
    }

    /**
     * The one entrance of all requests. An exception that leaves it makes the JDK's server close
     * the connection. A connection that is closed through its exchange before its answer is whole
     * counts as open for ever, and once those reach the limit, the JDK's server accepts no more.
     */
    private void serve(HttpExchange exchange) throws IOException {
        long beganNs = clock.steadyNs();
        boolean broken = false;
        Deadlines.Deadline deadline = deadlines.current();
        deadline.headersRead();
        Call call = new Call(exchange, addresses, deadline, bodies, answers, queues);
        inFlight.incrementAndGet();
        // A body could take its time: such a request is no probe.
        boolean probe = PROBED_PATHS.contains(call.path()) && call.body().length() == 0;
        boolean admitted = probe || requestsPerAddress.enter(call.limitedAddress());
        try {
            answer(call, admitted);
        } catch (IOException e) {
            // The client left or was disconnected.
            broken = true;
            log.debug("client gone: " + e);
            if (deadline.wasCut()) {
                counters.count(call.cutCount());
            }
        } catch (RuntimeException | StackOverflowError e) {
            broken = true;
            counters.count(FAULTS);
            log.error("fault in " + call.method() + " " + call.path() + ": "
                    + Log.withOrigin(e));
            answerFault(call);
        } finally {
            inFlight.decrementAndGet();
            if (admitted && !probe) {
                requestsPerAddress.leave(call.limitedAddress());
            }
            if (call.answered()) {
                counters.count(ANSWERS.get(call.status() / 100 - MIN_DIGIT));
            }
            if (accessLog) {
                log.always(String.format(Locale.ROOT, "%s \"%s %s\" %d %d bytes %.3f ms",
                        call.address().getHostAddress(), call.method(), exchange.getRequestURI(),
                        call.status(), call.answerBytes(), (clock.steadyNs() - beganNs) / 1e6));
            }
            call.free();
            if (!broken) {
                call.close();
            }
        }
        if (broken) {
            throw new IOException("the response was not sent in full");
        }
    }

    private void answer(Call call, boolean admitted) throws IOException {
        try {
            // Before all errors, or a page of the allowed origin could not read them.
            originCheck.answer(call);
            Optional<Route> route = Optional.ofNullable(routes.get(call.path()));
            if (call.method().equals("OPTIONS") && originCheck.allows(call)) {
                originCheck.preflight(call, route.map(Route::allow).orElse(""));
                return;
            }
            if (!admitted) {
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
                throw new IOException("the response broke off: " + e.getMessage(), e);
            }
            if (e.status() == 503 || e.status() == 429) {
                call.setHeader("Retry-After", RETRY_AFTER_S);
                // The JDK's server keeps a number of idle connections and closes those beyond it:
                // refused clients must not take the place of others.
                call.setHeader("Connection", "close");
            }
            call.answerError(e);
        }
    }

    private void answerFault(Call call) {
        if (call.answered()) {
            call.breakOff();
            return;
        }
        try {
            call.answerError(new HttpError(500, "fault", "Internal error; see this node's log"));
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
            tokenCheck.check(call);
        }
        return route.handler();
    }

    /** Answers the requests under way, for a short time, and frees the port. */
    public void close() {
        stopping = true;
        long end = clock.steadyMs() + STOP_MS;
        try {
            while (inFlight.get() > endless.getAsInt() && clock.steadyMs() < end) {
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
