package bcast.cluster;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.HostNetwork;
import bcast.base.Log;
import bcast.base.Once;
import bcast.cluster.gossip.Address;
import bcast.cluster.gossip.Input;
import bcast.cluster.gossip.Message;
import bcast.cluster.gossip.Output;
import bcast.cluster.gossip.RepairMessage;
import bcast.cluster.net.Interfaces;
import bcast.cluster.net.LinkChannel;
import bcast.cluster.net.ProtocolException;
import bcast.cluster.net.Quietly;
import bcast.cluster.net.Secret;
import bcast.cluster.net.Strangers;
import bcast.data.SipHash;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The sockets of all links: lets in who is welcome and proves to know the secret, brings what links
 * say to the state machine and what it says to them. Owned by the cluster's thread.
 */
final class Links {

    /** Who hears of links. */
    interface Listener {
        /** Something happened on a link. */
        void handle(Input input);

        /** Something is to be handled later in this turn, or in the next one. */
        void later(Runnable task);
    }

    /** A link without proof has so long; the state machine waits as long for the greeting. */
    private static final long PROOF_MS = 5_000;

    /** Reads of one link before the others get their turn. */
    private static final int READS_A_TURN = 4;

    /** Time until links are taken again after the system refused to open one more. */
    private static final long ACCEPT_PAUSE_MS = 200;

    private final String cluster;
    private final Supplier<Secrets> secretsNow;
    private final GossipCluster.Memory memory;
    private final Selector selector;
    private final Clock clock;
    private final Supplier<SecureRandom> random;
    private final Log log;
    private final Counters counters;
    private final BooleanSupplier mayRead;
    private final int maxSockets;
    private final Listener listener;
    private final Strangers strangers;
    private final Map<Integer, LinkChannel> links = new LinkedHashMap<>();
    private final Set<LinkChannel> unsent = new HashSet<>();
    private final Turns<LinkChannel> unread;
    private final Once warned = new Once();
    private List<Secret> secrets;
    private Interfaces interfaces = Interfaces.NONE;
    private int lastLink;
    private long unfinishedBytes;
    private long queuedBytes;
    private boolean paused;
    /** Set while no link is taken, since the system refused to open one more. */
    private Optional<SelectionKey> refused = Optional.empty();
    private long acceptMs;
    private boolean saidRefused;

    /**
     * No links yet.
     *
     * @param settings how the node takes part
     * @param selector wakes up for links
     * @param context what every module is given
     * @param mayRead whether there is room for what a link brings
     * @param listener hears of links
     */
    Links(GossipCluster.Settings settings, Selector selector, Context context,
            BooleanSupplier mayRead, Listener listener) {
        this.cluster = settings.name();
        this.secretsNow = settings.secrets();
        this.memory = settings.memory();
        this.selector = selector;
        this.clock = context.clock();
        this.random = context.random();
        this.log = context.log();
        this.counters = context.counters();
        this.mayRead = mayRead;
        this.maxSockets = settings.maxSockets();
        this.listener = listener;
        this.strangers = new Strangers(counters);
        this.unread = new Turns<>(clock);
        this.secrets = secretsNow.get().all();
    }

    /** What this cluster's nodes know, the first to be used; none if it is open. */
    List<Secret> secrets() {
        return secrets;
    }

    /** Who is near, from now on. */
    void near(Interfaces found) {
        interfaces = found;
    }

    /** Whether an address may be linked: all who prove themselves, else only who is near. */
    boolean near(InetAddress address) {
        return !secrets.isEmpty() || interfaces.near(address);
    }

    /** Whether an address is one of this host. */
    boolean own(InetAddress address) {
        return interfaces.own(address);
    }

    /** Says once what repeats for as long as somebody is wrong. */
    void warnOnce(String text) {
        warnOnce(text, text);
    }

    private void warnOnce(String kind, String text) {
        if (warned.first(kind)) {
            log.warn(text);
        } else {
            log.debug(text);
        }
    }

    boolean isEmpty() {
        return links.isEmpty();
    }

