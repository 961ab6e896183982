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
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/** One TCP link; no method blocks. Owned by the cluster's thread. */
final class LinkChannel {

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
    /** Messages that wait to be sent; {@link #flush} sends them. */
    final Outgoing output;
    final TimeShare timeShare = new TimeShare();
    private final SocketChannel channel;
    private final SelectionKey key;
    private final Transport transport;
    private final Incoming input = new Incoming();
    private boolean readingAllowed = true;
    private boolean throttled;
    private boolean reported;
    private boolean outcomeCounted;
    private boolean closing;
    private boolean outputShut;
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
        this.output = new Outgoing(transport);
    }

    /** Where it leads, for logs. */
    String name() {
        return dialled.map(address -> "to " + address)
                .orElseGet(() -> "from " + remote.getHostAddress());
    }

    /** Whether the other side has proved that it has the secret, if there is one. */
    boolean authenticated() {
        return transport.authenticated();
    }

    /** The secret that both sides have; empty in an open cluster. */
    Optional<Secret> secret() {
        return transport.secret();
    }

    /** Whether the other side has greeted. */
    boolean greeted() {
        return input.hasGreeted();
    }

    /** Whether the link was reported to the state machine. */
    boolean reported() {
        return reported;
    }

    void markReported() {
        reported = true;
    }

    /** True on the first call only, so that a link's success or failure is counted once. */
    boolean countOutcome() {
        boolean first = !outcomeCounted;
        outcomeCounted = true;
        return first;
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

    /** Memory of a record of which only a part has arrived, in bytes. */
    int unfinishedBytes() {
        return input.unfinishedBytes();
    }

    /** Stops reading a peer that exceeded its {@link TimeShare}, until that is paid for. */
    void throttle(long nowMs) {
        boolean exceeded = timeShare.exceeded(nowMs);
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
        key.interestOps((readingAllowed && !throttled ? SelectionKey.OP_READ : 0)
                | (output.isEmpty() ? 0 : SelectionKey.OP_WRITE));
    }

    /** Sends what is queued, as far as the socket takes it. */
    void flush(long nowMs) throws IOException {
        output.flush(nowMs);
        if (closing && output.isEmpty() && !outputShut) {
            outputShut = true;
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
        Sockets.closeQuietly(channel);
    }
}
