package bcast.cluster.net;

import bcast.base.Clock;
import bcast.base.FaultHandler;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.net.discovery.NameLookup;
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
import java.util.concurrent.Executor;

/**
 * Opens connections to peers, whose addresses may be names: those of peers in {@code -peers} are
 * looked up elsewhere, but a node may advertise a name as well. Owned by the cluster's thread.
 */
final class Dialler {

    /** Longest time for an answer. */
    private static final long CONNECT_MS = 3_000;

    /**
     * Names that peers advertise which are looked up at once. They have threads of their own, so
     * that silent name servers of peers do not delay the names that the user gave.
     */
    private static final int MAX_LOOKUPS = 2;

    /** Most names of peers that are looked up or wait for it; others are dialled again later. */
    private static final int MAX_NAMES = 64;

    /** Receives the result of each dial. */
    interface Listener {
        /** {@return whether one more socket may be opened while some dials are in progress} */
        boolean mayDial(int dials);

        /**
         * A connection is open.
         *
         * @param address what was dialled
         * @param key registered for reading
         * @throws IOException if the connection failed since
         */
        void connected(Address address, SocketChannel channel, SelectionKey key)
                throws IOException;

        void failed(Address address, String reason);
    }

    private record Dial(Address address, SocketChannel channel, long untilMs) {}

    private final Selector selector;
    private final Optional<InetAddress> bind;
    private final Clock clock;
    private final Listener listener;
    private final NameLookup lookup;
    private final Map<SocketChannel, Dial> dials = new HashMap<>();
    private boolean leaving;

    /**
     * No dial is in progress.
     *
     * @param selector is woken by keys for {@link #connected}
     * @param bind the only address to dial from, or empty for any
     * @param later runs a task on the cluster's thread
     */
    Dialler(Selector selector, Optional<InetAddress> bind, Clock clock, FaultHandler fault,
            Executor later, Listener listener) {
        this.selector = selector;
        this.bind = bind;
        this.clock = clock;
        this.listener = listener;
        this.lookup = new NameLookup("cluster-peer-lookup", MAX_LOOKUPS, MAX_NAMES, later, fault);
    }

    void dial(Address address) {
        if (address.literal()) {
            dial(address, address);
            return;
        }
        if (!lookup.ask(address.host(), found -> found(address, found))) {
            listener.failed(address, "its name or many others are being looked up");
        }
    }

    private void found(Address address, List<InetAddress> found) {
        // A name that leads to the loopback comes from a peer, which must not choose that address.
        if (found.isEmpty() || found.get(0).isLoopbackAddress()) {
            listener.failed(address, "no address is known");
        } else if (!leaving) {
            dial(address, new Address(found.get(0).getHostAddress(), address.port()));
        }
    }

    private void dial(Address address, Address literal) {
        if (!listener.mayDial(dials.size())) {
            listener.failed(address, "this node has its maximum of links");
            return;
        }
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
            // For an address of a family that is disabled in this Java it is no IOException.
            if (channel != null) {
                Sockets.closeQuietly(channel);
            }
            listener.failed(address, e.getMessage() == null ? e.toString() : e.getMessage());
            return;
        }
        dials.put(channel, new Dial(address, channel, clock.steadyMs() + CONNECT_MS));
        if (connected) {
            connected(channel, key);
        }
    }

    /** Finishes a dial whose channel is ready. */
    void connected(SocketChannel channel, SelectionKey key) {
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

    /** Gives up dials that take too long. */
    void tick(long nowMs) {
        for (Dial dial : List.copyOf(dials.values())) {
            if (nowMs - dial.untilMs() >= 0) {
                failed(dial, "no answer");
            }
        }
    }

    private void failed(Dial dial, String reason) {
        dials.remove(dial.channel());
        Sockets.closeQuietly(dial.channel());
        listener.failed(dial.address(), reason);
    }

    /** The node leaves: names that are still being looked up are not dialled any more. */
    void leave() {
        leaving = true;
    }

    /** Gives up all dials without a report. */
    void close() {
        lookup.stop();
        dials.keySet().forEach(Sockets::closeQuietly);
        dials.clear();
    }
}
