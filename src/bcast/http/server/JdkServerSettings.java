package bcast.http.server;

import bcast.base.Descriptors;
import java.util.concurrent.TimeUnit;

/**
 * Settings of the JDK's server. It reads each once, when its classes load, from a system property
 * of the same name in every JDK from 17 on.
 */
final class JdkServerSettings {

    /**
     * Most bytes of a request line and its header fields, each counted with 32 more. The JDK holds
     * them in an array that doubles, of two bytes a character; its default of 380 KiB let 300
     * connections fill a heap of 256 MiB.
     */
    static final int MAX_HEADER_BYTES = 16 * 1024;

    /** Most header fields of a request with different names. */
    static final int MAX_HEADER_FIELDS = 100;

    /**
     * Seconds after which an idle connection is closed: longer than the 60 s for which load
     * balancers commonly keep theirs, or they would send requests into connections just closed.
     */
    static final int IDLE_S = 75;

    /**
     * Seconds after which a connection is closed that has sent nothing yet. Clients connect to send
     * at once; a second lost packet still leaves them time.
     */
    static final int SILENT_S = 5;

    private static final int IDLE_CHECK_MS = 1_000;

    /**
     * Most open connections, most of which may be silent: eight times as many as may have requests
     * at once, so that the silent ones of one address, which nothing refuses, leave room.
     */
    private static final int MAX_OPEN = 8 * RequestServer.MAX_CONNECTIONS;

    /** Heap for each open connection: ten times what a silent one takes. */
    private static final int OPEN_BYTES = 16 * 1024;

    /**
     * Heap for each idle connection: ten times what it keeps after a large answer, six times with
     * TLS. One that turns idle when there are as many is closed; its client opens another.
     */
    private static final int IDLE_BYTES = 512 * 1024;

    private JdkServerSettings() {}

    /** Sets all properties; must be called before any class of the JDK's server is used. */
    static void configure() {
        long heap = Runtime.getRuntime().maxMemory();
        long open = Math.min(Descriptors.ofProcess().clients(MAX_OPEN), heap / OPEN_BYTES);
        set("nodelay", "true");
        set("maxReqHeaderSize", MAX_HEADER_BYTES);
        set("maxReqHeaders", MAX_HEADER_FIELDS);
        set("idleInterval", IDLE_S);
        set("clockTick", IDLE_CHECK_MS);
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

    private static void set(String name, Object value) {
        System.setProperty("sun.net.httpserver." + name, "" + value);
    }
}
