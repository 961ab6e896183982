package bcast.cluster.net;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.net.secret.ProtocolException;
import bcast.cluster.net.secret.Secret;
import bcast.cluster.net.secret.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/** One TCP link; no method blocks. Owned by the cluster's thread. */
final class LinkChannel {

    /**
     * The cluster's thread's time that one peer's requests may take in each second; a new node that
     * fetches all records needs a third. A request that exceeds it is paid for by the next seconds.
     */
    static final long REQUESTS_NS = 300_000_000;

    /**
     * Most time that is paid for. One request about millions of records takes seconds on a busy
     * machine; no record arrives from a peer that has to wait, so it waits three seconds at most.
     */
    static final long MAX_SPENT_NS = 4 * REQUESTS_NS;

    /** Time for the peer to take what is queued on a link that is being closed. */
    static final long CLOSING_MS = 700;

    private static final ByteBuffer NEEDS_SECRET =
            Wire.frame(new LinkMessage.Refuse("links here need the cluster's secret"));

    final int number;
    final InetAddress remote;
    /** What this node dialled; empty if the other side did. */
    final Optional<Address> dialled;
    /** By the steady clock. */
    final long openedMs;
    final Transport transport;
    final Incoming input = new Incoming();
    final Outgoing output;
    /** Whether the link was reported to the state machine. */
    boolean reported;
    private final SocketChannel channel;
    private final SelectionKey key;
    private boolean readingAllowed = true;
    private boolean throttled;
    private long spentNs;
    private long secondMs;
    private boolean closing;
    private long closingUntilMs;

    /**
     * A link over an open connection.
     *
     * @param channel connected and not blocking
     * @param secrets those accepted on this link, the first to be used; none for an open cluster
     */
    LinkChannel(int number, InetAddress remote, Optional<Address> dialled,
            SocketChannel channel, SelectionKey key, List<Secret> secrets,
            SecureRandom random, long nowMs) {
        this.number = number;
        this.remote = remote;
        this.dialled = dialled;
        this.openedMs = nowMs;
        this.channel = channel;
        this.key = key;
        this.transport = Transport.of(channel, dialled.isPresent(), secrets, random,
                NEEDS_SECRET.duplicate());
        this.output = new Outgoing(transport, nowMs);
    }

    /** Where it leads, for logs. */
    String name() {
        return dialled.map(address -> "to " + address)
                .orElseGet(() -> "from " + remote.getHostAddress());
    }

    /** Whether the other side has greeted. */
    boolean greeted() {
        return input.hasGreeted();
    }

    // ---- reading

    /**
     * Reads from the socket once, at most about one frame. Returns the messages that became whole
     * by it; empty if nothing arrived.
     */
    Optional<List<Message>> read() throws IOException, ProtocolException {
        if (!transport.read(input.buffer())) {
            return Optional.empty();
        }
        List<Message> messages = input.drain();
        while (transport.more()) {
            transport.read(input.buffer());
            messages.addAll(input.drain());
        }
        return Optional.of(messages);
    }

    /** Adds the time that a request of the peer took. */
    void spend(long ns) {
        spentNs = Math.min(spentNs + ns, MAX_SPENT_NS);
    }

    /**
     * Stops reading a peer whose requests took more than {@link #REQUESTS_NS}, until that is paid
     * for. To be called at least once a second meanwhile.
     */
    void throttle(long nowMs) {
        if (nowMs - secondMs >= 1_000) {
            secondMs = nowMs;
            spentNs = Math.max(0, spentNs - REQUESTS_NS);
        }
        boolean exceeded = spentNs > REQUESTS_NS;
        if (exceeded != throttled && key.isValid()) {
            throttled = exceeded;
            updateInterest();
        }
    }

    boolean throttled() {
        return throttled;
    }

    /** Reads the link from now on, or stops reading it. */
    void allowReading(boolean allowed) {
        if (readingAllowed != allowed && key.isValid()) {
            readingAllowed = allowed;
            updateInterest();
        }
    }

    private void updateInterest() {
        key.interestOps((closing || readingAllowed && !throttled ? SelectionKey.OP_READ : 0)
                | (output.isEmpty() ? 0 : SelectionKey.OP_WRITE));
    }

    /** Sends what is queued, as far as the socket takes it. */
    void flush(long nowMs) throws IOException {
        output.flush(nowMs);
        if (closing && output.isEmpty()) {
            channel.shutdownOutput();
        }
        updateInterest();
    }

    // ---- closing

    /**
     * Begins to close: sends what is queued, then closes when the other side does, at the latest
     * after {@link #CLOSING_MS}. Until then it is read, since closing with bytes unread would
     * reset the connection, and the other side would lose what it has yet to read.
     */
    void beginClosing(long nowMs) {
        closing = true;
        readingAllowed = true;
        closingUntilMs = nowMs + CLOSING_MS;
    }

    boolean closing() {
        return closing;
    }

    boolean closingOverdue(long nowMs) {
        return closing && nowMs - closingUntilMs >= 0;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /** Closes at once. */
    void close() {
        key.cancel();
        closeQuietly(channel);
    }

    /** Closes a socket that is not needed any more, even if the system reports a fault. */
    static void closeQuietly(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            assert !channel.isOpen() : "a channel is closed even if closing it fails";
        }
    }
}
