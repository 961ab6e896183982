package bcast.cluster.net;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.net.discovery.Admission;
import bcast.cluster.net.secret.ProtocolException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * All TCP links of a node, and the port on which peers open them. A link is reported to the
 * listener from {@link Input.Opened} on, which is when the other side has proved that it has the
 * secret, if there is one; {@link Input.Closed} is the last report of it. A method that is given a
 * link does nothing if it is closed already. Owned by the cluster's thread.
 */
public final class Links {

    /** Time for the proof on a new link; the state machine allows as much for the greeting. */
    private static final long PROOF_MS = 5_000;

    /** While more is under judgement no link is read; the core needs some milliseconds for it. */
    private static final long MAX_JUDGING_BYTES = 4 * 1024 * 1024;
    private static final long LOW_JUDGING_BYTES = MAX_JUDGING_BYTES / 2;

    /** Reads of one link before the next link gets its turn. */
    private static final int READS_A_TURN = 4;

    /** The part of {@code ClusterSettings} that concerns links, which explains each field. */
    public record Settings(String cluster, Optional<InetAddress> bind, int port,
            long maxQueuedBytes, long maxUnfinishedBytes, int maxSockets) {}

    private final Settings settings;
    private final Admission admission;
    private final Consumer<Input> listener;
    private final LongSupplier judgingBytes;
    private final Executor later;
    private final Clock clock;
    private final Counters counters;
    private final LinkTable table;
    private final Acceptor acceptor;
    private final Dialler dialler;
    /** Links that are ready to be read, in turns, so that none keeps the others waiting. */
    private final TimeSlicedQueue<LinkChannel> unread;

    /**
     * Binds the port; nothing is accepted before {@link #accept}.
     *
     * @param selector wakes up with keys for {@link #ready}
     * @param listener receives what happens on links, on the cluster's thread; it may send on
     *     links, close them and connect to others before it returns
     * @param judgingBytes bytes of records that links brought and that are under judgement
     * @param later runs a task on the cluster's thread after what that thread is doing now
     * @throws IOException if the port cannot be bound
     */
    public Links(Settings settings, Admission admission, Selector selector, Context context,
            Consumer<Input> listener, LongSupplier judgingBytes, Executor later)
            throws IOException {
        this.settings = settings;
        this.admission = admission;
        this.listener = listener;
        this.judgingBytes = judgingBytes;
        this.later = later;
        this.clock = context.clock();
        this.counters = context.counters();
        counters.declare(List.of(LinkCounts.SYNC_BYTES, LinkCounts.TOO_MUCH_WAITS));
        this.table = new LinkTable(settings.cluster(), admission, context, listener);
        this.unread = new TimeSlicedQueue<>(clock);
        this.acceptor = new Acceptor(settings, selector, admission, table, context);
        this.dialler = new Dialler(settings, selector, table, listener, later, context);
    }

    /** The TCP port on which peers may open links; any thread may ask for it. */
    public int port() {
        return acceptor.port();
    }

    /** Accepts links from now on. Returns false if it does so already, or the port is freed. */
    public boolean accept() {
        return acceptor.begin();
    }

    /** Connects to a peer; {@link Input.Opened} or {@link Input.DialFailed} follows. */
    public void connect(Address address) {
        dialler.dial(address);
    }

    /** Handles a socket that is ready, by its key of a link, of a dial or of the port. */
    public void ready(SelectionKey key) {
        if (key.attachment() instanceof LinkChannel link) {
            if (key.isWritable()) {
                table.flushLater(link);
            }
            if (key.isReadable()) {
                unread.add(link);
            }
        } else if (key.isAcceptable()) {
            acceptor.accept();
        } else if (key.isConnectable()) {
            dialler.connected(key);
        }
    }

    public void read() {
        unread.serve(this::read);
    }

    private void read(LinkChannel link) {
        try {
            for (int i = 0; i < READS_A_TURN && (i == 0 || unread.timeLeft()) && link.isOpen()
                    && judgingBytes.getAsLong() <= MAX_JUDGING_BYTES; i++) {
                Optional<List<Message>> messages = link.read();
                if (messages.isEmpty()) {
                    return;
                }
                if (link.input.unfinishedBytes() > 0 && table.sum(each ->
                        each.input.unfinishedBytes()) > settings.maxUnfinishedBytes()) {
                    throw new ProtocolException("unfinished records take more than "
                            + settings.maxUnfinishedBytes() + " bytes");
                }
                received(link, messages.get());
            }
        } catch (ProtocolException e) {
            table.brokeProtocol(link, e.getMessage());
        } catch (IOException e) {
            table.closed(link, e.getMessage());
        }
    }

    private void received(LinkChannel link, List<Message> messages) {
        table.reportIfAuthenticated(link);
        if (!link.reported) {
            // This side's part of the handshake may wait to be sent.
            table.flushLater(link);
            return;
        }
        if (messages.isEmpty()) {
            listener.accept(new Input.Alive(link.number));
        }
        for (Message message : messages) {
            Input.Got got = new Input.Got(link.number, message);
            if (message instanceof Message.Question || message instanceof Message.HashList) {
                long beganNs = clock.steadyNs();
                listener.accept(got);
                link.spend(clock.steadyNs() - beganNs);
            } else {
                listener.accept(got);
            }
        }
        link.throttle(clock.steadyMs());
    }

