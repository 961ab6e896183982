package bcast.cluster.net;

import bcast.base.Context;
import bcast.base.Log;
import bcast.base.LoggedTexts;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.net.discovery.Admission;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;

/**
 * The port on which peers open links. Connections from addresses that are not admitted are refused
 * with a reason. When the system cannot open another socket, accepting pauses.
 */
final class Acceptor {

    /** Connections that the system holds until they are accepted. */
    private static final int BACKLOG = 128;

    /** Most links of an address that have not greeted; many nodes may share a host. */
    static final int MAX_SILENT = 32;

    /** Time until the next attempt after the system could not open another socket. */
    private static final long PAUSE_MS = 200;

    private final Selector selector;
    private final Admission admission;
    private final LinkTable table;
    private final int maxLinks;
    private final Context context;
    private final LoggedTexts warned = new LoggedTexts();
    private final ServerSocketChannel server;
    private boolean failing;
    private long pausedUntilMs;

    /** Binds the port; nothing is accepted before {@link #begin}. */
    Acceptor(Links.Settings settings, Selector selector, Admission admission, LinkTable table,
            Context context) throws IOException {
        this.selector = selector;
        this.admission = admission;
        this.table = table;
        this.maxLinks = settings.maxSockets();
        this.context = context;
        context.counters().declare(List.of(Admission.REFUSED_FAR, LinkCounts.REFUSED_MANY));
        this.server = ServerSocketChannel.open();
        try {
            server.bind(new InetSocketAddress(settings.bind().orElse(null), settings.port()),
                    BACKLOG);
            server.configureBlocking(false);
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    int port() {
        return server.socket().getLocalPort();
    }

    /** Accepts from now on. Returns false if it does so already, or the port is closed. */
    boolean begin() {
        if (server.keyFor(selector) != null) {
            return false;
        }
        try {
            server.register(selector, SelectionKey.OP_ACCEPT);
            return true;
        } catch (ClosedChannelException e) {
            return false;
        }
    }

    /** Accepts one connection, if there is one. */
    void accept() {
        SocketChannel channel = acceptOne();
        if (channel == null) {
            return;
        }
        try {
            channel.configureBlocking(false);
            InetAddress from = ((InetSocketAddress) channel.getRemoteAddress()).getAddress();
            Optional<String> refused = refused(from);
            if (refused.isPresent()) {
                // As far as the socket takes it at once.
                channel.write(Wire.frame(new LinkMessage.Refuse(refused.get())));
                LinkChannel.closeQuietly(channel);
            } else {
                table.open(channel, channel.register(selector, SelectionKey.OP_READ),
                        Optional.empty());
            }
        } catch (IOException e) {
            context.log().debug("a link failed before it was open: " + e.getMessage());
            LinkChannel.closeQuietly(channel);
        }
    }

    /**
     * Returns a connection, or null if there is none. If the system cannot open a socket, as when
     * the process has too many open files, the port stays ready and the selector would spin; so
     * accepting pauses.
     */
    private SocketChannel acceptOne() {
        try {
            SocketChannel channel = server.accept();
            if (failing) {
                failing = false;
                context.log().info("links are accepted again");
            }
            return channel;
        } catch (IOException e) {
            if (!failing) {
                failing = true;
                context.log().error("cannot accept links: " + e.getMessage()
                        + "; trying again every " + PAUSE_MS + " ms; see ulimit -n");
            }
            server.keyFor(selector).interestOps(0);
            pausedUntilMs = context.clock().steadyMs() + PAUSE_MS;
            return null;
        }
    }

    /** Why an address may not open a link, if so. */
    Optional<String> refused(InetAddress from) {
        if (table.size() >= maxLinks) {
            return Optional.of("this node has its maximum of " + maxLinks + " links");
        }
        if (!admission.admits(from)) {
            context.counters().count(Admission.REFUSED_FAR);
            String text = "refused a link from " + from.getHostAddress()
                    + ": it is not on a private network of this host";
            context.log().log(warned.level(text, Log.Level.WARN), text);
            return Optional.of("links are accepted only from private networks of the host");
        }
        if (table.faults.refuse(from, context.clock().steadyMs())) {
            return Optional.of("this address is shut out for " + AddressFaults.SHUT_OUT_MS / 1_000
                    + " s: too many of its links failed");
        }
        if (table.silent(from) >= MAX_SILENT) {
            context.counters().count(LinkCounts.REFUSED_MANY);
            return Optional.of(MAX_SILENT + " links of this address have sent no greeting");
        }
        return Optional.empty();
    }

    /** Ends a pause that is over. */
    void tick(long nowMs) {
        SelectionKey key = server.keyFor(selector);
        if (failing && nowMs >= pausedUntilMs && key != null && key.isValid()) {
            key.interestOps(SelectionKey.OP_ACCEPT);
        }
    }

    void close() {
        LinkChannel.closeQuietly(server);
    }
}
