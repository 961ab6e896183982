package bcast.cluster.net.discovery;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The network interfaces of this host as they were at one moment. Immutable.
 *
 * @param multicast where multicast groups can be joined, in the order of the interfaces' indexes
 */
public record Interfaces(List<MulticastInterface> multicast, List<Subnet> subnets) {

    /** No interface is known: only loopback addresses are private. */
    static final Interfaces NONE = new Interfaces(List.of(), List.of());

    /** An address of this host and the length of its network's prefix. */
    public record Subnet(InetAddress address, int prefixBits) {

        boolean contains(InetAddress other) {
            byte[] a = address.getAddress();
            byte[] b = other.getAddress();
            return a.length == b.length && sameZone(address, other)
                    && new BigInteger(1, a).xor(new BigInteger(1, b))
                    .bitLength() <= 8 * a.length - prefixBits;
        }
    }

    /**
     * Lists the interfaces that are up, which takes some systems seconds: if {@code bind} is given,
     * only the one that has this address, and for multicast only its family.
     */
    static Interfaces scan(Optional<InetAddress> bind) throws SocketException {
        List<MulticastInterface> multicast = new ArrayList<>();
        List<Subnet> subnets = new ArrayList<>();
        List<NetworkInterface> nics = NetworkInterface.networkInterfaces()
                .sorted(Comparator.comparing(NetworkInterface::getIndex)).toList();
        for (NetworkInterface nic : nics) {
            if (bind.isPresent() && nic.inetAddresses().noneMatch(address ->
                    address.equals(bind.get()) && sameZone(address, bind.get()))) {
                continue;
            }
            try {
                if (nic.isUp()) {
                    addMulticast(nic, bind, multicast);
                    nic.getInterfaceAddresses().forEach(address -> subnets.add(
                            new Subnet(address.getAddress(), address.getNetworkPrefixLength())));
                }
            } catch (SocketException e) {
                // It was removed meanwhile, so it is not up any more.
                continue;
            }
        }
        return new Interfaces(List.copyOf(multicast), List.copyOf(subnets));
    }

    private static void addMulticast(NetworkInterface nic, Optional<InetAddress> bind,
            List<MulticastInterface> to) throws SocketException {
        // On Linux the loopback carries IPv4 multicast although the flag is off, and no IPv6
        // multicast: a node bound to ::1 is found by IPv4.
        boolean loopback = nic.isLoopback();
        boolean carries = nic.supportsMulticast();
        if ((carries || loopback) && nic.inetAddresses().anyMatch(Inet4Address.class::isInstance)
                && (loopback || bind.filter(Inet6Address.class::isInstance).isEmpty())) {
            to.add(new MulticastInterface(nic, nic.getIndex(), false, loopback));
        }
        if (carries && !loopback && nic.inetAddresses().anyMatch(Interfaces::linkLocal)
                && bind.filter(Inet4Address.class::isInstance).isEmpty()) {
            to.add(new MulticastInterface(nic, nic.getIndex(), true, false));
        }
    }

    /**
     * Whether an address is one of this host, or a private or link-local one on a network of this
     * host. A node without a secret accepts links only from these.
     */
    boolean onPrivateNetwork(InetAddress other) {
        if (other.isLoopbackAddress()) {
            return true;
        }
        boolean local = other.isSiteLocalAddress() || other.isLinkLocalAddress()
                || uniqueLocal(other);
        return subnets.stream().anyMatch(subnet -> local && subnet.contains(other)
                || subnet.address().equals(other) && sameZone(subnet.address(), other));
    }

    boolean own(InetAddress address) {
        return address.isLoopbackAddress()
                || subnets.stream().anyMatch(subnet -> subnet.address().equals(address));
    }

    /**
     * Writes an address so that it can be dialled. The zone of a link-local address of IPv6 is
     * given as the name of its interface (RFC 4007), which outlives the index.
     */
    public String literal(InetAddress address) {
        String literal = address.getHostAddress();
        if (!linkLocal(address)) {
            return literal;
        }
        int zone = ((Inet6Address) address).getScopeId();
        for (Subnet subnet : subnets) {
            if (zone != 0 && subnet.address() instanceof Inet6Address own
                    && own.getScopedInterface() != null && own.getScopeId() == zone) {
                return literal.replaceFirst("%.*", "") + "%" + own.getScopedInterface().getName();
            }
        }
        return literal;
    }

    private static boolean linkLocal(InetAddress address) {
        return address instanceof Inet6Address && address.isLinkLocalAddress();
    }

    /** Whether two addresses may be on one link: equal zones, or one without a zone. */
    private static boolean sameZone(InetAddress one, InetAddress other) {
        if (!linkLocal(one) || !linkLocal(other)) {
            return true;
        }
        int a = ((Inet6Address) one).getScopeId();
        int b = ((Inet6Address) other).getScopeId();
        return a == b || a == 0 || b == 0;
    }

    /** RFC 4193. */
    private static boolean uniqueLocal(InetAddress address) {
        return address instanceof Inet6Address && (address.getAddress()[0] & 0xfe) == 0xfc;
    }
}
