package bcast.cluster.net;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.net.discovery.Admission;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * All TCP links of a node, and the port on which peers open them. A link is reported to the
 * listener from {@link Input.Opened} on, which is when the other side has proved that it has the
 * secret, if there is one; {@link Input.Closed} is the last report of it. Owned by the cluster's
 * thread.
 */
public final class Links {

    /** Time for the proof on a new link; the state machine allows as much for the greeting. */
    private static final long PROOF_MS = 5_000;

    private final Admission admission;
    private final LinkListener listener;
    private final Clock clock;
    private final Counters counters;
    private final LinkTable table;
    private final Acceptor acceptor;
    private final Dialler dialler;
    private final LinkReader reader;
    private final LinkSender sender;

    /**
     * Binds the port; nothing is accepted before {@link #accept}.
     *
     * @param settings names and limits
     * @param admission decides which addresses may be linked
     * @param selector wakes up with keys for {@link #ready}
     * @param context what every module is given
     * @param listener receives what happens on links
     * @throws IOException if the port cannot be bound
     */
    public Links(LinkSettings settings, Admission admission, Selector selector, Context context,
            LinkListener listener) throws IOException {
        this.admission = admission;
        this.listener = listener;
        this.clock = context.clock();
        this.counters = context.counters();
        UnauthenticatedLinks unauthenticated = new UnauthenticatedLinks(counters);
        this.table = new LinkTable(settings.cluster(), admission, unauthenticated, context,
                listener);
        this.sender = new LinkSender(table, settings.maxQueuedBytes(), clock, counters, listener);
        this.reader = new LinkReader(table, sender, settings.maxUnfinishedBytes(), clock,
                listener);
        this.acceptor = new Acceptor(settings, selector, admission, unauthenticated, table, sender,
                context);
        this.dialler = new Dialler(settings, selector, table, sender, listener, context);
    }

    /** {@return the TCP port on which peers may open links} */
    public int port() {
        return acceptor.port();
    }

    /** Accepts links from now on. */
    public void accept() {
        acceptor.begin();
    }

    /**
     * Connects to a peer; {@link Input.Opened} or {@link Input.DialFailed} follows.
     *
     * @param address the peer's address, which may be a name
     */
    public void connect(Address address) {
        dialler.dial(address);
    }

    /**
     * Handles a socket that is ready.
     *
     * @param key a valid key of a link, of a dial or of the port
     */
    public void ready(SelectionKey key) {
        if (key.attachment() instanceof LinkChannel link) {
            if (key.isWritable()) {
                sender.ready(link);
            }
            if (key.isReadable()) {
                reader.ready(link);
            }
        } else if (key.isAcceptable()) {
            acceptor.accept();
        } else if (key.isConnectable()) {
            dialler.connected((SocketChannel) key.channel(), key);
        }
    }

    /** Reads the links that are ready, within one time slice. */
    public void read() {
        reader.read();
    }

    /** {@return whether {@link #read()} ran out of time before it read all links that are ready} */
    public boolean unread() {
        return reader.unread();
    }

    /**
     * Queues a message on a link; {@link #flush} sends it. {@link Input.Overflowed} follows if
     * queued records had to be dropped.
     *
     * @param send the message and the link, which may be closed already
     */
    public void send(Output.Send send) {
        LinkChannel link = table.get(send.link());
        if (link != null && !link.closing()) {
            sender.send(link, send.message());
        }
    }

    /** Sends what is queued, as far as the sockets take it. */
    public void flush() {
        sender.flush();
    }

    /**
     * Reports by one {@link Input.Drained} when hardly anything waits to be sent on a link.
     *
     * @param notify the link, which may be closed already
     */
    public void notifyWhenDrained(Output.NotifyWhenDrained notify) {
        LinkChannel link = table.get(notify.link());
        if (link != null) {
            link.output().notifyWhenDrained();
            sender.ready(link);
        }
    }

    /**
     * Closes a link after what is queued on it was sent.
     *
     * @param close the link, which may be closed already
     */
    public void close(Output.Close close) {
        LinkChannel link = table.get(close.link());
        if (link != null) {
            link.beginClosing(clock.steadyMs());
            sender.ready(link);
        }
    }

    /**
     * Stops reading all links, or continues. A link that is being closed is always read.
     *
     * @param pause whether to stop
     */
    public void pauseReading(boolean pause) {
        table.pause(pause);
    }

    /** Reports links as alive that this node does not read: their silence is its own doing. */
    public void excuseSilence() {
        table.all().stream().filter(link -> link.reported() && (table.paused() || link.throttled()))
                .toList().forEach(link -> listener.handle(new Input.Alive(link.number())));
    }

    /** {@return whether there is no link} */
    public boolean isEmpty() {
        return table.size() == 0;
    }

    /** {@return bytes that wait to be sent on all links} */
    public long waitingBytes() {
        return table.sum(link -> link.output().waitingBytes());
    }

    /**
     * Closes links and dials whose time is over, and a link whose secret is not in force any more.
     *
     * @param nowMs the steady clock
     */
    public void tick(long nowMs) {
        dialler.tick(nowMs);
        acceptor.tick(nowMs);
        for (LinkChannel link : List.copyOf(table.all())) {
            if (link.closingOverdue(nowMs)) {
                table.closed(link, "closing took too long");
            } else if (!link.reported() && nowMs - link.openedMs() >= PROOF_MS) {
                table.closed(link, "no proof of the secret within " + PROOF_MS / 1_000 + " s");
            } else if (link.output().stalled(nowMs)) {
                counters.count(LinkCounts.TOO_MUCH_WAITS);
                table.closed(link, "the peer reads nothing of what waits for it");
            } else {
                link.throttle(nowMs);
            }
        }
        // One at a time, so that a cluster whose secret changes does not fall apart.
        table.all().stream().filter(link -> link.secret().isPresent()
                && !admission.secrets().contains(link.secret().get())).findFirst()
                .ifPresent(link -> table.closed(link, "its secret is not in force any more"));
    }

    /** Prepares to leave: frees the port, and drops lookups of peers' names. */
    public void leave() {
        acceptor.close();
        dialler.leave();
    }

    /** Closes all sockets at once, without reports. */
    public void closeAll() {
        table.all().forEach(LinkChannel::close);
        dialler.close();
        acceptor.close();
    }
}
