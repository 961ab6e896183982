package bcast.cluster.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The network interfaces of this host as they were at one moment. Immutable.
 *
 * @param multicast those on which multicast is tried
 * @param subnets the addresses of this host with their prefixes
 */
public record Interfaces(List<NetworkInterface> multicast, List<Subnet> subnets) {

    /** Nothing known yet: only loopback is near. */
    public static final Interfaces NONE = new Interfaces(List.of(), List.of());

    /**
     * An address of this host and the network it is in.
     *
     * @param address the address
     * @param prefixBits length of the network's prefix
     */
    public record Subnet(InetAddress address, int prefixBits) {

        boolean contains(InetAddress other) {
            byte[] a = address.getAddress();
            byte[] b = other.getAddress();
            if (a.length != b.length) {
                return false;
            }
            for (int bit = 0; bit < prefixBits; bit++) {
                int mask = 0x80 >> bit % 8;
                if ((a[bit / 8] & mask) != (b[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Looks at the interfaces that are up. May take a while on some systems.
     *
     * @param bind if given, only the interface that has this address
     * @return what is there
     */
    public static Interfaces scan(Optional<InetAddress> bind) {
        List<NetworkInterface> multicast = new ArrayList<>();
        List<Subnet> subnets = new ArrayList<>();
        try {
            for (NetworkInterface card : NetworkInterface.networkInterfaces().toList()) {
                boolean chosen = bind.isEmpty()
                        || card.inetAddresses().anyMatch(bind.get()::equals);
                if (!chosen || !card.isUp()) {
                    continue;
                }
                // On Linux the loopback carries multicast although it says that it does not.
                if (card.supportsMulticast() || card.isLoopback()) {
                    multicast.add(card);
                }
                for (InterfaceAddress address : card.getInterfaceAddresses()) {
                    subnets.add(new Subnet(address.getAddress(),
                            address.getNetworkPrefixLength()));
                }
            }
        } catch (SocketException e) {
            // An interface went away while we looked; the next scan is a few seconds away.
            return new Interfaces(List.copyOf(multicast), List.copyOf(subnets));
        }
        return new Interfaces(List.copyOf(multicast), List.copyOf(subnets));
    }

    /**
     * Tells whom a node without a secret listens to: this host, and private or link-local
     * neighbours on its own networks.
     *
     * @param other an address
     * @return whether it is near
     */
    public boolean near(InetAddress other) {
        if (other.isLoopbackAddress()) {
            return true;
        }
        boolean local = other.isSiteLocalAddress() || other.isLinkLocalAddress()
                || uniqueLocal(other);
        for (Subnet subnet : subnets) {
            if (subnet.address().equals(other) || local && subnet.contains(other)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Tells addresses of this host from those of others.
     *
     * @param address an address
     * @return whether it is one of this host
     */
    public boolean own(InetAddress address) {
        return address.isLoopbackAddress()
                || subnets.stream().anyMatch(subnet -> subnet.address().equals(address));
    }

    /** RFC 4193. */
    private static boolean uniqueLocal(InetAddress address) {
        return address instanceof Inet6Address && (address.getAddress()[0] & 0xfe) == 0xfc;
    }
}
