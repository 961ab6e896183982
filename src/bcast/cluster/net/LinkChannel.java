package bcast.cluster.net;

import bcast.cluster.gossip.Address;
import bcast.cluster.gossip.Message;
import bcast.data.Data;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** One TCP link, without blocking. Owned by the cluster's thread. */
final class LinkChannel {

    /** A link that is closed politely has so long to take what is queued. */
    static final long CLOSING_MS = 700;

    /** A peer that takes nothing has so long; what waits for it may have expired meanwhile. */
    static final long STUCK_MS = 30_000;

    /** Time for one peer's questions a second; a newcomer that fills needs a third of it. */
    static final long QUESTIONS_NS_A_SECOND = 300_000_000;

    /** What one question may cost of later seconds: three. */
    static final long MAX_SPENT_NS = 4 * QUESTIONS_NS_A_SECOND;

    /** With so little waiting there is room for more. */
    static final int ROOM_BYTES = 256 * 1024;

    private static final int FIRST_SENDING_BYTES = 2 * 1024;
    private static final int SENDING_BYTES = Wire.MAX_FRAME_BYTES + Wire.HEADER_BYTES;

    private final int number;
    private final InetAddress remote;
    private final Optional<Address> dialled;
    private final long openedMs;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final Transport transport;
    private final Incoming incoming = new Incoming();
    private final Outgoing outgoing = new Outgoing();
    /** Small until there is more to send than a greeting. */
    private ByteBuffer sending = ByteBuffer.allocate(FIRST_SENDING_BYTES).flip();
    private boolean reading = true;
    private long spentNs;
    private long secondMs;
    private boolean resting;
    private boolean known;
    private boolean settled;
    private boolean closing;
    private boolean outputShut;
    private boolean tellRoom;
    /** When the peer last took something, or something began to wait. */
    private long takenMs;
    private long closingUntilMs;

    /**
     * A link over an open channel.
     *
     * @param number its number
     * @param remote the other side
     * @param dialled what this node dialled; empty if the other side did
     * @param channel connected and not blocking
     * @param key its registration
     * @param secrets what proves nodes to each other, the first to be used; none for open links
     * @param random the source of randomness
     * @param nowMs the steady clock
     */
    LinkChannel(int number, InetAddress remote, Optional<Address> dialled,
            SocketChannel channel, SelectionKey key, List<Secret> secrets,
            Supplier<SecureRandom> random, long nowMs) {
        this.number = number;
        this.remote = remote;
        this.dialled = dialled;
        this.openedMs = nowMs;
        this.channel = channel;
        this.key = key;
        this.transport = secrets.isEmpty() ? new OpenTransport(channel)
                : new SecretTransport(channel, dialled.isPresent(), secrets, random.get());
    }

    /** {@return its number} */
    int number() {
        return number;
    }

    /** {@return where it leads, for logs} */
    String name() {
        return dialled.map(address -> "to " + address)
                .orElseGet(() -> "from " + remote.getHostAddress());
    }

    /** {@return the other side} */
    InetAddress remote() {
        return remote;
    }

    /** {@return what this node dialled; empty if the other side did} */
    Optional<Address> dialled() {
        return dialled;
    }

    /** {@return when it was opened, by the steady clock} */
    long openedMs() {
        return openedMs;
    }

    /** {@return whether the other side may be believed: it knows the secret, or there is none} */
    boolean proven() {
        return transport.proven();
    }

    /** {@return the secret that both sides know, if there is one} */
    Optional<Secret> secret() {
        return transport.secret();
    }

    /** {@return whether the state machine knows of it} */
    boolean known() {
        return known;
    }

    /** The state machine knows of it from now on. */
    void makeKnown() {
        known = true;
    }

    /** {@return whether this is the first call: to settle once whether it came to something} */
    boolean settle() {
        boolean first = !settled;
        settled = true;
        return first;
    }

    /** {@return whether the other side greeted} */
    boolean greeted() {
        return incoming.hasGreeted();
    }

    /** What a read brought. */
    sealed interface Read {
        /**
         * Bytes came.
         *
         * @param messages the whole messages among them
         */
        record Bytes(List<Message> messages) implements Read {}

        /** Nothing came. */
        record Nothing() implements Read {}

        /** The other side closed its end. */
        record End() implements Read {}
    }

    /**
     * Reads once, about as much as one frame may have.
     *
     * @return what came
     * @throws IOException if the link is broken
     * @throws ProtocolException if the other side does not follow the protocol
     */
    Read read() throws IOException, ProtocolException {
        Optional<Boolean> read = transport.read(incoming.buffer());
        if (read.isEmpty()) {
            return new Read.End();
        }
        if (!read.get()) {
            return new Read.Nothing();
        }
        List<Message> messages = incoming.drain();
        while (transport.more()) {
            transport.read(incoming.buffer());
            messages.addAll(incoming.drain());
        }
        return new Read.Bytes(messages);
    }

