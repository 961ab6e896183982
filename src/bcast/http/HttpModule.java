package bcast.http;

import bcast.base.Context;
import bcast.base.StartException;
import bcast.cluster.Cluster;
import bcast.core.Core;
import bcast.http.operations.GetMembers;
import bcast.http.operations.GetMetrics;
import bcast.http.operations.Health;
import bcast.http.operations.JarResource;
import bcast.http.posting.PostNewData;
import bcast.http.reading.Cursors;
import bcast.http.reading.Events;
import bcast.http.reading.GetData;
import bcast.http.reading.ListAllRecentData;
import bcast.http.server.RequestServer;
import bcast.http.server.Route;
import bcast.storage.Storage;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Serves clients over HTTP/1.1: the table of all paths, and the server that receives requests. */
public final class HttpModule implements Frontend {

    /** Most requests at once, if the system allows as many open files. */
    public static final int MAX_CONNECTIONS = RequestServer.MAX_CONNECTIONS;

    /** Name of the thread of the JDK's server that reads the sockets of all clients. */
    public static final String DISPATCHER = "HTTP-Dispatcher";

    private final RequestServer server;
    private final Events events;
    private final Map<String, Route> routes;

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
     * @param proxies reverse proxies whose {@code X-Forwarded-For} is trusted
     * @param accessLog whether each request is logged
     * @param tokens supplies the tokens of which each write must bear one; empty if writes need
     *     none
     * @param certificates the certificates for HTTPS; empty to serve plain HTTP
     * @param identity names of this node's version, cluster and validator
     */
    public record Settings(InetSocketAddress address, int maxConnections, int maxRaw,
            long bodiesBytes, Set<String> hosts, Optional<String> cors, Networks proxies,
            boolean accessLog, Supplier<Optional<Tokens>> tokens,
            Optional<Certificates> certificates, Identity identity) {

        private RequestServer.Settings ofServer() {
            return new RequestServer.Settings(address, certificates.map(Certificates::context),
                    maxConnections, bodiesBytes, hosts, cors, proxies::contain,
                    () -> tokens.get().map(current -> current::has), accessLog);
        }
    }

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
        this.server = new RequestServer(settings.ofServer(), context);
        Cursors cursors = new Cursors(context, cluster::incarnation);
        Identity identity = settings.identity();
        this.events = new Events(storage, cursors, context.clock(), context.counters(),
                Events.limit(server.maxRequests(), settings.bodiesBytes()));
        this.routes = Map.of(
                "/", Route.reading(JarResource.page()),
                "/postNewData", Route.writing(new PostNewData(core, settings.maxRaw(),
                        context.clock(), context.counters())),
                "/listAllRecentData", Route.readingByPost(
                        new ListAllRecentData(storage, cursors, context.counters())),
                "/data", Route.reading(new GetData(storage)),
                "/events", Route.reading(events),
                "/members", Route.reading(new GetMembers(core, storage, cluster, cursors,
                        identity.version(), identity.cluster(), identity.validator())),
                "/metrics", Route.reading(new GetMetrics(context.counters())),
                "/openapi.json", Route.reading(JarResource.openApi()),
                "/healthz", Route.reading(Health.live()),
                "/readyz", Route.reading(Health.ready(core)));
    }

    @Override
    public void start() {
        server.start(routes, events::readers);
    }

    @Override
    public InetSocketAddress address() {
        return server.address();
    }

    @Override
    public String url() {
        return server.url();
    }

    /** {@return all paths that are answered} */
    public Set<String> paths() {
        return routes.keySet();
    }

    @Override
    public void close() {
        server.close();
    }
}
