package bcast.http.server;

import bcast.base.Descriptors;
import bcast.base.HostPort;
import bcast.base.StartException;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Makes the JDK's server, for HTTP or HTTPS, with its settings. */
final class Listener {

    /**
     * Most bytes of a request line and its header fields, each counted with 32 more. With the JDK's
     * default of 380 KiB, 300 connections filled a heap of 256 MiB.
     */
    private static final int MAX_HEADER_BYTES = 16 * 1024;

    /** Most header fields of a request with different names. */
    private static final int MAX_HEADER_FIELDS = 100;

    /**
     * Seconds after which an idle connection is closed: longer than the 60 s for which load
     * balancers commonly keep theirs, or they would send requests into connections just closed.
     */
    private static final int IDLE_S = 75;

    /** Seconds after which a connection that has sent nothing is closed: two lost packets. */
    private static final int SILENT_S = 5;

    /**
     * Most open connections: eight times as many as may have requests at once, so that the silent
     * ones of one address, which nothing refuses, leave room.
     */
    private static final int MAX_OPEN = 8 * RequestServer.MAX_CONNECTIONS;

    /** Heap for each open connection: ten times what a silent one takes. */
    private static final int OPEN_BYTES = 16 * 1024;

    /**
     * Heap for each idle connection: ten times what it keeps after a large answer, six times with
     * TLS. One that turns idle when there are as many is closed; its client opens another.
     */
    private static final int IDLE_BYTES = 512 * 1024;

    /**
     * Connections that wait to be accepted. One beyond is silently dropped, and its client tries
     * again after a second; Linux keeps 4,096 at most.
     */
    private static final int BACKLOG = 4_096;

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    // The JDK reads these when its server's classes load; they are the same from 17 on.
    static {
        long heap = Runtime.getRuntime().maxMemory();
        long open = Math.min(Descriptors.ofProcess().clients(MAX_OPEN), heap / OPEN_BYTES);
        set("nodelay", "true");
        set("maxReqHeaderSize", MAX_HEADER_BYTES);
        set("maxReqHeaders", MAX_HEADER_FIELDS);
        set("idleInterval", IDLE_S);
        set("clockTick", 1_000);
        System.setProperty("jdk.httpserver.maxConnections", "" + open);
        // ClientBody reads the rest of a body after its answer. If the JDK's server met trailers
        // there, it would keep the request for ever.
        set("drainAmount", 0);
        set("maxIdleConnections", Math.min(open / 2, heap / IDLE_BYTES));
        // The only setting that closes silent connections earlier than idle ones. It would also cut
        // long uploads, but a timer does that, and the timer can be put off for ever.
        set("maxReqTime", SILENT_S);
        set("timerMillis", TimeUnit.DAYS.toMillis(36_500));
    }

    private Listener() {}

    private static void set(String name, Object value) {
        System.setProperty("sun.net.httpserver." + name, "" + value);
    }

    /** Binds an address; serves HTTPS if a context is given. */
    static HttpServer bind(InetSocketAddress address, Optional<SSLContext> tls)
            throws StartException {
        try {
            return tls.isPresent() ? https(address, tls.get())
                    : HttpServer.create(address, BACKLOG);
        } catch (IOException e) {
            throw new StartException("cannot listen for HTTP on " + HostPort.listening(address)
                    + ": " + e.getMessage() + "; see -httpport and -bind");
        }
    }

    private static HttpServer https(InetSocketAddress address, SSLContext tls)
            throws IOException {
        HttpsServer server = HttpsServer.create(address, BACKLOG);
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters chosen = getSSLContext().getDefaultSSLParameters();
                chosen.setProtocols(PROTOCOLS);
                parameters.setSSLParameters(chosen);
            }
        });
        return server;
    }
}