    /** Whether {@link #read()} ran out of its time slice before it read all links. */
    public boolean unread() {
        return !unread.isEmpty();
    }

    /**
     * Queues a message on a link; {@link #flush} sends it. If all queues together are full, a link
     * whose queue takes more than its share loses its backlog, and {@link Input.Overflowed}
     * follows; if that has no records, the link is closed.
     */
    public void send(Output.Send send) {
        LinkChannel link = table.get(send.link());
        if (link == null || link.closing()) {
            return;
        }
        Message message = send.message();
        try {
            table.flushLater(link);
            counters.add(LinkCounts.SYNC_BYTES, Wire.syncBytes(message));
            Optional<Outgoing.Dropped> dropped = link.output.add(message, clock.steadyMs());
            if (link.output.stuck()) {
                throw new IOException("the peer does not read");
            }
            if (overShare(link)) {
                Optional<Outgoing.Dropped> more = link.output.drop();
                dropped = dropped.or(() -> more);
                if (dropped.filter(Outgoing.Dropped::records).isEmpty()) {
                    counters.count(LinkCounts.TOO_MUCH_WAITS);
                    throw new IOException("its send queue is full");
                }
            }
            dropped.ifPresent(each -> later.execute(() ->
                    listener.accept(new Input.Overflowed(link.number, each.firstUnrequested()))));
        } catch (IOException e) {
            // Not at once: the state machine is in the middle of its outputs.
            later.execute(() -> table.closed(link, e.getMessage()));
        }
    }

    /** Whether all queues together are full, and that of this link takes more than its share. */
    private boolean overShare(LinkChannel link) {
        return link.output.ownBytes() >= settings.maxQueuedBytes() / table.size()
                && table.sum(each -> each.output.ownBytes()) > settings.maxQueuedBytes();
    }

    /** Sends what is queued as far as the sockets take it, and pauses or resumes reading. */
    public void flush() {
        table.pause(judgingBytes.getAsLong()
                > (table.paused() ? LOW_JUDGING_BYTES : MAX_JUDGING_BYTES));
        for (LinkChannel link : table.takeUnsent()) {
            if (link.isOpen()) {
                try {
                    link.flush(clock.steadyMs());
                    if (link.output.takeDrained()) {
                        later.execute(() -> listener.accept(new Input.Drained(link.number)));
                    }
                } catch (IOException e) {
                    table.closed(link, e.getMessage());
                }
            }
        }
    }

    /** Reports by one {@link Input.Drained} when hardly anything waits to be sent on a link. */
    public void notifyWhenDrained(Output.NotifyWhenDrained notify) {
        LinkChannel link = table.get(notify.link());
        if (link != null) {
            link.output.notifyWhenDrained();
            table.flushLater(link);
        }
    }

    /** Closes a link after what is queued on it was sent. */
    public void close(Output.Close close) {
        LinkChannel link = table.get(close.link());
        if (link != null) {
            link.beginClosing(clock.steadyMs());
            table.flushLater(link);
        }
    }

    public boolean isEmpty() {
        return table.size() == 0;
    }

    /** Bytes that wait to be sent on all links. */
    public long waitingBytes() {
        return table.sum(link -> link.output.waitingBytes());
    }

    /**
     * Closes links and dials whose time is over, and a link whose secret is not in force. Reports
     * links as alive that this node does not read: their silence is its own doing.
     */
    public void tick(long nowMs) {
        table.all().stream().filter(link -> link.reported && (table.paused() || link.throttled()))
                .toList().forEach(link -> listener.accept(new Input.Alive(link.number)));
        dialler.tick(nowMs);
        acceptor.tick(nowMs);
        for (LinkChannel link : List.copyOf(table.all())) {
            if (link.closingOverdue(nowMs)) {
                table.closed(link, "closing took too long");
            } else if (!link.reported && nowMs - link.openedMs >= PROOF_MS) {
                table.closed(link, "no proof of the secret within " + PROOF_MS / 1_000 + " s");
            } else if (link.output.stalled(nowMs)) {
                counters.count(LinkCounts.TOO_MUCH_WAITS);
                table.closed(link, "the peer reads nothing");
            } else {
                link.throttle(nowMs);
            }
        }
        // One at a time, so that a cluster whose secret changes does not fall apart.
        table.all().stream().filter(link -> link.transport.secret().filter(secret ->
                !admission.secrets().contains(secret)).isPresent()).findFirst()
                .ifPresent(link -> table.closed(link, "its secret is not in force any more"));
    }

    /** Frees the port. */
    public void closePort() {
        acceptor.close();
    }

    /** Closes all sockets at once, without reports. */
    public void closeAll() {
        table.all().forEach(LinkChannel::close);
        dialler.close();
        acceptor.close();
    }
}
