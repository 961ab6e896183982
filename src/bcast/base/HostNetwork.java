package bcast.base;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Groups addresses for limits: a host can use any of the 2<sup>64</sup> addresses in its /64 of
 * IPv6 (RFC 4291, section 2.5.4).
 */
public final class HostNetwork {

    private static final int IPV6_NETWORK_BYTES = 8;

    private HostNetwork() {}

    /**
     * {@return the address under which a limit counts another: of IPv6 its /64, with the lower 64
     * bits zero}
     *
     * @param address an address of a host
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
     * {@return the address under which a limit counts another; of IPv6 as {@code
     * 2001:db8:0:0::/64}}
     *
     * @param address an address of a host
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
