package bcast.http;

import bcast.http.server.IpLiteral;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;

/** IP networks in CIDR notation (RFC 4632, RFC 4291). Immutable. */
public final class Networks {

    /** Most networks in a list: each request of a proxy may be compared with all of them. */
    public static final int MAX_NETWORKS = 64;

    /** Addresses of a length whose first bits are the same. */
    private record Network(BigInteger prefix, int bits, int length) {

        boolean contains(BigInteger address, int itsLength) {
            return itsLength == length && address.shiftRight(length - bits).equals(prefix);
        }
    }

    private final List<Network> networks;

    private Networks(List<Network> networks) {
        this.networks = networks;
    }

    /**
     * Reads networks.
     *
     * @param list addresses, each with the number of bits of its prefix after a slash, or alone
     * @return the networks
     * @throws IllegalArgumentException if one of them is anything else, has bits behind its prefix,
     *     or there are more than {@link #MAX_NETWORKS}
     */
    public static Networks of(List<String> list) {
        if (list.size() > MAX_NETWORKS) {
            throw new IllegalArgumentException(list.size() + " networks, the limit is "
                    + MAX_NETWORKS);
        }
        return new Networks(list.stream().map(Networks::network).toList());
    }

    private static Network network(String text) {
        int slash = text.indexOf('/');
        byte[] bytes = IpLiteral.parse(slash < 0 ? text : text.substring(0, slash))
                .orElseThrow(() -> new IllegalArgumentException("\"" + text
                        + "\" is not an IP address or ADDRESS/BITS, such as 10.0.0.0/8 or "
                        + "fd00::/8"))
                .getAddress();
        BigInteger address = new BigInteger(1, bytes);
        int length = 8 * bytes.length;
        if (slash < 0) {
            return new Network(address, length, length);
        }
        String bits = text.substring(slash + 1);
        if (!bits.matches("\\d{1,3}") || Integer.parseInt(bits) > length) {
            throw new IllegalArgumentException("\"" + text + "\": \"" + bits
                    + "\" is not a number of bits in 0.." + length);
        }
        int rest = length - Integer.parseInt(bits);
        BigInteger prefix = address.shiftRight(rest);
        if (!prefix.shiftLeft(rest).equals(address)) {
            throw new IllegalArgumentException("\"" + text + "\" has bits after the first " + bits
                    + "; for one host leave out /" + bits);
        }
        return new Network(prefix, length - rest, length);
    }

    /**
     * {@return whether an address is in one of the networks}
     *
     * @param address any address; the zone of IPv6 is ignored
     */
    public boolean contain(InetAddress address) {
        byte[] bytes = address.getAddress();
        BigInteger number = new BigInteger(1, bytes);
        return networks.stream().anyMatch(each -> each.contains(number, 8 * bytes.length));
    }
}
