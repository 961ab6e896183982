package bcast.cluster.net;

import bcast.base.Context;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
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
import java.util.function.Consumer;

/**
 * Opens connections to peers, whose addresses may be names: those of peers in {@code -peers} are
 * looked up elsewhere, but a node may advertise a name as well.
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

    private record Dial(Address address, SocketChannel channel, long untilMs) {}

    private final Links.Settings settings;
    private final Selector selector;
    private final LinkTable table;
    private final Consumer<Input> listener;
    private final Context context;
    private final NameLookup lookup;
    private final Map<SocketChannel, Dial> dials = new HashMap<>();

    Dialler(Links.Settings settings, Selector selector, LinkTable table,
            Consumer<Input> listener, Executor later, Context context) {
        this.settings = settings;
        this.selector = selector;
        this.table = table;
        this.listener = listener;
        this.context = context;
        this.lookup = new NameLookup("cluster-peer-lookup", MAX_LOOKUPS, MAX_NAMES,
                later, context.fault());
    }

    void dial(Address address) {
        if (address.literal()) {
            dial(address, address.host());
        } else if (!lookup.ask(address.host(), found -> found(address, found))) {
            failed(address, "the lookup of its name waits for earlier lookups");
        }
    }

    private void found(Address address, List<InetAddress> found) {
        // A name that leads to the loopback comes from a peer, which must not choose that address.
        if (found.isEmpty() || found.get(0).isLoopbackAddress()) {
            failed(address, "no address is known");
        } else {
            dial(address, found.get(0).getHostAddress());
        }
    }

    private void dial(Address address, String literal) {
        if (table.size() + dials.size() >= settings.maxSockets()) {
            failed(address, "this node has its maximum of links");
            return;
        }
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            if (settings.bind().isPresent()) {
                channel.bind(new InetSocketAddress(settings.bind().get(), 0));
            }
            channel.register(selector, SelectionKey.OP_CONNECT);
            channel.connect(new InetSocketAddress(InetAddress.getByName(literal),
                    address.port()));
        } catch (IOException | RuntimeException e) {
            // For an address of a family that is disabled in this Java it is no IOException.
            if (channel != null) {
                LinkChannel.closeQuietly(channel);
            }
            failed(address, e.getMessage() == null ? e.toString() : e.getMessage());
            return;
        }
        dials.put(channel, new Dial(address, channel, context.clock().steadyMs() + CONNECT_MS));
        if (channel.isConnected()) {
            connected(channel.keyFor(selector));
        }
    }

    /** Finishes a dial whose channel is ready. */
    void connected(SelectionKey key) {
        Dial dial = dials.get(key.channel());
        try {
            dial.channel().finishConnect();
            dials.remove(dial.channel());
            key.interestOps(SelectionKey.OP_READ);
            table.open(dial.channel(), key, Optional.of(dial.address()));
        } catch (IOException e) {
            failed(dial, e.getMessage());
        }
    }

    private void failed(Address address, String reason) {
        listener.accept(new Input.DialFailed(address, reason));
    }

    /** Gives up dials that take too long. */
    void tick(long nowMs) {
        for (Dial dial : List.copyOf(dials.values())) {
            if (nowMs - dial.untilMs() >= 0) {
                failed(dial, "no response");
            }
        }
    }

    private void failed(Dial dial, String reason) {
        dials.remove(dial.channel());
        LinkChannel.closeQuietly(dial.channel());
        failed(dial.address(), reason);
    }

    /** Gives up all dials without a report. */
    void close() {
        lookup.stop();
        dials.keySet().forEach(LinkChannel::closeQuietly);
        dials.clear();
    }
}