    /**
     * Queues a message.
     *
     * @param message the message
     * @param nowMs the steady clock
     * @return what was dropped, since the backlog was full
     * @throws IOException if the peer does not even take control messages
     */
    Optional<Dropped> send(Message message, long nowMs) throws IOException {
        if (!waiting()) {
            takenMs = nowMs;
        }
        Optional<Dropped> dropped = outgoing.add(message);
        if (outgoing.stuck()) {
            throw new IOException("the peer does not read");
        }
        return dropped;
    }

    /**
     * A backlog that was dropped.
     *
     * @param records whether there were records among it
     * @param news the first of those that nobody asked for
     */
    record Dropped(boolean records, Optional<Data> news) {}

    /** Somebody wants to know when hardly anything waits any more. */
    void tellRoom() {
        tellRoom = true;
    }

    /** {@return whether it is to be told now that hardly anything waits; {@code true} but once} */
    boolean tellsRoom() {
        boolean tells = tellRoom && waitingBytes() <= ROOM_BYTES;
        tellRoom &= !tells;
        return tells;
    }

    /**
     * Writes what is queued, as far as the socket takes it.
     *
     * @param nowMs the steady clock
     * @throws IOException if the link is broken
     */
    void flush(long nowMs) throws IOException {
        boolean room = true;
        while (room) {
            if (!sending.hasRemaining()) {
                if (outgoing.bytes() > sending.capacity()
                        && sending.capacity() < SENDING_BYTES) {
                    sending = ByteBuffer.allocate(SENDING_BYTES);
                }
                sending.clear();
                outgoing.fill(sending);
                sending.flip();
            }
            if (!sending.hasRemaining() && !transport.waiting()) {
                break;
            }
            int before = sending.remaining();
            room = transport.write(sending);
            if (sending.remaining() < before) {
                takenMs = nowMs;
            }
        }
        if (closing && !waiting() && !outputShut) {
            outputShut = true;
            channel.shutdownOutput();
        }
        interest();
    }

    private boolean waiting() {
        return sending.hasRemaining() || !outgoing.isEmpty() || transport.waiting();
    }

    /**
     * Adds to what the peer's questions and lists of hashes cost. One question about millions of
     * records takes seconds on a busy machine; no news comes while the link rests, so it rests for
     * a few seconds at most.
     *
     * @param ns time taken to handle one, in nanoseconds
     */
    void cost(long ns) {
        spentNs = Math.min(spentNs + ns, MAX_SPENT_NS);
    }

    /**
     * Lets a peer wait that costs more than its share of time, until the next second.
     *
     * @param nowMs the steady clock
     */
    void rest(long nowMs) {
        if (nowMs - secondMs >= 1_000) {
            secondMs = nowMs;
            spentNs = Math.max(0, spentNs - QUESTIONS_NS_A_SECOND);
        }
        boolean over = spentNs > QUESTIONS_NS_A_SECOND;
        if (over != resting && key.isValid()) {
            resting = over;
            interest();
        }
    }

    /** {@return whether the peer waits for its next share of time} */
    boolean resting() {
        return resting;
    }

    private void interest() {
        key.interestOps((reading && !resting ? SelectionKey.OP_READ : 0)
                | (waiting() ? SelectionKey.OP_WRITE : 0));
    }

    /**
     * Reads on, or lets the peer wait.
     *
     * @param on whether to read
     */
    void reading(boolean on) {
        if (reading != on && key.isValid()) {
            reading = on;
            interest();
        }
    }

    /**
     * Begins to close: sends what is queued, then closes when the other side does, at the latest
     * after {@link #CLOSING_MS}. Until then it is read, since closing with bytes unread would
     * reset the link, and with it what the other side has yet to read.
     *
     * @param nowMs the steady clock
     */
    void beginClosing(long nowMs) {
        closing = true;
        reading = true;
        closingUntilMs = nowMs + CLOSING_MS;
    }

    /** {@return whether it is being closed} */
    boolean closing() {
        return closing;
    }

    /**
     * Tells whether a link that is being closed has had its time.
     *
     * @param nowMs the steady clock
     * @return whether to close it now
     */
    boolean overdue(long nowMs) {
        return closing && nowMs - closingUntilMs >= 0;
    }

    /**
     * Tells whether the peer takes nothing of what waits for it, for so long that it holds more
     * than it is worth.
     *
     * @param nowMs the steady clock
     * @return whether to close it now
     */
    boolean stuck(long nowMs) {
        return waiting() && nowMs - takenMs >= STUCK_MS;
    }

    /** {@return memory taken by a record that has not come whole, in bytes} */
    int unfinishedBytes() {
        return incoming.unfinishedBytes();
    }

    /**
     * Drops what waits to be sent, but for control.
     *
     * @return what it was, if anything
     */
    Optional<Dropped> drop() {
        return outgoing.drop();
    }

    /** {@return memory of what waits to be sent, without the records themselves} */
    int queuedBytes() {
        return outgoing.ownBytes();
    }

    /** {@return bytes that wait to be sent} */
    int waitingBytes() {
        return outgoing.bytes() + sending.remaining();
    }

    /** Whether it was not closed yet. */
    boolean isOpen() {
        return channel.isOpen();
    }

    /** Closes at once. */
    void close() {
        key.cancel();
        Quietly.close(channel);
    }
}
