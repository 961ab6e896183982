package bcast.cluster.net;

import bcast.base.Clock;
import bcast.base.Counters;
import bcast.cluster.gossip.Address;
import bcast.cluster.gossip.NodeId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Announcements over IPv4 multicast, sent and heard on every interface that is up. Never fatal:
 * what cannot be sent or joined is counted, and tried again later. Owned by the cluster's thread.
 */
public final class Multicast {

    /** Counts announcements that could not be sent on an interface. */
    public static final String SEND_FAILED = "multicast_send_failed";
    /** Counts interfaces that could not be joined. */
    public static final String JOIN_FAILED = "multicast_join_failed";
    /** Counts datagrams that were no announcements of this protocol. */
    public static final String BROKEN = "multicast_broken";
    /**
     * Counts announcements that are not signed with this cluster's secret, or not in time, or
     * signed where there is no secret.
     */
    public static final String UNPROVEN = "multicast_unproven";

    /** Neighbours only: announcements do not pass a router. */
    private static final int TTL = 1;
    private static final int MAX_DATAGRAM_BYTES = 1_024;
    private static final int DATAGRAMS_A_TURN = 64;
    private static final int MAGIC = 0x62637374;
    private static final byte OPEN = 1;
    /** Followed by the time, and by a signature after the rest. */
    private static final byte SIGNED = 2;
    private static final int SIGNATURE_BYTES = 32;

    /**
     * An announcement.
     *
     * @param cluster name of the cluster
     * @param node who announces itself
     * @param address where it listens; an empty host stands for the datagram's source
     */
    public record Announcement(String cluster, NodeId node, Address address) {}

    /**
     * An announcement that was heard.
     *
     * @param announcement what it says, with the host filled in
     * @param source who sent it
     * @param proven whether it is signed as it has to be, and in time
     */
    public record Heard(Announcement announcement, InetAddress source, boolean proven) {}

    private final DatagramChannel channel;
    private final InetSocketAddress group;
    private final Counters counters;
    private final Clock clock;
    private final long maxSkewMs;
    private final Map<String, NetworkInterface> interfaces = new HashMap<>();
    private final Map<String, MembershipKey> joined = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(MAX_DATAGRAM_BYTES);

    /**
     * Opens the socket; several nodes of one host may share the port.
     *
     * @param group multicast address and port
     * @param counters where failures are counted
     * @param clock dates announcements
     * @param maxSkewMs signed announcements of clocks further apart are not believed
     * @throws IOException if the socket cannot be opened
     */
    public Multicast(InetSocketAddress group, Counters counters, Clock clock, long maxSkewMs)
            throws IOException {
        this.group = group;
        this.counters = counters;
        this.clock = clock;
        this.maxSkewMs = maxSkewMs;
        this.channel = DatagramChannel.open(StandardProtocolFamily.INET);
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, TTL);
            channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
            channel.bind(new InetSocketAddress(group.getPort()));
            channel.configureBlocking(false);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Registers for reading.
     *
     * @param selector the cluster's selector
     * @throws IOException if the socket is closed
     */
    public void register(Selector selector) throws IOException {
        channel.register(selector, SelectionKey.OP_READ, this);
    }

    /**
     * Joins the group on interfaces that are new and forgets those that are gone.
     *
     * @param up the interfaces that are up
     */
    public void rescan(List<NetworkInterface> up) {
        Set<String> names = new HashSet<>();
        for (NetworkInterface card : up) {
            String name = card.getName() + "#" + card.getIndex();
            names.add(name);
            interfaces.put(name, card);
            MembershipKey key = joined.get(name);
            if (key == null || !key.isValid()) {
                join(name, card);
            }
        }
        interfaces.keySet().retainAll(names);
        for (String name : Set.copyOf(joined.keySet())) {
            if (!names.contains(name)) {
                joined.remove(name).drop();
            }
        }
    }

    private void join(String name, NetworkInterface card) {
        try {
            joined.put(name, channel.join(group.getAddress(), card));
        } catch (IOException | IllegalArgumentException e) {
            // No IPv4 address on it yet, or no multicast: it is tried again at the next scan.
            counters.count(JOIN_FAILED);
        }
    }

    /**
     * Sends an announcement on every interface.
     *
     * @param announcement what to say
     * @param secret signs it, so that it cannot be made or repeated later by others
     */
    public void send(Announcement announcement, Optional<Secret> secret) {
        ByteBuffer datagram = ByteBuffer.allocate(MAX_DATAGRAM_BYTES);
        datagram.putInt(MAGIC).put(secret.isPresent() ? SIGNED : OPEN);
        if (secret.isPresent()) {
            datagram.putLong(clock.wallMs());
        }
        Wire.text(datagram, announcement.cluster());
        Wire.node(datagram, announcement.node());
        Wire.address(datagram, announcement.address());
        secret.ifPresent(each -> datagram.put(each.sign(datagram.duplicate().flip())));
        datagram.flip();
        for (NetworkInterface card : interfaces.values()) {
            try {
                channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, card);
                channel.send(datagram.duplicate(), group);
            } catch (IOException | IllegalArgumentException e) {
                counters.count(SEND_FAILED);
            }
        }
    }

    /**
     * Reads datagrams up to the first announcement.
     *
     * @param secrets one of which has to sign it; none if none may
     * @return the announcement, or empty if there is none for now
     * @throws IOException if the socket is broken
     */
    public Optional<Heard> receive(List<Secret> secrets) throws IOException {
        for (int i = 0; i < DATAGRAMS_A_TURN; i++) {
            buffer.clear();
            InetSocketAddress source = (InetSocketAddress) channel.receive(buffer);
            if (source == null) {
                return Optional.empty();
            }
            Optional<Heard> heard = heard(source, secrets);
            if (heard.isPresent()) {
                return heard;
            }
        }
        return Optional.empty();
    }

    private Optional<Heard> heard(InetSocketAddress source, List<Secret> secrets) {
        buffer.flip();
        try {
            if (buffer.getInt() != MAGIC) {
                throw new ProtocolException("not an announcement");
            }
            boolean proven = proven(buffer.get(), secrets);
            String cluster = Wire.text(buffer);
            NodeId node = Wire.node(buffer);
            Address address = Wire.address(buffer);
            return Optional.of(new Heard(new Announcement(cluster, node,
                    seen(address, source.getAddress())), source.getAddress(), proven));
        } catch (ProtocolException | java.nio.BufferUnderflowException e) {
            counters.count(BROKEN);
            return Optional.empty();
        }
    }

    /** Whether the announcement is signed as it has to be; reads up to what it says. */
    private boolean proven(byte version, List<Secret> secrets) throws ProtocolException {
        if (version != OPEN && version != SIGNED) {
            throw new ProtocolException("not an announcement of a known version");
        }
        if (version == OPEN) {
            return secrets.isEmpty();
        }
        long offMs = Math.abs(buffer.getLong() - clock.wallMs());
        int signedBytes = buffer.limit() - SIGNATURE_BYTES;
        if (signedBytes < buffer.position() || offMs < 0 || offMs > maxSkewMs) {
            return false;
        }
        byte[] signature = new byte[SIGNATURE_BYTES];
        buffer.get(signedBytes, signature);
        return secrets.stream().anyMatch(secret -> MessageDigest.isEqual(signature,
                secret.sign(buffer.duplicate().position(0).limit(signedBytes))));
    }

    private static Address seen(Address address, InetAddress source) {
        return address.host().isEmpty()
                ? new Address(source.getHostAddress(), address.port()) : address;
    }

    /** Leaves the group. */
    public void close() {
        Quietly.close(channel);
    }
}
