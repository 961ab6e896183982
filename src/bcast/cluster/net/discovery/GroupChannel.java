package bcast.cluster.net.discovery;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * One socket of a multicast group. Memberships are added and never dropped; the socket is closed
 * instead. When an interface was deleted and created again, the JDK takes it for the old one and
 * fails to drop the membership.
 *
 * <p>Every fault is an {@link IOException}, also where the JDK throws a RuntimeException or wraps
 * an I/O error in an Error: a node can go on without this socket.
 */
final class GroupChannel {

    private interface Call<T> {
        T run() throws IOException;
    }

    private final DatagramChannel channel;

    private GroupChannel(DatagramChannel channel) {
        this.channel = channel;
    }

    /** Opens a socket on a port that several nodes of one host may share. */
    static GroupChannel open(StandardProtocolFamily family, int port, Selector selector)
            throws IOException {
        GroupChannel group = new GroupChannel(call(() -> DatagramChannel.open(family)));
        try {
            call(() -> group.channel.setOption(StandardSocketOptions.SO_REUSEADDR, true)
                    // Announcements do not pass a router.
                    .setOption(StandardSocketOptions.IP_MULTICAST_TTL, 1)
                    .setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true)
                    .bind(new InetSocketAddress(port))
                    .configureBlocking(false)
                    .register(selector, SelectionKey.OP_READ, group));
        } catch (IOException e) {
            group.close();
            throw e;
        }
        return group;
    }

    void join(InetAddress group, NetworkInterface on) throws IOException {
        call(() -> channel.join(group, on));
    }

    void send(ByteBuffer datagram, InetSocketAddress group, NetworkInterface on)
            throws IOException {
        call(() -> channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, on)
                .send(datagram, group));
    }

    /** Returns the sender of a datagram, or null if there is none. */
    InetSocketAddress receive(ByteBuffer to) throws IOException {
        return (InetSocketAddress) call(() -> channel.receive(to));
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            assert !channel.isOpen() : "a channel is closed even if closing it fails";
        }
    }

    private static <T> T call(Call<T> call) throws IOException {
        try {
            return call.run();
        } catch (VirtualMachineError | LinkageError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw new IOException(e.toString(), e);
        }
    }
}
