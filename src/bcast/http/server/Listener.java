package bcast.http.server;

import bcast.base.HostPort;
import bcast.base.StartException;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Makes the JDK's server, for HTTP or HTTPS, with the settings that it reads when it loads. */
final class Listener {

    /**
     * Connections that wait to be accepted. One beyond is silently dropped, and its client tries
     * again after a second; Linux keeps 4,096 at most.
     */
    private static final int BACKLOG = 4_096;

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    static {
        // The JDK reads them when its server's classes load, so this must come first.
        JdkServerSettings.configure();
    }

    private Listener() {}

    /** Binds an address; TLS serves HTTPS if a context is given. */
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