    long waitingBytes() {
        return links.values().stream().mapToLong(LinkChannel::waitingBytes).sum();
    }

    // ---- coming

    /** Takes a link that somebody dialled. */
    void accept(ServerSocketChannel server) {
        SocketChannel channel = accepted(server);
        if (channel == null) {
            return;
        }
        try {
            channel.configureBlocking(false);
            InetAddress from = ((InetSocketAddress) channel.getRemoteAddress()).getAddress();
            Optional<String> unwelcome = unwelcome(from);
            if (unwelcome.isPresent()) {
                LinkChannel.refuse(channel, unwelcome.get());
                return;
            }
            open(channel, channel.register(selector, SelectionKey.OP_READ), Optional.empty());
        } catch (IOException e) {
            log.debug("a link failed before it was open: " + e.getMessage());
            Quietly.close(channel);
        }
    }

    /**
     * Accepts a connection; null if there is none. A system that refuses, as it does for lack of
     * open files, leaves the port ready, so that the selector would spin: it is left alone for a
     * while.
     */
    private SocketChannel accepted(ServerSocketChannel server) {
        try {
            SocketChannel channel = server.accept();
            if (saidRefused) {
                saidRefused = false;
                log.info("links are taken again");
            }
            return channel;
        } catch (IOException e) {
            if (!saidRefused) {
                saidRefused = true;
                log.error("cannot take links: " + e.getMessage() + "; tried again every "
                        + ACCEPT_PAUSE_MS + " ms; see ulimit -n");
            }
            SelectionKey key = server.keyFor(selector);
            key.interestOps(0);
            refused = Optional.of(key);
            acceptMs = clock.steadyMs() + ACCEPT_PAUSE_MS;
            return null;
        }
    }

    private void acceptAgain(long nowMs) {
        if (refused.isPresent() && nowMs >= acceptMs) {
            if (refused.get().isValid()) {
                refused.get().interestOps(SelectionKey.OP_ACCEPT);
            }
            refused = Optional.empty();
        }
    }

    /** Whether the system allows one more socket. */
    boolean mayDial(int dials) {
        return links.size() + dials < maxSockets;
    }

    /** Why a stranger may not link, if so. */
    private Optional<String> unwelcome(InetAddress from) {
        if (links.size() >= maxSockets) {
            return Optional.of("this node has as many links as it can");
        }
        if (!near(from)) {
            counters.count(GossipCluster.REFUSED_FAR);
            warnOnce("refused a link from " + from.getHostAddress()
                    + ": it is not on a private network of this host");
            return Optional.of("links are taken only from private networks of the host");
        }
        return strangers.refused(from, clock.steadyMs());
    }

