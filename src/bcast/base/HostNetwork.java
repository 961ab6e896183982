package bcast.base;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Groups addresses for limits: a host on an IPv6 network can use any of the 2<sup>64</sup>
 * addresses in its /64 (RFC 4291, section 2.5.4), so a limit by single address would not limit it.
 */
public final class HostNetwork {

    private static final int IPV6_NETWORK_BYTES = 8;

    private HostNetwork() {}

    /**
     * Returns the address under which a limit counts another. Safe for use by any thread.
     *
     * @param address an address of a host
     * @return an address of IPv4 as it is; of IPv6 its /64, which is the address with its lower 64
     *     bits zero
     */
    public static InetAddress of(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address;
        }
        byte[] bytes = address.getAddress();
        Arrays.fill(bytes, IPV6_NETWORK_BYTES, bytes.length, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of a wrong length", e);
        }
    }

    /**
     * Formats the address under which a limit counts another. Safe for use by any thread.
     *
     * @param address an address of a host
     * @return IPv4 as it is; the network of IPv6 as {@code 2001:db8:0:0::/64}
     */
    public static String written(InetAddress address) {
        String whole = of(address).getHostAddress();
        if (!(address instanceof Inet6Address)) {
            return whole;
        }
        String[] groups = whole.split(":");
        return String.join(":", Arrays.copyOf(groups, groups.length / 2)) + "::/64";
    }
}
