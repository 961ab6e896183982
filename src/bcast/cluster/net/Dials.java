package bcast.cluster.net;

import bcast.base.Clock;
import bcast.cluster.gossip.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Dials under way. One thread, that of the selector, owns them. */
public final class Dials {

    /** Longest time for an answer. */
    private static final long CONNECT_MS = 3_000;

    /** Told what comes of a dial. */
    public interface Listener {
        /**
         * The other side answered.
         *
         * @param address what was dialled
         * @param channel the link
         * @param key registered for reading
         * @throws IOException if the link failed since
         */
        void connected(Address address, SocketChannel channel, SelectionKey key)
                throws IOException;

        /**
         * Nothing came of it.
         *
         * @param address what was dialled
         * @param reason why
         */
        void failed(Address address, String reason);
    }

    private record Dial(Address address, SocketChannel channel, long untilMs) {}

    private final Selector selector;
    private final Optional<InetAddress> bind;
    private final Clock clock;
    private final Listener listener;
    private final Map<SocketChannel, Dial> dials = new HashMap<>();

    /**
     * No dials yet.
     *
     * @param selector wakes up with a key for connecting, for {@link #connected}
     * @param bind the only address to dial from, or empty for any
     * @param clock for the time that a dial may take
     * @param listener told what comes of dials
     */
    public Dials(Selector selector, Optional<InetAddress> bind, Clock clock, Listener listener) {
        this.selector = selector;
        this.bind = bind;
        this.clock = clock;
        this.listener = listener;
    }

    /** {@return how many dials are under way} */
    public int size() {
        return dials.size();
    }

    /**
     * Begins to dial.
     *
     * @param address what to dial, as the listener will be told
     * @param literal the same as an IP address
     */
    public void dial(Address address, Address literal) {
        SocketChannel channel = null;
        SelectionKey key;
        boolean connected;
        try {
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            if (bind.isPresent()) {
                channel.bind(new InetSocketAddress(bind.get(), 0));
            }
            key = channel.register(selector, SelectionKey.OP_CONNECT);
            InetAddress host = InetAddress.getByName(literal.host());
            connected = channel.connect(new InetSocketAddress(host, literal.port()));
        } catch (IOException | RuntimeException e) {
            // An address of a family that this Java was started without is no IOException.
            if (channel != null) {
                Quietly.close(channel);
            }
            listener.failed(address, e.getMessage() == null ? e.toString() : e.getMessage());
            return;
        }
        dials.put(channel, new Dial(address, channel, clock.steadyMs() + CONNECT_MS));
        if (connected) {
            connected(channel, key);
        }
    }

    /**
     * Ends a dial whose channel is ready.
     *
     * @param channel the channel
     * @param key its key
     */
    public void connected(SocketChannel channel, SelectionKey key) {
        Dial dial = dials.get(channel);
        try {
            channel.finishConnect();
            dials.remove(channel);
            key.interestOps(SelectionKey.OP_READ);
            listener.connected(dial.address(), channel, key);
        } catch (IOException e) {
            failed(dial, e.getMessage());
        }
    }

    /**
     * Gives up dials that take too long.
     *
     * @param nowMs the time by the steady clock
     */
    public void tick(long nowMs) {
        for (Dial dial : List.copyOf(dials.values())) {
            if (nowMs - dial.untilMs() >= 0) {
                failed(dial, "no answer");
            }
        }
    }

    private void failed(Dial dial, String reason) {
        dials.remove(dial.channel());
        Quietly.close(dial.channel());
        listener.failed(dial.address(), reason);
    }

    /** Gives up all dials; the listener is told nothing. */
    public void close() {
        dials.keySet().forEach(Quietly::close);
        dials.clear();
    }
}