    /** Takes a link that is connected. */
    void open(SocketChannel channel, SelectionKey key, Optional<Address> dialled)
            throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        InetAddress remote = ((InetSocketAddress) channel.getRemoteAddress()).getAddress();
        LinkChannel link = new LinkChannel(++lastLink, remote, dialled, channel, key, secrets,
                random, clock.steadyMs());
        key.attach(link);
        links.put(link.number(), link);
        if (dialled.isEmpty()) {
            strangers.opened(remote);
        }
        link.reading(!paused);
        believe(link);
        unsent.add(link);
    }

    /** From its proof on a link is one to the state machine. */
    private void believe(LinkChannel link) {
        if (link.proven() && !link.known()) {
            link.makeKnown();
            SipHash key = link.secret().map(secret -> secret.hashKey(cluster))
                    .orElse(Secret.openHashKey(cluster));
            listener.handle(new Input.Opened(link.number(), link.dialled(),
                    interfaces.literal(link.remote()), key));
        }
    }

    // ---- what they say

    /** A socket is ready. */
    void ready(LinkChannel link, SelectionKey key) {
        if (key.isWritable()) {
            unsent.add(link);
        }
        if (key.isReadable()) {
            unread.add(link);
        }
    }

    /** Whether a turn of {@link #read()} ended before all links were read that are ready. */
    boolean unread() {
        return !unread.isEmpty();
    }

    /** Reads what is ready, for the time of one turn. */
    void read() {
        unread.take(this::read);
    }

    private void read(LinkChannel link) {
        try {
            for (int i = 0; i < READS_A_TURN && (i == 0 || unread.timeLeft())
                    && links.get(link.number()) == link && mayRead.getAsBoolean(); i++) {
                LinkChannel.Read read = readOnce(link);
                if (read instanceof LinkChannel.Read.End) {
                    closed(link, "the other side closed it");
                    return;
                }
                if (read instanceof LinkChannel.Read.Nothing) {
                    return;
                }
                took(link, (LinkChannel.Read.Bytes) read);
            }
        } catch (ProtocolException e) {
            counters.count(GossipCluster.BROKE_PROTOCOL);
            String text = "link " + link.name() + " broke the protocol: ";
            // Numbers are left out, or one stranger could use up what is said once.
            warnOnce(text + e.getMessage().replaceAll("\\d+", "N"), text + e.getMessage());
            if (link.greeted()) {
                fault(link, e.getMessage());
            }
            closed(link, "broke the protocol: " + e.getMessage());
        } catch (IOException e) {
            closed(link, e.getMessage());
        }
    }

    private void took(LinkChannel link, LinkChannel.Read.Bytes bytes) {
        believe(link);
        if (!link.known()) {
            // Its side of the handshake may wait to be sent.
            unsent.add(link);
            return;
        }
        if (bytes.messages().isEmpty()) {
            listener.handle(new Input.Alive(link.number()));
        }
        for (var message : bytes.messages()) {
            if (message instanceof RepairMessage.Question || message instanceof Message.HashList) {
                long beganNs = clock.steadyNs();
                listener.handle(new Input.Got(link.number(), message));
                link.cost(clock.steadyNs() - beganNs);
            } else {
                listener.handle(new Input.Got(link.number(), message));
            }
        }
        link.rest(clock.steadyMs());
        if (link.greeted()) {
            settle(link);
        }
    }

    private LinkChannel.Read readOnce(LinkChannel link) throws IOException, ProtocolException {
        int before = link.unfinishedBytes();
        LinkChannel.Read read;
        try {
            read = link.read();
        } finally {
            unfinishedBytes += link.unfinishedBytes() - before;
        }
        if (unfinishedBytes > memory.unfinished()) {
            throw new ProtocolException("unfinished records take more than "
                    + memory.unfinished() + " bytes");
        }
        return read;
    }

    /** Reads on, or lets all peers wait. */
    void pause(boolean pause) {
        paused = pause;
        links.values().forEach(link -> link.reading(!pause || link.closing()));
    }

    /** While reading pauses, silence is this node's doing. */
    void excuseSilence() {
        links.values().stream().filter(link -> link.known() && (paused || link.resting()))
                .toList().forEach(link -> listener.handle(new Input.Alive(link.number())));
    }

    // ---- what they are told

    void send(Output.Send send) {
        LinkChannel link = links.get(send.link());
        if (link == null || link.closing()) {
            return;
        }
        try {
            unsent.add(link);
            counters.add(GossipCluster.SYNC_BYTES, LinkChannel.syncBytes(send.message()));
            Optional<LinkChannel.Dropped> dropped = queue(link, send.message());
            if (queuedBytes > memory.queued()
                    && link.queuedBytes() >= memory.queued() / links.size()) {
                int before = link.queuedBytes();
                Optional<LinkChannel.Dropped> more = link.drop();
                queuedBytes += link.queuedBytes() - before;
                dropped = dropped.or(() -> more);
                if (dropped.filter(LinkChannel.Dropped::records).isEmpty()) {
                    counters.count(GossipCluster.TOO_MUCH_WAITS);
                    throw new IOException("too much waits for it");
                }
            }
            dropped.ifPresent(each -> listener.later(() ->
                    listener.handle(new Input.Overflowed(link.number(), each.news()))));
        } catch (IOException e) {
            listener.later(() -> {
                if (links.get(link.number()) == link) {
                    closed(link, e.getMessage());
                }
            });
        }
    }

    /** Tells when hardly anything waits on a link. */
    void tellRoom(int number) {
        LinkChannel link = links.get(number);
        if (link != null) {
            link.tellRoom();
            unsent.add(link);
        }
    }

    private Optional<LinkChannel.Dropped> queue(LinkChannel link, Message message)
            throws IOException {
        int before = link.queuedBytes();
        try {
            return link.send(message, clock.steadyMs());
        } finally {
            queuedBytes += link.queuedBytes() - before;
        }
    }

    private void flush(LinkChannel link) throws IOException {
        int before = link.queuedBytes();
        try {
            link.flush(clock.steadyMs());
        } finally {
            queuedBytes += link.queuedBytes() - before;
        }
    }

    /** Sends what waits, as far as the sockets take it. */
    void flush() {
        if (unsent.isEmpty()) {
            return;
        }
        Iterator<LinkChannel> each = List.copyOf(unsent).iterator();
        unsent.clear();
        while (each.hasNext()) {
            LinkChannel link = each.next();
            try {
                flush(link);
                if (link.tellsRoom()) {
                    listener.later(() -> listener.handle(new Input.Room(link.number())));
                }
            } catch (IOException e) {
                closed(link, e.getMessage());
            }
        }
    }

    // ---- going

    /** Closes a link once it took what waits for it. */
    void close(Output.Close close) {
        LinkChannel link = links.get(close.link());
        if (link != null) {
            link.beginClosing(clock.steadyMs());
            unsent.add(link);
        }
    }

    private void closed(LinkChannel link, String reason) {
        link.close();
        unsent.remove(link);
        unread.remove(link);
        if (links.remove(link.number()) == null) {
            return;
        }
        unfinishedBytes -= link.unfinishedBytes();
        queuedBytes -= link.queuedBytes();
        if (settle(link)) {
            fault(link, reason);
        }
        if (link.known()) {
            listener.handle(new Input.Closed(link.number(), reason));
        } else if (link.dialled().isPresent()) {
            warnOnce("no link to " + link.dialled().get() + ": the handshake came to nothing, "
                    + reason + "; do both have the same secret? see -secretfile");
            listener.handle(new Input.DialFailed(link.dialled().get(), reason));
        }
    }

    /** Whether this is the first news of what became of a stranger's link. */
    private boolean settle(LinkChannel link) {
        boolean first = link.dialled().isEmpty() && link.settle();
        if (first) {
            strangers.settled(link.remote());
        }
        return first;
    }

    /** Whoever dials again and again to no good is shut out. */
    private void fault(LinkChannel link, String reason) {
        if (link.dialled().isEmpty() && strangers.fault(link.remote(), clock.steadyMs())) {
            log.warn(HostNetwork.written(link.remote()) + " is shut out for "
                    + Strangers.SHUT_OUT_MS / 1_000 + " s: " + Strangers.MAX_FAULTS
                    + " of its links failed, the last one: " + reason);
        }
    }

    /** Closes what took too long, and what a secret proved that is one no more. */
    void tick(long nowMs) {
        acceptAgain(nowMs);
        for (LinkChannel link : List.copyOf(links.values())) {
            if (link.overdue(nowMs)) {
                closed(link, "closing took too long");
            } else if (!link.known() && nowMs - link.openedMs() >= PROOF_MS) {
                closed(link, "no proof in time");
            } else if (link.stuck(nowMs)) {
                counters.count(GossipCluster.TOO_MUCH_WAITS);
                closed(link, "it takes nothing of what waits for it");
            } else {
                link.rest(nowMs);
            }
        }
        List<Secret> now = secretsNow.get().all();
        secrets = now;
        // One at a time, so that a cluster whose secret changes does not fall apart.
        links.values().stream().filter(link -> link.secret().isPresent()
                && !now.contains(link.secret().get())).findFirst().ifPresent(link ->
                closed(link, "its secret is not in force any more"));
    }

    /** Closes all at once. */
    void closeAll() {
        links.values().forEach(LinkChannel::close);
    }
}
